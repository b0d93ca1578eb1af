"""What people and administrators do about two-step sign-in.

Each writes its audit entry and the email to the person in the transaction of the change. No key and
no code is in either.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from dashboard.people import rules, sessions
from dashboard.second_factor import devices
from dashboard.second_factor.devices import CodeKind
from operations import audit
from operations.audit import AuditAction, Origin
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.staff.account import AccountChange, queue_account_email


def turn_on(user: User, code: str, *, keep: str | None) -> list[str]:
    """Turn it on, end the person's other sessions, and return the recovery codes.

    `keep` is the key of the session that stays.

    Raises:
        InvalidInputError: if the code is not the app's.
    """
    with transaction.atomic():
        if not devices.confirm(user, code):
            raise InvalidInputError("code", wrong_code())
        codes = devices.new_recovery_codes(user)
        sessions.delete_sessions(user, keep=keep)
        audit.record(AuditAction.SECOND_FACTOR_ON, target=user.get_username())
        _tell(user, AccountChange.SECOND_FACTOR_ON)
    return codes


def renew_recovery_codes(user: User, code: str) -> list[str]:
    """Replace all recovery codes and return the new ones.

    Raises:
        InvalidInputError: if the code is neither the app's nor a recovery code.
    """
    with transaction.atomic():
        _require_code(user, code)
        codes = devices.new_recovery_codes(user)
        audit.record(AuditAction.RECOVERY_CODES_RENEWED, target=user.get_username())
        _tell(user, AccountChange.RECOVERY_CODES_RENEWED)
    return codes


def turn_off(user: User, code: str) -> None:
    """Turn it off.

    Raises:
        InvalidInputError: if the code is neither the app's nor a recovery code.
    """
    with transaction.atomic():
        _require_code(user, code)
        devices.remove(user)
        audit.record(AuditAction.SECOND_FACTOR_OFF, target=user.get_username())
        _tell(user, AccountChange.SECOND_FACTOR_OFF)


def use_code(user: User, code: str, origin: Origin) -> CodeKind | None:
    """Use up a code to sign in; None if it is none. A recovery code is told the person, as somebody
    else may have found it.
    """
    with transaction.atomic():
        kind = devices.use_code(user, code)
        if kind is CodeKind.RECOVERY:
            audit.record(AuditAction.RECOVERY_CODE_USED, target=user.get_username(), origin=origin)
            _tell(user, AccountChange.RECOVERY_CODE_USED)
    return kind


def reset(manager: User, person: User) -> None:
    """Turn it off for somebody who lost their phone, and sign them out everywhere.

    Raises:
        WrongStateError: if the person may do more than the manager, is the manager, or has none.
    """
    rules.require_manageable(manager, person)
    if manager.pk == person.pk:
        raise WrongStateError(_("Turn off your own two-step sign-in on your profile."))
    if not reset_by(manager.get_username(), person):
        raise WrongStateError(_("This person doesn't use two-step sign-in."))


def reset_by(actor: str, person: User) -> bool:
    """The same for a command: it asks for no permission. False if the person has none."""
    language = sessions.language_of(person)
    with transaction.atomic():
        if not devices.remove(person):
            return False
        sessions.delete_sessions(person)
        audit.record(AuditAction.SECOND_FACTOR_RESET, target=person.get_username())
        queue_account_email(person, AccountChange.SECOND_FACTOR_RESET, language=language, by=actor)
    return True


def wrong_code() -> str:
    return _("This code isn't right, or was used already. Enter the current one.")


def _require_code(user: User, code: str) -> CodeKind:
    kind = devices.use_code(user, code)
    if kind is None:
        raise InvalidInputError("code", wrong_code())
    return kind


def _tell(user: User, change: AccountChange) -> None:
    """The person uses the page now, so its language is theirs."""
    language = translation.get_language() or ""
    queue_account_email(user, change, language=language, by=user.get_username())
