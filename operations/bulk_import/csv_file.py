"""Read CSV files from spreadsheets, and write CSV files whose cells are never taken for formulas.

A guess about the encoding is reported as a notice, as it may be wrong.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

MAX_BYTES = 2_000_000
MAX_ROWS = 5_000
DELIMITERS = (",", ";", "\t")
# Where a spreadsheet would begin a formula. One that expects another delimiter, as in most of
# Europe, takes a cell apart at semicolons, tabs and line breaks. East Asian ones accept full-width
# characters as well.
FORMULA_START = re.compile(
    r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?= *[=+\-@\uff0b\uff0d\uff1d\uff20])"
)


class UnreadableFileError(ValueError):
    """The file cannot be read as a table; the text is a sentence for the person who uploaded it."""


@dataclass(frozen=True)
class Record:
    """A row that is not blank: the line on which it begins, from 1, and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """The head of a file, its rows, and sentences for the reader on how it was read."""

    head: list[str]
    records: list[Record]
    notices: list[str]


def parse_csv(content: bytes, is_known: Callable[[str], bool]) -> Table:
    """Read a table. `is_known` recognizes the name of a column, which reveals the delimiter.

    Raises:
        UnreadableFileError: if the file is empty, too large, or no CSV file.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(
            _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1_000_000}
        )
    text, notices = _decode(content)
    if not text.strip():
        raise UnreadableFileError(_("The file is empty."))
    text, delimiter, first_line = _delimiter(text, is_known)
    records: list[Record] = []
    for record in _records(text, delimiter, first_line):
        if any(cell.strip() for cell in record.cells):
            records.append(record)
        if len(records) > MAX_ROWS + 1:
            raise UnreadableFileError(
                _("The file has more than %(limit)s candidates. Split it into several files.")
                % {"limit": number_format(MAX_ROWS, force_grouping=True)}
            )
    if not records:
        raise UnreadableFileError(_("The file is empty."))
    return Table([cell.strip() for cell in records[0].cells], records[1:], notices)


def write_csv(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """The lines of a CSV file.

    What a spreadsheet would calculate is prefixed with '. An aware datetime is written as ISO 8601
    in UTC ("2026-12-01T09:30:00Z"): it says which instant it is wherever the file is opened.
    """
    line = io.StringIO()
    writer = csv.writer(line)
    # Excel reads the file as UTF-8 only with a byte order mark.
    yield "\ufeff".encode()
    for row in rows:
        writer.writerow([escape_formula(cell) for cell in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def escape_formula(cell: object) -> str:
    """The cell's text, with ' wherever a spreadsheet would begin a formula."""
    if isinstance(cell, datetime):
        return _format_instant(cell)
    return FORMULA_START.sub("'", "" if cell is None else str(cell))


def _format_instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("A time without a zone names no instant.")
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFileError(
            _("This is a workbook, not a CSV file. Save it as CSV (UTF-8) first.")
        )
    try:
        text, notices = _text(content)
    except UnicodeDecodeError:
        raise UnreadableFileError(
            _("This isn't a text file. Save it as CSV (UTF-8) and try again.")
        ) from None
    if "\x00" in text:
        raise UnreadableFileError(
            _("This isn't a text file. Save it as CSV (UTF-8) and try again.")
        )
    return text, notices


def _text(content: bytes) -> tuple[str, list[str]]:
    """Decode the file, and report a guess as a notice.

    Raises:
        UnicodeDecodeError: if it is no text in UTF-8, UTF-16 or Windows-1252.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), []
    if b"\x00" in content:
        # In UTF-16 every other byte of a Latin text is zero; in UTF-8 no byte is.
        zeros_first = content[0::2].count(0) > content[1::2].count(0)
        return content.decode("utf-16-be" if zeros_first else "utf-16-le"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        notice = _(
            "The file isn't in UTF-8 and was read as Windows-1252. "
            "Check that names with letters such as ä or é are right."
        )
        return content.decode("cp1252"), [notice]


def _delimiter(text: str, is_known: Callable[[str], bool]) -> tuple[str, str, int]:
    """The text from its head on, the delimiter, and the line on which the text begins.

    Excel may declare the delimiter on a line of its own. Otherwise it is the one with which the
    head has the most known columns.
    """
    first, _, rest = text.partition("\n")
    first = first.strip().lower()
    if first.startswith("sep=") and len(first) == 5 and first[4] in ",;|":
        return rest, first[4], 2
    if first == "sep=":
        # A tab, which strip() removed.
        return rest, "\t", 2

    def count_known_columns(delimiter: str) -> tuple[int, int]:
        try:
            cells = next((r.cells for r in _records(text, delimiter) if any(r.cells)), [])
        except UnreadableFileError:
            # With this delimiter, quotes end in the middle of a cell.
            return -1, 0
        return sum(is_known(cell) for cell in cells), len(cells)

    return text, max(DELIMITERS, key=count_known_columns), 1


def _records(text: str, delimiter: str, first_line: int = 1) -> Iterator[Record]:
    """The rows of the text.

    Raises:
        UnreadableFileError: if the quotes of a row do not match.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = first_line
    try:
        for cells in reader:
            yield Record(line, cells)
            line = first_line + reader.line_num
    except csv.Error as error:
        if "limit" in str(error):
            raise UnreadableFileError(
                _("The row that starts on line %(line)s has a cell that never ends.")
                % {"line": line}
            ) from None
        raise UnreadableFileError(
            _("The quotes don't match in the row that starts on line %(line)s (%(error)s).")
            % {"line": line, "error": error}
        ) from None
