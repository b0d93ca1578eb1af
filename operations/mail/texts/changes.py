"""Editing a text, which is written to the audit trail."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from unicodedata import category

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from interviews.models import StaleWriteError
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError
from operations.mail.models import MAX_SUBJECT
from operations.mail.texts.edited import complete_text, only_edited
from operations.mail.texts.kinds import TextKind
from operations.mail.texts.models import MAX_BODY, EmailText
from operations.mail.texts.placeholders import is_in_address, problem_of
from operations.mail.texts.standard import Text, tidy_body


def version_of(kind: TextKind, language: str) -> str:
    """The version of what is stored; another one after each change."""
    return _stored(kind, language).version


def save_text(kind: TextKind, language: str, text: Text, *, based_on: str) -> None:
    """Store what differs from the standard text. Emails that wait to be sent have it, too.

    `based_on` is the version that the person saw.

    Raises:
        InvalidInputError: if the subject or the body cannot be accepted.
        StaleWriteError: if somebody else changed the text since the person saw it.
    """
    text = Text(read_subject(kind, text.subject), read_body(kind, text.body))
    _write(kind, language, only_edited(kind, language, text), based_on)


def reset_text(kind: TextKind, language: str, *, based_on: str) -> None:
    """Use the standard text again.

    Raises:
        StaleWriteError: as `save_text` does.
    """
    _write(kind, language, Text(), based_on)


def read_subject(kind: TextKind, subject: str) -> str:
    """Return the subject without surrounding spaces.

    Raises:
        InvalidInputError: if it is empty, too long, not on one line, or has an unknown placeholder.
    """
    subject = subject.strip()
    if not subject:
        raise InvalidInputError("subject", _("Enter a subject."))
    if len(subject) > MAX_SUBJECT:
        raise InvalidInputError("subject", _too_long(MAX_SUBJECT))
    if _has_control_characters(subject):
        raise InvalidInputError("subject", _("Use visible characters on one line."))
    if problem := problem_of(subject, kind.of_subject):
        raise InvalidInputError("subject", problem)
    return subject


def read_body(kind: TextKind, body: str) -> str:
    """Return the body with plain line breaks, and without those around it.

    Raises:
        InvalidInputError: if it is empty or too long, or has control characters, an unknown
            placeholder or one in a web address, or not those that it must have.
    """
    body = tidy_body(body)
    if not body:
        raise InvalidInputError("body", _("Enter the text."))
    if len(body) > MAX_BODY:
        raise InvalidInputError("body", _too_long(MAX_BODY))
    if _has_control_characters(body.replace("\n", "").replace("\t", "")):
        raise InvalidInputError("body", _("The text has an invisible character. Remove it."))
    if problem := problem_of(body, kind.placeholders, kind.required):
        raise InvalidInputError("body", problem)
    if is_in_address(body):
        raise InvalidInputError("body", _("A placeholder can't be part of a web address."))
    return body


def _has_control_characters(text: str) -> bool:
    """True for line breaks, too. What joins emoji, or turns the direction, may stay."""
    return any(category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)


def _too_long(most: int) -> str:
    return _("Use %(count)s characters or fewer.") % {"count": most}


def _stored(kind: TextKind, language: str) -> EmailText:
    row = EmailText.objects.filter(key=kind.key, language=language).first()
    return row or EmailText(key=kind.key, language=language)


def _write(kind: TextKind, language: str, new: Text, based_on: str) -> None:
    """Write it if nobody else did: each write states what it replaces."""
    with transaction.atomic():
        row = _stored(kind, language)
        if row.version != based_on:
            raise StaleWriteError(str(row))
        if (new.subject, new.body) == (row.subject, row.body):
            return
        before = complete_text(kind, language)
        as_read = EmailText.objects.filter(
            key=kind.key, language=language, subject=row.subject, body=row.body
        )
        if row.pk is None:
            _create(row, new)
        elif new == Text():
            _require_one(row, as_read.delete()[0])
        else:
            _require_one(row, as_read.update(subject=new.subject, body=new.body))
        is_reset = new == Text()
        audit.record(
            AuditAction.EMAIL_TEXT_RESET if is_reset else AuditAction.EMAIL_TEXT_CHANGED,
            target=str(row),
            detail=_difference(before, complete_text(kind, language)),
        )


def _create(row: EmailText, new: Text) -> None:
    row.subject, row.body = new.subject, new.body
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise StaleWriteError(str(row)) from None


def _require_one(row: EmailText, written: int) -> None:
    if not written:
        raise StaleWriteError(str(row))


def _difference(before: Text, after: Text) -> str:
    """What changed, as lines that begin with - or +. The audit trail keeps the start of it."""
    return " ".join(
        f"{sign} {line.strip()}"
        for old, new in ((before.subject, after.subject), (before.body, after.body))
        for replaced in _replaced(old.splitlines(), new.splitlines())
        for sign, line in zip("-+", replaced, strict=True)
        if line.strip()
    )


def _replaced(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Each changed line, old and new; "" is none.

    Not ndiff: that compares each two lines character by character, which can take minutes.
    """
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield from zip_longest(old[start:end], new[new_start:new_end], fillvalue="")
