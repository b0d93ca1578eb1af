"""Match the columns of a file of candidates, and validate its rows as invitations."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import ValidationError

from interviews.challenges.models import Challenge
from interviews.challenges.storage import grouped
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.schemas.validation_messages import field_messages
from operations.bulk_import.csv_file import MAX_ROWS, Record, Table, UnreadableFileError
from operations.exceptions import InvalidInputError

# The names of each column, in any case and with any punctuation between the words. The template
# uses the first one.
COLUMN_NAMES = {
    "candidate_name": ("candidate name", "candidate", "name", "full name"),
    "candidate_email": ("candidate email", "email", "mail", "email address"),
    "challenge": ("challenge", "challenge id", "challenge name", "test"),
    "duration_minutes": ("duration minutes", "duration", "time limit", "minutes"),
    "valid_days": ("valid days", "valid for", "days to start", "days"),
    "allowance_percent": (
        "allowance percent",
        "allowance",
        "extra time",
        "more time",
        "more time percent",
    ),
    "custom_instructions": ("custom instructions", "instructions"),
}
LABELS: dict[str, Any] = {
    "candidate_name": gettext_lazy("Name"),
    "candidate_email": gettext_lazy("Email"),
    "challenge": gettext_lazy("Challenge"),
    "duration_minutes": gettext_lazy("Time limit"),
    "valid_days": gettext_lazy("Days to start"),
    "allowance_percent": gettext_lazy("Extra time"),
    "custom_instructions": gettext_lazy("Instructions"),
    "send_email": gettext_lazy("Email"),
    "time_zone": gettext_lazy("Time zone"),
}
# The most different names in rows of JSON, each of which becomes a column of every row.
MAX_JSON_COLUMNS = 100
TEMPLATE = [names[0].replace(" ", "_") for names in COLUMN_NAMES.values()]
EXAMPLE = ["Ada Lovelace", "ada@example.com", "", "90", "7", "25", "Please use Python 3."]


def _normalized(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


_FIELDS = {_normalized(name): field for field, names in COLUMN_NAMES.items() for name in names}


@dataclass(frozen=True)
class Defaults:
    """The values for empty cells.

    Without `duration_minutes` each challenge's own duration counts. Without a `challenge` each row
    must name one.
    """

    challenge: str = ""
    duration_minutes: int | None = None
    valid_days: int = 7
    custom_instructions: str = ""
    send_email: bool = False
    time_zone: str = "UTC"


@dataclass(frozen=True)
class CheckedRow:
    """A validated row: its cells by field, and either an invitation or a problem."""

    line: int
    cells: dict[str, str]
    invitation: dict[str, Any] | None
    problem: str
    # Identifies the candidate and the challenge, so that duplicates are found.
    key: str


def is_known(name: str) -> bool:
    return _normalized(name) in _FIELDS


def match_columns(table: Table, defaults: Defaults) -> tuple[list[str | None], list[str]]:
    """The field of each column, or None for an unknown one, and notices for the reader.

    Raises:
        UnreadableFileError: if a required column is missing, or two columns have the same field.
    """
    fields = [_FIELDS.get(_normalized(name)) for name in table.head]
    required = ["candidate_name"]
    required += ["challenge"] * (not defaults.challenge)
    required += ["candidate_email"] * defaults.send_email
    for field in required:
        if field not in fields:
            raise UnreadableFileError(_missing_column_message(field))
    for field in {field for field in fields if field is not None}:
        names = [name for name, known in zip(table.head, fields, strict=True) if known == field]
        if len(names) > 1:
            same = ", ".join(f"“{name}”" for name in names)
            raise UnreadableFileError(
                _("These columns mean the same: %(columns)s. Keep one of them.") % {"columns": same}
            )
    ignored = [
        f"“{name[:50]}”"
        for name, field in zip(table.head, fields, strict=True)
        if not field and name
    ]
    if not ignored:
        return fields, []
    listed = ", ".join(ignored[:20])
    notice = ngettext(
        "The column %(columns)s is unknown and was ignored.",
        "The columns %(columns)s are unknown and were ignored.",
        len(ignored),
    )
    return fields, [notice % {"columns": listed}]


def table_from_json(rows: list[Any]) -> Table:
    """Rows of JSON as a table with a column for each name in any row.

    Raises:
        InvalidInputError: with the field `rows`, if they are no list of flat objects.
    """
    if not 0 < len(rows) <= MAX_ROWS:
        raise InvalidInputError(
            "rows", _("Send 1 to %(limit)s rows.") % {"limit": grouped(MAX_ROWS)}
        )
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InvalidInputError(
                "rows", _("Row %(number)s isn't a JSON object.") % {"number": number}
            )
        for name, value in row.items():
            if isinstance(value, bool) or not isinstance(value, str | int | None):
                raise InvalidInputError(
                    "rows",
                    _("Row %(number)s: “%(name)s” must be text or a number.")
                    % {"number": number, "name": name[:50]},
                )
            if not _is_storable(f"{name}{value}"):
                raise InvalidInputError(
                    "rows",
                    _("Row %(number)s has an invalid character.") % {"number": number},
                )
    head = list(dict.fromkeys(name for row in rows for name in row))
    if len(head) > MAX_JSON_COLUMNS:
        raise InvalidInputError(
            "rows",
            _("The rows have more than %(limit)s different names.") % {"limit": MAX_JSON_COLUMNS},
        )
    return Table(head, [_record(number, head, row) for number, row in enumerate(rows, 1)], [])


def check_row(
    record: Record,
    fields: list[str | None],
    defaults: Defaults,
    offered: Iterable[Challenge],
) -> CheckedRow:
    """Validate a row of the file as an invitation."""
    cells = {
        field: cell.strip()
        for field, cell in zip(fields, record.cells, strict=False)
        if field is not None and cell.strip()
    }
    problems = []
    if any(cell.strip() for cell in record.cells[len(fields) :]):
        problems.append(
            _("This row has %(cells)s cells, the header has %(columns)s. Is a quote missing?")
            % {"cells": len(record.cells), "columns": len(fields)}
        )
    values: dict[str, Any] = {
        "challenge": defaults.challenge,
        "valid_days": defaults.valid_days,
        "custom_instructions": defaults.custom_instructions,
        "send_email": defaults.send_email,
        "time_zone": defaults.time_zone,
        "candidate_name": "",
        **cells,
    }
    challenge = _find_challenge(values["challenge"], offered)
    if isinstance(challenge, Challenge):
        values["challenge"] = challenge.id
        values.setdefault(
            "duration_minutes", defaults.duration_minutes or int(challenge.duration_minutes)
        )
    else:
        problems.append(f"{LABELS['challenge']}: {challenge}")
    try:
        invitation = TakeHomeInvitation.model_validate(values)
    except ValidationError as errors:
        problems += error_messages(errors, exclude="challenge" if problems else "")
        invitation = None
    is_valid = invitation is not None and not problems
    return CheckedRow(
        line=record.line,
        cells=cells,
        invitation=invitation.model_dump() if invitation is not None and is_valid else None,
        problem=" ".join(problems),
        key=_duplicate_key(invitation) if invitation is not None and is_valid else "",
    )


def _is_storable(text: str) -> bool:
    """False for half a surrogate pair or a null character, which JSON allows and no table does."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _record(number: int, head: list[str], row: dict[str, str | int | None]) -> Record:
    values = (row.get(name) for name in head)
    return Record(number, ["" if value is None else str(value) for value in values])


