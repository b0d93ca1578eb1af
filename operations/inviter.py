"""Who invited a candidate, as candidates may know them."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model

from interviews.models import Interview


@dataclass(frozen=True)
class Inviter:
    """The name and e-mail address of a member of staff; "" for what is not known."""

    name: str = ""
    email: str = ""


def inviter_of(interview: Interview) -> Inviter:
    """Return who created the interview.

    Nothing is known of an API token and of somebody who has no account here any more. A user name
    is for signing in, so it is no name for candidates.
    """
    if not interview.created_by:
        return Inviter()
    users = get_user_model()._default_manager
    user = users.filter(username=interview.created_by, is_active=True).first()
    if user is None:
        return Inviter()
    return Inviter(
        " ".join(str(user.get_full_name()).split()), " ".join(str(user.email or "").split())
    )
