"""The login form of staff."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict


class SignInForm(AuthenticationForm):
    """Django's own, for staff. A wrong password and an unknown user get the same answer."""

    error_messages = {
        "invalid_login": "This user name and password do not belong together.",
        "inactive": "This user name and password do not belong together.",
    }

    def __init__(self, request: HttpRequest, data: QueryDict | None = None) -> None:
        super().__init__(request, data, label_suffix="")

    def confirm_login_allowed(self, user: User) -> None:
        """Only asked once the password was right: nobody else learns what the account is."""
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(
                "This account is not one of staff. Candidates need none: they open their link.",
                code="not_staff",
            )
