"""The form of the page *Email texts*: widgets only. `operations.mail.texts` has the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from operations.exceptions import InvalidInputError
from operations.mail.models import MAX_SUBJECT
from operations.mail.texts.changes import read_body, read_subject
from operations.mail.texts.kinds import TextKind
from operations.mail.texts.models import MAX_BODY
from operations.mail.texts.standard import Text


class EmailTextForm(forms.Form):
    """A subject and a body with placeholders; `version` is that of the text that was shown."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        widget=forms.TextInput({"maxlength": MAX_SUBJECT, "autocomplete": "off"}),
        required=False,
        strip=False,
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy(
            "Leave an empty line between paragraphs. Lines that begin with a hyphen become a list."
        ),
        widget=forms.Textarea({"rows": 18, "maxlength": MAX_BODY}),
        required=False,
        strip=False,
    )
    version = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, kind: TextKind, shown: Text, version: str, data: Any = None) -> None:
        initial = {"subject": shown.subject, "body": shown.body, "version": version}
        super().__init__(data, initial=initial, label_suffix="")
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Set `text`."""
        values = {}
        for name, read in (("subject", read_subject), ("body", read_body)):
            try:
                values[name] = read(self.kind, self.data.get(name, ""))
            except InvalidInputError as error:
                self.add_error(name, error.message)
        self.text = Text(**values)
        return self.cleaned_data

    @property
    def based_on(self) -> str:
        return str(self.data.get("version", ""))

    def show_version(self, version: str) -> None:
        """Let the next save replace what is stored now."""
        self.data = {**{name: self.data.get(name, "") for name in self.fields}, "version": version}
