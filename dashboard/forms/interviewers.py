"""The field that names who holds a live interview: one text, with commas or lines between."""

import re

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SEPARATORS = re.compile(r"[,;\r\n]+")
# As a mail program copies an address: Ada Lovelace <ada@example.com>
NAMED = re.compile(r".*<([^<>]+)>")


class InterviewersField(forms.Field):
    widget = forms.Textarea({"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def __init__(self) -> None:
        # Read when it is shown, as it depends on the settings.
        help_text = lazy(_help_text, str)()
        super().__init__(label=gettext_lazy("Interviewers"), required=False, help_text=help_text)


def _help_text() -> str:
    if settings.MAIL_IS_ON:
        return _(
            "Optional. Email addresses or usernames, separated by commas or new lines. They get a "
            "calendar invitation by email, even if the candidate isn't emailed."
        )
    return _(
        "Optional. Email addresses or usernames, separated by commas or new lines. Email isn't set "
        "up on this server, so please tell them yourself."
    )


def names_in(text: str) -> list[str]:
    """The addresses and user names in the field's text."""
    parts = [part.strip() for part in SEPARATORS.split(text)]
    return [NAMED.sub(r"\1", part) for part in parts if part]
