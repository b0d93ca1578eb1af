"""The form of a new API token."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.models import ApiToken
from dashboard.permissions.roles import INTERVIEWER, ROLES, Actor, role_name

TAKEN = gettext_lazy("This name is taken. Choose another.")


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Offers only roles whose permissions the creator has."""

    class Meta:
        model = ApiToken
        fields = ("name", "role")
        labels = {"name": gettext_lazy("Name")}
        help_texts = {"name": gettext_lazy("Its actions are logged under this name.")}
        error_messages = {"name": {"unique": TAKEN}}

    def __init__(self, actor: Actor, data: Any = None, instance: ApiToken | None = None) -> None:
        super().__init__(data, initial={"role": INTERVIEWER}, instance=instance, label_suffix="")
        roles = [
            (role, role_name(role))
            for role, granted in ROLES.items()
            if granted <= actor.permissions
        ]
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)
        self.fields["name"].error_messages["required"] = _("Enter a name.")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if not name.isprintable():
            raise ValidationError(_("Use printable characters on one line."))
        return name
