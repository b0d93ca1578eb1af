"""The difference of a changed file against its starting file, as rows of a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from django.utils.translation import gettext as _

from dashboard.presenters.submissions import text
from dashboard.presenters.submissions.file_page import read_file
from operations.submissions.difference import Block, Difference, compare
from operations.submissions.starting import StartingVersion
from operations.submissions.submission import File, Submission

MAX_BYTES = 1024 * 1024
MAX_COMPARED_LINES = 20_000
MAX_ROWS = 3_000
# Unchanged lines around a change.
CONTEXT = 3


@dataclass(frozen=True)
class Row:
    """A row: a line of the starting file, one of the candidate's, or both. Numbers are from 1.

    `kind` is same, changed (both sides, side by side), deleted, added, or gap.
    """

    kind: str
    old_number: int | None = None
    old: str = ""
    new_number: int | None = None
    new: str = ""
    # Of a gap: how many lines it leaves out.
    skipped: int = 0


@dataclass
class DifferenceBody:
    """The rows of a difference, or why there are none (`why`)."""

    why: str = ""
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    added: int = 0
    deleted: int = 0


def difference_of(
    submission: Submission,
    file: File,
    starting: StartingVersion | None,
    *,
    is_side_by_side: bool,
    ignores_space: bool,
) -> DifferenceBody:
    """Compare a file with its starting file. It raises what `read_file` raises."""
    old_content = starting.content(file.path) if starting is not None else None
    if old_content is None:
        return DifferenceBody(why=_("The starting file is gone, so there is nothing to compare."))
    if file.size > MAX_BYTES or len(old_content) > MAX_BYTES:
        return DifferenceBody(why=_("This file is too large to compare."))
    new_content = read_file(submission, file, starting, MAX_BYTES)
    if new_content is None:
        return DifferenceBody(why=_("It was replaced by a link or by something that's no file."))
    if new_content == old_content:
        return DifferenceBody(why=_("The content is the same. Only the execute bit changed."))
    old_text, new_text = text.decode(old_content), text.decode(new_content)
    if old_text is None or new_text is None:
        return DifferenceBody(why=_("This file isn't text, so its lines can't be compared."))
    old, new = text.all_lines(old_text[0]), text.all_lines(new_text[0])
    if max(len(old), len(new)) > MAX_COMPARED_LINES:
        return DifferenceBody(why=_("This file has too many lines to compare."))
    found = compare(old, new, ignores_space=ignores_space)
    body = DifferenceBody(added=found.added, deleted=found.deleted)
    if not found.added and not found.deleted:
        body.why = (
            _("Only white space changed.")
            if ignores_space and old != new
            else _("Only the encoding or the line endings changed.")
        )
        return body
    for row in _rows(found, old, new, is_side_by_side=is_side_by_side):
        if len(body.rows) == MAX_ROWS:
            body.notes.append(_("The difference is long. Only its beginning is shown."))
            break
        body.rows.append(row)
    if not found.is_complete:
        body.notes.append(
            _("These files differ a lot, so some lines that stayed may be shown as changed.")
        )
    return body


def _rows(
    found: Difference, old: list[str], new: list[str], *, is_side_by_side: bool
) -> Iterator[Row]:
    last = len(found.blocks) - 1
    for number, block in enumerate(found.blocks):
        if block.is_same:
            yield from _same_rows(block, old, new, is_first=number == 0, is_last=number == last)
        elif is_side_by_side:
            yield from _paired_rows(block, old, new)
        else:
            for place in range(block.old_start, block.old_end):
                yield Row("deleted", old_number=place + 1, old=text.shown_line(old[place]))
            for place in range(block.new_start, block.new_end):
                yield Row("added", new_number=place + 1, new=text.shown_line(new[place]))


def _same_rows(
    block: Block, old: list[str], new: list[str], *, is_first: bool, is_last: bool
) -> Iterator[Row]:
    """The lines next to a change, and a gap for those between them."""
    length = block.old_end - block.old_start
    head = 0 if is_first else CONTEXT
    tail = 0 if is_last else CONTEXT
    # A gap of one line would take as much room as the line.
    gap = range(head, length - tail) if length > head + tail + 1 else range(0)
    for place in range(length):
        if place in gap:
            if place == gap.start:
                yield Row("gap", skipped=len(gap))
            continue
        old_place, new_place = block.old_start + place, block.new_start + place
        yield Row(
            "same",
            old_place + 1,
            text.shown_line(old[old_place]),
            new_place + 1,
            text.shown_line(new[new_place]),
        )


def _paired_rows(block: Block, old: list[str], new: list[str]) -> Iterator[Row]:
    old_places = range(block.old_start, block.old_end)
    new_places = range(block.new_start, block.new_end)
    for old_place, new_place in zip_longest(old_places, new_places):
        has_old, has_new = old_place is not None, new_place is not None
        yield Row(
            "changed" if has_old and has_new else "deleted" if has_old else "added",
            old_place + 1 if has_old else None,
            text.shown_line(old[old_place]) if has_old else "",
            new_place + 1 if has_new else None,
            text.shown_line(new[new_place]) if has_new else "",
        )
