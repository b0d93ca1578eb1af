"""The difference of a changed file against its starting file, as rows of a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.presenters.reviews.line_comments import FileComments, LineComment
from dashboard.presenters.submissions import text
from dashboard.presenters.submissions.file_page import read_file
from operations.submissions.changed_words import Part, Parts, WordComparison
from operations.submissions.decoding import all_lines, decode
from operations.submissions.difference import Block, Difference, compare
from operations.submissions.index.records import File
from operations.submissions.starting import BaseFiles
from operations.submissions.submission import Submission

MAX_BYTES = 1024 * 1024
MAX_COMPARED_LINES = 20_000
MAX_ROWS = 3_000
# Unchanged lines around a change.
CONTEXT = 3
_SIGNS = {"added": "+", "deleted": "−"}


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
    # Of a changed line: the same text in parts, of which those that differ are marked.
    old_parts: list[Part] = field(default_factory=list)
    new_parts: list[Part] = field(default_factory=list)
    # Of a line of the candidate's: what adds a comment to it, and the comments at it.
    button: SafeString = field(default_factory=SafeString)
    comments: list[LineComment] = field(default_factory=list)

    @property
    def old_marked(self) -> str:
        """The old line for the page, with what differs within it."""
        return _marked(self.old_parts) or self.old

    @property
    def new_marked(self) -> str:
        return _marked(self.new_parts) or self.new

    # There are up to MAX_ROWS, and a template takes four times as long to fill their cells.

    @property
    def stacked_cells(self) -> SafeString:
        """The cells of the row where deleted lines are above the added ones."""
        return format_html(
            '<td class="number">{}</td><td class="number">{}</td><td class="sign">{}</td>'
            '<td class="source"><code>{}</code></td>',
            self.old_number or "",
            self._linked_number,
            _SIGNS.get(self.kind, ""),
            self.old_marked if self.kind == "deleted" else self.new_marked,
        )

    @property
    def paired_cells(self) -> SafeString:
        """The cells of the row where the starting file is on the left."""
        return format_html(
            '<td class="number number-old">{}</td>'
            '<td class="source source-old"><code>{}</code></td>'
            '<td class="number number-new">{}</td>'
            '<td class="source source-new"><code>{}</code></td>',
            self.old_number or "",
            self.old_marked,
            self._linked_number,
            self.new_marked,
        )

    @property
    def _linked_number(self) -> str:
        number = self.new_number
        link = '<a id="L{0}" href="#L{0}">{0}</a>{1}'
        return format_html(link, number, self.button) if number else ""


@dataclass
class DifferenceBody:
    """The rows of a difference, or why there are none (`why`)."""

    why: str = ""
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    added: int = 0
    deleted: int = 0
    comments: FileComments | None = None

    @property
    def comments_elsewhere(self) -> list[LineComment]:
        """The comments at no line of these."""
        if self.comments is None:
            return []
        shown = {row.new_number for row in self.rows if row.new_number is not None}
        return self.comments.elsewhere(shown)

    @property
    def commented_rows(self) -> Iterator[Row]:
        """The rows with their comments, and what adds one."""
        comments = self.comments
        for row in self.rows:
            if comments is None or row.new_number is None:
                yield row
            else:
                at_line = comments.at(row.new_number)
                yield replace(row, button=comments.button(row.new_number), comments=at_line)


def difference_of(
    submission: Submission,
    file: File,
    starting: BaseFiles | None,
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
    old_text, new_text = decode(old_content), decode(new_content)
    if old_text is None or new_text is None:
        return DifferenceBody(why=_("This file isn't text, so its lines can't be compared."))
    old, new = all_lines(old_text[0]), all_lines(new_text[0])
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
    words = WordComparison(ignores_space=ignores_space)
    for row in _rows(found, old, new, words, is_side_by_side=is_side_by_side):
        if len(body.rows) == MAX_ROWS:
            body.notes.append(_("The difference is long. Only its beginning is shown."))
            break
        body.rows.append(row)
    if not found.is_complete:
        body.notes.append(
            _("These files differ a lot, so some lines that stayed may be shown as changed.")
        )
    return body


def _marked(parts: list[Part]) -> str:
    if not parts:
        return ""
    # No white space may be added: the page shows it.
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", each.text) if each.is_changed else each.text,)
            for each in parts
        ),
    )


def _rows(
    found: Difference,
    old: list[str],
    new: list[str],
    words: WordComparison,
    *,
    is_side_by_side: bool,
) -> Iterator[Row]:
    last = len(found.blocks) - 1
    for number, block in enumerate(found.blocks):
        if block.is_same:
            yield from _same_rows(block, old, new, is_first=number == 0, is_last=number == last)
        elif is_side_by_side:
            yield from _paired_rows(block, old, new, words)
        else:
            yield from _stacked_rows(block, old, new, words)


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


def _stacked_rows(
    block: Block, old: list[str], new: list[str], words: WordComparison
) -> Iterator[Row]:
    """All old lines, then all new ones; the first of each belong together, and so on."""
    pairs = [
        _parts(old[old_place], new[new_place], words)
        for old_place, new_place in zip(
            range(block.old_start, min(block.old_end, block.old_start + MAX_ROWS)),
            range(block.new_start, block.new_end),
            strict=False,
        )
    ]
    for number, place in enumerate(range(block.old_start, block.old_end)):
        parts = pairs[number][0] if number < len(pairs) else []
        yield Row("deleted", old_number=place + 1, old=text.shown_line(old[place]), old_parts=parts)
    for number, place in enumerate(range(block.new_start, block.new_end)):
        parts = pairs[number][1] if number < len(pairs) else []
        yield Row("added", new_number=place + 1, new=text.shown_line(new[place]), new_parts=parts)


def _paired_rows(
    block: Block, old: list[str], new: list[str], words: WordComparison
) -> Iterator[Row]:
    old_places = range(block.old_start, block.old_end)
    new_places = range(block.new_start, block.new_end)
    for old_place, new_place in zip_longest(old_places, new_places):
        if old_place is None:
            yield Row("added", new_number=new_place + 1, new=text.shown_line(new[new_place]))
        elif new_place is None:
            yield Row("deleted", old_number=old_place + 1, old=text.shown_line(old[old_place]))
        else:
            old_parts, new_parts = _parts(old[old_place], new[new_place], words)
            yield Row(
                "changed",
                old_place + 1,
                text.shown_line(old[old_place]),
                new_place + 1,
                text.shown_line(new[new_place]),
                old_parts=old_parts,
                new_parts=new_parts,
            )


def _parts(old: str, new: str, words: WordComparison) -> tuple[Parts, Parts]:
    """What differs within a line, in the text that is shown of it."""
    return words.parts(text.shown_line(old), text.shown_line(new)) or ([], [])
