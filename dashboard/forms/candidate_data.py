"""The form that finds a candidate by e-mail address."""

from django import forms

from interviews.schemas.fields import MAX_EMAIL

WRONG_ADDRESS = "Enter an e-mail address such as ada@example.com."


class CandidateForm(forms.Form):
    email = forms.EmailField(
        label="Candidate’s e-mail address",
        max_length=MAX_EMAIL,
        error_messages={"required": WRONG_ADDRESS, "invalid": WRONG_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
