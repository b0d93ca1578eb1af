"""The forms of a person's own profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from dashboard.people.actions import MAX_NAME
from dashboard.people.profile import has_fixed_email
from interviews.schemas.fields import MAX_EMAIL
from operations.notices.models import NoticeEvent, NoticePreference


class ProfileForm(forms.Form):
    """The own name, address and language. The language is a cookie of the browser."""

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

    def __init__(self, user: User, language: str, data: Any = None) -> None:
        initial = {"name": user.get_full_name(), "email": user.email, "language": language}
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


def _shorten_help(form: forms.Form) -> None:
    """Replace Django's list, which does not fit where a form has its help."""
    form.fields["new_password1"].help_text = PASSWORD_RULES
    form.fields["new_password2"].help_text = ""
