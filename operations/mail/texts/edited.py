"""The edited texts, as they are sent."""

from collections.abc import Mapping
from dataclasses import replace

from operations.mail.texts.kinds import TextKind
from operations.mail.texts.models import EmailText
from operations.mail.texts.placeholders import names_in
from operations.mail.texts.standard import Text, standard_text


def edited_text(kind: TextKind | None, language: str) -> Text:
    """What was edited, with placeholders; "" is the standard text."""
    if kind is None:
        return Text()
    row = EmailText.objects.filter(key=kind.key, language=language).first()
    return Text(row.subject, row.body) if row is not None else Text()


def complete_text(kind: TextKind, language: str) -> Text:
    """What is sent, with placeholders: what was edited, and the standard text for the rest."""
    edited, standard = edited_text(kind, language), standard_text(kind, language)
    return Text(edited.subject or standard.subject, edited.body or standard.body)


def only_edited(kind: TextKind, language: str, text: Text) -> Text:
    """The text without what is the standard: that follows the product's from version to version."""
    standard = standard_text(kind, language)
    if text.subject == standard.subject:
        text = replace(text, subject="")
    return replace(text, body="") if text.body == standard.body else text


def has_values(text: str, values: Mapping[str, str]) -> bool:
    """False if the text names something that this email has not.

    An interview that starts now has no start, and a test that runs no deadline: the standard text
    knows what to say then.
    """
    return all(values.get(name) for name in names_in(text))
