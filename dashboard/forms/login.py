"""The login form of staff."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict


class SignInForm(AuthenticationForm):
    """Django's own form, for staff. A wrong password and an unknown user get the same message."""

    error_messages = {
        "invalid_login": "This user name and password do not belong together.",
        "inactive": "This user name and password do not belong together.",
    }

    def __init__(self, request: HttpRequest, data: QueryDict | None = None) -> None:
        super().__init__(request, data, label_suffix="")

    def confirm_login_allowed(self, user: User) -> None:
        """Runs after the password was verified, so only the owner learns that the account is not
        staff's.
        """
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(
                "This account is not one of staff. Candidates need none: they open their link.",
                code="not_staff",
            )
