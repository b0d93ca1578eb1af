"""The product's texts, as the editor shows them: with placeholders in place of the values."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation

from operations.mail.models import MessageKind
from operations.mail.texts import standard_subjects
from operations.mail.texts.kinds import PLACEHOLDERS, TextKind


@dataclass(frozen=True)
class Text:
    """A subject and a body. With placeholders, or "" for what is the standard."""

    subject: str = ""
    body: str = ""


def standard_text(kind: TextKind, language: str) -> Text:
    """The text that is sent if nobody edited it.

    It leaves out what is only in some emails, such as that the files of an interview are saved.
    """
    with translation.override(language):
        return Text(_subject(kind), _body(kind))


def _subject(kind: TextKind) -> str:
    if kind.is_take_home:
        return standard_subjects.of_take_home()[kind.kind] % {"name": "{test}"}
    return standard_subjects.of_interview(is_dated=True)[kind.kind] % {"day": "{day}"}


def _body(kind: TextKind) -> str:
    typed = {name: f"{{{name}}}" for name in PLACEHOLDERS}
    context = {
        **typed,
        "challenge": typed["test"],
        "ends": typed["end"],
        "begins": "" if kind.is_take_home else typed["start"],
        "length": typed["time_limit" if kind.is_take_home else "length"],
        "change": typed["change"] if kind.kind == MessageKind.CHANGED else "",
        "is_reminder": kind.kind == MessageKind.REMINDER,
        "noun": "test" if kind.is_take_home else "interview",
        "is_body": True,
    }
    return tidy_body(render_to_string(f"mail/{kind.template}.txt", context))


def tidy_body(text: str) -> str:
    """Return it with plain line breaks, and without spaces at their ends and around it."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()
