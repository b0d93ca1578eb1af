"""The form that finds a candidate by email address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from interviews.schemas.limits import MAX_EMAIL

WRONG_ADDRESS = _("Enter an email address such as ada@example.com.")


class CandidateForm(forms.Form):
    email = forms.EmailField(
        label=_("Candidate's email address"),
        max_length=MAX_EMAIL,
        error_messages={"required": WRONG_ADDRESS, "invalid": WRONG_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
