"""The forms of a person's own profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dashboard.auth import attempts
from dashboard.auth.attempts import TOO_MANY
from dashboard.people.actions import MAX_NAME
from dashboard.people.profile import has_fixed_email, time_zone_of
from interviews.schemas.limits import MAX_EMAIL
from operations.notices.models import NoticeEvent, NoticePreference


class ProfileForm(forms.Form):
    """The own name, address, language and zone. The language is a cookie of the browser."""

    name = forms.CharField(
        label=_("Name"),
        widget=forms.TextInput({"maxlength": MAX_NAME, "autocomplete": "name", "required": True}),
        required=False,
    )
    email = forms.CharField(
        label=_("Email"),
        help_text=_("For notices, and for candidates who reply to your invitations."),
        widget=forms.EmailInput({"maxlength": MAX_EMAIL, "autocomplete": "email"}),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Same as the browser")), *settings.LANGUAGES],
        required=False,
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        help_text=_("For the times on your pages. Leave it empty to use your browser's."),
        widget=forms.TextInput(
            {"list": "zones", "autocomplete": "off", "spellcheck": "false", "maxlength": 64}
        ),
        required=False,
    )

    def __init__(self, user: User, language: str, data: Any = None) -> None:
        initial = {
            "name": user.get_full_name(),
            "email": user.email,
            "language": language,
            "time_zone": time_zone_of(user),
        }
        super().__init__(data, initial=initial, label_suffix="")
        if has_fixed_email(user):
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("Set by single sign-on.")


class NoticesForm(forms.Form):
    """What the person is told of by email."""

    events = forms.MultipleChoiceField(
        label=_("Tell me about"),
        choices=[
            (NoticeEvent.FINISHED.value, _("Finished tests and interviews")),
            (NoticeEvent.EXPIRED.value, _("Expired invitations")),
            (NoticeEvent.FAILED.value, _("Workspaces that couldn't be started")),
            (NoticeEvent.PROBLEM.value, _("Problems that candidates report")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    only_own = forms.BooleanField(
        label=_("Only for interviews I created or conduct"), initial=True, required=False
    )

    def __init__(self, preference: NoticePreference, data: Any = None) -> None:
        initial = {"events": preference.events, "only_own": preference.only_own}
        super().__init__(data, initial=initial, label_suffix="", auto_id="notices_%s")


PASSWORD_RULES = _("At least 8 characters. Avoid common passwords.")


class CurrentPasswordForm(forms.Form):
    """The person's password, asked for again before something that matters."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        strip=False,
        error_messages={"required": _("Enter your password.")},
    )

    def __init__(self, user: User, data: Any = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, label_suffix="", auto_id=auto_id)
        self.user = user

    def clean_password(self) -> str:
        return check_own_password(self.user, str(self.cleaned_data["password"]))


class CodeAndPasswordForm(CurrentPasswordForm):
    """A code besides, of either kind."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("From your authenticator app, or a recovery code."),
        max_length=50,
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
        error_messages={"required": _("Enter the code.")},
    )


class SetUpForm(forms.Form):
    """The first code of an app that the key was just entered into."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The six digits that the app shows now."),
        max_length=50,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the code.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Django's own form for who has no password yet, or a link."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data, label_suffix="")
        _shorten_help(self)


class OwnPasswordForm(PasswordChangeForm):
    """Django's own form, with its rules for passwords."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data, label_suffix="")
        # Only a person who came to change it wants to start there.
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        _shorten_help(self)

    def clean_old_password(self) -> str:
        return check_own_password(self.user, str(self.cleaned_data["old_password"]))


def check_own_password(user: Any, password: str) -> str:
    """Return the password if it is the person's.

    Raises:
        ValidationError: if it is wrong, or was tried too often (code `too_many`).
    """
    # Count before checking: parallel attempts must count too.
    if wait := attempts.record_password(user):
        raise attempts.too_many(wait)
    if not user.check_password(password):
        raise ValidationError(_("This isn't your password."), code="password_incorrect")
    attempts.reset_password(user)
    return password


def seconds_to_wait(form: forms.BaseForm) -> int:
    """The seconds until a field may be tried again, after too many attempts; else 0."""
    errors = [error for found in form.errors.as_data().values() for error in found]
    waits = [error.params["wait"] for error in errors if error.code == TOO_MANY and error.params]
    return max(waits, default=0)


def _shorten_help(form: forms.Form) -> None:
    """Replace Django's list, which does not fit where a form has its help."""
    form.fields["new_password1"].help_text = PASSWORD_RULES
    form.fields["new_password2"].help_text = ""
