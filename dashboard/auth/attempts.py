"""How often somebody may try to sign in, to enter a code, and to give their own password."""

import hashlib
import unicodedata
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import ngettext

from operations import rate_limit
from operations.audit import AuditAction
from operations.audit.models import AuditEntry

# Each with its attempts, and in how many minutes. The first stops guessing at one account from one
# address, the second at many accounts from one address. A successful attempt does not count against
# its user.
PER_USER = ("sign-in-user", 5, 1)
PER_ADDRESS = ("sign-in-address", 20, 1)
# This one slows guessing at one account from many addresses. An address from which the person
# signed in before is exempt, so that nobody can lock a colleague out of their usual place.
# Elsewhere it ends at most this many minutes after the last guess, and a password link works
# meanwhile.
PER_ACCOUNT = ("sign-in-account", 20, 15)
KNOWN_FOR = timedelta(days=60)
# With the second limit, who knows a password finds one of a
# million codes, of which three are right at a time, with 0.15 % in a day.
CODE = ("sign-in-code", 5, 1)
CODE_SLOW = ("sign-in-code-slow", 20, 60)
# Who found a browser that is signed in must not find the password as well.
PASSWORD = ("own-password", 5, 1)
TOO_MANY = "too_many"


def record_sign_in(username: str, address: str) -> int | None:
    """Count an attempt with a password; return the seconds to wait if there were too many."""
    waits = [_record(*PER_USER, _both(username, address)), record_address(address)]
    if not _signed_in_before(username, address):
        waits.append(_record(*PER_ACCOUNT, _digest(_folded(username))))
    return _longest(waits)


def reset_sign_in(username: str, address: str) -> None:
    """The password was right. The other counts stay: an attacker may have an account as well."""
    name, count, minutes = PER_USER
    rate_limit.reset_attempts(name, _both(username, address), count, minutes)


def record_address(address: str) -> int | None:
    """Count an attempt to sign in from this address, at whichever step."""
    return _record(*PER_ADDRESS, address)


def record_code(user: User) -> int | None:
    """Count an attempt; return the seconds to wait if there were too many."""
    return _longest([_record(*limit, _key(user)) for limit in (CODE, CODE_SLOW)])


def reset_codes(user: User) -> None:
    for name, count, minutes in (CODE, CODE_SLOW):
        rate_limit.reset_attempts(name, _key(user), count, minutes)


def record_password(user: User) -> int | None:
    """Count an attempt; return the seconds to wait if there were too many."""
    return _record(*PASSWORD, str(user.pk))


def reset_password(user: User) -> None:
    name, count, minutes = PASSWORD
    rate_limit.reset_attempts(name, str(user.pk), count, minutes)


def too_many(wait: int) -> ValidationError:
    """The error of a field that may be tried again in `wait` seconds."""
    text = ngettext(
        "Too many attempts. Try again in %(wait)s second.",
        "Too many attempts. Try again in %(wait)s seconds.",
        wait,
    )
    return ValidationError(text, code=TOO_MANY, params={"wait": wait})


def _key(user: User) -> str:
    """With a new password the count begins anew: so the owner gets in while somebody, who knew the
    old one, is guessing.
    """
    return _digest(f"{user.pk} {user.get_session_auth_hash()}")


def _record(name: str, count: int, minutes: int, key: str) -> int | None:
    return rate_limit.record_attempt(name, key, count, minutes)


def _longest(waits: list[int | None]) -> int | None:
    return max((wait for wait in waits if wait), default=None)


def _both(username: str, address: str) -> str:
    return _digest(f"{address} {_folded(username)}")


def _folded(username: str) -> str:
    """Other spellings of the same user name count as one."""
    return _normalized(username).casefold()


def _normalized(username: str) -> str:
    """As Django's form does: other Unicode forms of the same letters are the same user."""
    return unicodedata.normalize("NFKC", username).strip()


def _digest(text: str) -> str:
    """A user name may have any characters and length, a Redis key should not."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _signed_in_before(username: str, address: str) -> bool:
    """The audit log has it: this person signed in from this address, not long ago."""
    name = _normalized(username).replace("\0", "")[:150]
    return AuditEntry.objects.filter(
        actor=name,
        what=AuditAction.SIGNED_IN.value,
        address=address,
        at__gt=timezone.now() - KNOWN_FOR,
    ).exists()
