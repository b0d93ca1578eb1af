"""The columns of a file of candidates, and what a row of it comes to as an invitation."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from interviews.challenges.models import Challenge
from interviews.schemas import TakeHomeInvitation
from interviews.validation_messages import validation_message
from operations.bulk_import.csv_file import (
    MAX_ROWS,
    Record,
    Table,
    UnreadableFileError,
)
from operations.exceptions import InvalidInputError

# What each column may be called, in any case and with any signs between the words. The first is
# the name in the template.
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
# Of rows of JSON: each becomes a column of every row.
MAX_JSON_COLUMNS = 100
TEMPLATE = [names[0].replace(" ", "_") for names in COLUMN_NAMES.values()]
EXAMPLE = ["Ada Lovelace", "ada@example.com", "", "90", "7", "25", "Please use Python 3."]


def _normalized(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


_FIELDS = {_normalized(name): field for field, names in COLUMN_NAMES.items() for name in names}


@dataclass(frozen=True)
class Defaults:
    """What holds where a cell is empty. Without minutes each challenge says them; without a
    challenge each row must."""

    challenge: str = ""
    duration_minutes: int | None = None
    valid_days: int = 7
    custom_instructions: str = ""
    send_email: bool = False
    time_zone: str = "UTC"


@dataclass(frozen=True)
class CheckedRow:
    """A row: its cells by field, and either the invitation that it is, or what is wrong."""

    line: int
    cells: dict[str, str]
    invitation: dict[str, Any] | None
    problem: str
    # The same for the same candidate and challenge.
    key: str


def is_known(name: str) -> bool:
    return _normalized(name) in _FIELDS


def match_columns(table: Table, defaults: Defaults) -> tuple[list[str | None], list[str]]:
    """The field of each column (None: ignored), and what to tell of it. Unreadable: one that is
    needed is missing, or there twice."""
    fields = [_FIELDS.get(_normalized(name)) for name in table.head]
    needed = ["candidate_name"]
    needed += ["challenge"] * (not defaults.challenge)
    needed += ["candidate_email"] * defaults.send_email
    for field in needed:
        if field not in fields:
            raise UnreadableFileError(_missing(field))
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
    """Rows of JSON as a table, whose columns are all names that there are. InvalidInputError:
    `rows`."""
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
            if not _is_text(f"{name}{value}"):
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
    """A row of the file against the rules of an invitation."""
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
    given: dict[str, Any] = {
        "challenge": defaults.challenge,
        "valid_days": defaults.valid_days,
        "custom_instructions": defaults.custom_instructions,
        "send_email": defaults.send_email,
        "time_zone": defaults.time_zone,
        "candidate_name": "",
        **cells,
    }
    challenge = _challenge(given["challenge"], offered)
    if isinstance(challenge, Challenge):
        given["challenge"] = challenge.id
        given.setdefault(
            "duration_minutes", defaults.duration_minutes or int(challenge.duration_minutes)
        )
    else:
        problems.append(f"Challenge: {challenge}")
    try:
        invitation = TakeHomeInvitation.model_validate(given)
    except ValidationError as errors:
        problems += error_messages(errors, but="challenge" if problems else "")
        invitation = None
    good = invitation is not None and not problems
    return CheckedRow(
        line=record.line,
        cells=cells,
        invitation=invitation.model_dump() if invitation is not None and good else None,
        problem=" ".join(problems),
        key=_duplicate_key(invitation) if invitation is not None and good else "",
    )


def _is_text(text: str) -> bool:
    """JSON can write half of a character, and null, which no table keeps."""
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


def error_messages(errors: ValidationError, but: str = "") -> list[str]:
    """What is wrong, each with the name of its column; `but`: a field of which it is said."""
    aliases = {field.alias: name for name, field in TakeHomeInvitation.model_fields.items()}
    found = []
    for error in errors.errors():
        place = str(error["loc"][0])
        field = aliases.get(place, place)
        if field != but:
            found.append(f"{LABELS.get(field, field)}: {validation_message(dict(error))}")
    return found


def _challenge(text: str, offered: Iterable[Challenge]) -> Challenge | str:
    """The challenge of this id or name, or a sentence."""
    if not text:
        return "This must not be empty, or choose one for all rows."
    found = [each for each in offered if each.id == text]
    found = found or [each for each in offered if _normalized(each.name) == _normalized(text)]
    if len(found) > 1:
        ids = ", ".join(each.id for each in found)
        return f"There are several of this name. Write the id of one of them: {ids}."
    return found[0] if found else f"There is no “{text[:100]}” in the library."


def _duplicate_key(invitation: TakeHomeInvitation) -> str:
    who = invitation.candidate_email or " ".join(invitation.candidate_name.split())
    # A Mac writes é as two characters.
    same = unicodedata.normalize("NFC", who.casefold())
    return hashlib.sha256(f"{same}\n{invitation.challenge}".encode()).hexdigest()


def _missing(field: str) -> str:
    name = COLUMN_NAMES[field][0].replace(" ", "_")
    if field == "challenge":
        return f"The column “{name}” is missing. Add it, or choose one challenge for all rows."
    if field == "candidate_email":
        return f"The column “{name}” is missing, and e-mails are to be sent."
    return f"The column “{name}” is missing."
