"""Who holds a live interview: accounts of this platform, or anybody's email address."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from interviews.schemas.validators import validate_email_address
from operations.exceptions import InvalidInputError


def addresses_of(names: Sequence[str], candidate_email: str | None) -> list[str]:
    """Return the email addresses, each once; a name without "@" is the user name of an account.

    `candidate_email` is the candidate's address, which would get two entries of one meeting: it was
    typed into the wrong field.

    Raises:
        InvalidInputError: if there is no such active account, if it has no valid address, or if an
            address is the candidate's.
    """
    found: dict[str, str] = {}
    for name in names:
        address = name if "@" in name else _address_of_account(name)
        found.setdefault(address.casefold(), address)
    if candidate_email is not None and (same := found.get(candidate_email.casefold())):
        raise InvalidInputError(
            "interviewers", _("%(address)s is the candidate's address.") % {"address": same}
        )
    return list(found.values())


def _address_of_account(username: str) -> str:
    users = get_user_model()._default_manager
    user = users.filter(username=username, is_active=True).first()
    if user is None:
        raise InvalidInputError(
            "interviewers", _("There is no active account “%(name)s”.") % {"name": username}
        )
    try:
        return validate_email_address(str(getattr(user, "email", "") or ""))
    except ValueError:
        message = _("The account “%(name)s” has no email address. Enter the address instead.") % {
            "name": username
        }
        raise InvalidInputError("interviewers", message) from None
