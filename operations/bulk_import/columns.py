"""Match the columns of a file of candidates, and validate its rows as invitations."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from interviews.challenges.models import Challenge
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
    "duration_minutes": ("duration minutes", "duration", "minutes"),
    "valid_days": ("valid days", "valid for", "days"),
    "allowance_percent": ("allowance percent", "allowance", "more time", "more time percent"),
    "custom_instructions": ("custom instructions", "instructions"),
}
LABELS = {
    "candidate_name": "Name",
    "candidate_email": "E-mail",
    "challenge": "Challenge",
    "duration_minutes": "Duration",
    "valid_days": "Valid days",
    "allowance_percent": "More time",
    "custom_instructions": "Instructions",
    "send_email": "E-mail",
    "time_zone": "Time zone",
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
            both = " and ".join(f"“{name}”" for name in names)
            raise UnreadableFileError(f"The columns {both} mean the same: please keep one of them.")
    ignored = [
        f"“{name[:50]}”"
        for name, field in zip(table.head, fields, strict=True)
        if not field and name
    ]
    if not ignored:
        return fields, []
    listed = ", ".join(ignored[:20])
    if len(ignored) == 1:
        return fields, [f"The column {listed} is unknown, and was not read."]
    return fields, [f"The columns {listed} are unknown, and were not read."]


def table_from_json(rows: list[Any]) -> Table:
    """Rows of JSON as a table with a column for each name in any row.

    Raises:
        InvalidInputError: with the field `rows`, if they are no list of flat objects.
    """
    if not 0 < len(rows) <= MAX_ROWS:
        raise InvalidInputError("rows", f"There must be from 1 to {MAX_ROWS:,} rows.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InvalidInputError("rows", f"Row {number} is not a JSON object.")
        for name, value in row.items():
            if isinstance(value, bool) or not isinstance(value, str | int | None):
                raise InvalidInputError(
                    "rows", f"Row {number}: {name[:50]} must be text or a number."
                )
            if not _is_storable(f"{name}{value}"):
                raise InvalidInputError(
                    "rows", f"Row {number}: a character is broken in two, or null."
                )
    head = list(dict.fromkeys(name for row in rows for name in row))
    if len(head) > MAX_JSON_COLUMNS:
        raise InvalidInputError(
            "rows", f"There are more than {MAX_JSON_COLUMNS} different names in the rows."
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
            f"It has {len(record.cells)} cells and the head {len(fields)}: is a quote missing?"
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
        problems.append(f"Challenge: {challenge}")
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
        return "This must not be empty, or choose one for all rows."
    matches = [each for each in offered if each.id == text]
    matches = matches or [each for each in offered if _normalized(each.name) == _normalized(text)]
    if len(matches) > 1:
        ids = ", ".join(each.id for each in matches)
        return f"There are several of this name. Write the id of one of them: {ids}."
    return matches[0] if matches else f"There is no “{text[:100]}” in the library."


def _duplicate_key(invitation: TakeHomeInvitation) -> str:
    candidate = invitation.candidate_email or " ".join(invitation.candidate_name.split())
    # macOS writes é as two characters.
    normalized = unicodedata.normalize("NFC", candidate.casefold())
    return hashlib.sha256(f"{normalized}\n{invitation.challenge}".encode()).hexdigest()


def _missing_column_message(field: str) -> str:
    name = COLUMN_NAMES[field][0].replace(" ", "_")
    if field == "challenge":
        return f"The column “{name}” is missing. Add it, or choose one challenge for all rows."
    if field == "candidate_email":
        return f"The column “{name}” is missing, and e-mails are to be sent."
    return f"The column “{name}” is missing."
