"""The forms of signing in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class SignInForm(AuthenticationForm):
    """Django's own form, for staff. A wrong password and an unknown user get the same message."""

    error_messages = {
        "invalid_login": gettext_lazy("Incorrect username or password."),
        "inactive": gettext_lazy("Incorrect username or password."),
    }

    def __init__(self, request: HttpRequest, data: QueryDict | None = None) -> None:
        super().__init__(request, data, label_suffix="")
        # Who was invited has the address as the user name.
        self.fields["username"].label = gettext_lazy("Email or username")
        for field in self.fields.values():
            field.error_messages["required"] = gettext_lazy("Enter this to sign in.")

    def confirm_login_allowed(self, user: User) -> None:
        """Runs after the password was verified, so only the owner learns that the account is not
        staff's.
        """
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(
                _("This account isn't for staff. Candidates: use the link in your invitation."),
                code="not_staff",
            )


class CodeForm(forms.Form):
    """The code of the second step. Either kind is taken, whichever was asked for."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=50,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
        error_messages={"required": gettext_lazy("Enter the code.")},
    )

    def __init__(self, data: Any = None, *, is_recovery: bool = False) -> None:
        super().__init__(data, label_suffix="")
        self.is_recovery = is_recovery
        if is_recovery:
            self.fields["code"].label = gettext_lazy("Recovery code")
            # Letters as well, which a keyboard for numbers does not have.
            self.fields["code"].widget.attrs |= {"inputmode": "text", "autocomplete": "off"}