def error_messages(errors: ValidationError, exclude: str = "") -> list[str]:
    """The messages of the errors, each with its column's label, without those of one field."""
    return [
        f"{LABELS.get(field, field)}: {message}"
        for field, message in field_messages(errors, TakeHomeInvitation)
        if field != exclude
    ]


def _find_challenge(text: str, offered: Iterable[Challenge]) -> Challenge | str:
    """The challenge with this id or name, or an error message."""
    if not text:
        return _("Choose a challenge, or one for all rows.")
    matches = [each for each in offered if each.id == text]
    matches = matches or [each for each in offered if _normalized(each.name) == _normalized(text)]
    if len(matches) > 1:
        ids = ", ".join(each.id for each in matches)
        return _("Several challenges have this name. Use the ID of one: %(ids)s.") % {"ids": ids}
    if not matches:
        return _("There's no challenge “%(name)s”.") % {"name": text[:100]}
    return matches[0]


def _duplicate_key(invitation: TakeHomeInvitation) -> str:
    candidate = invitation.candidate_email or " ".join(invitation.candidate_name.split())
    # macOS writes é as two characters.
    normalized = unicodedata.normalize("NFC", candidate.casefold())
    return hashlib.sha256(f"{normalized}\n{invitation.challenge}".encode()).hexdigest()


def _missing_column_message(field: str) -> str:
    name = COLUMN_NAMES[field][0].replace(" ", "_")
    if field == "challenge":
        return _(
            "The column “%(name)s” is missing. Add it, or choose one challenge for all rows."
        ) % {"name": name}
    if field == "candidate_email":
        return _("The column “%(name)s” is missing. It's needed to send emails.") % {"name": name}
    return _("The column “%(name)s” is missing.") % {"name": name}
