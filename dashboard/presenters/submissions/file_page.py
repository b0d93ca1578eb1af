"""One file of a submission, in the form that suits it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.presenters.reviews.line_comments import FileComments, LineComment
from dashboard.presenters.submissions import csv_table, highlighting, notebook, pictures, text
from dashboard.presenters.submissions.addresses import Addresses
from dashboard.presenters.submissions.csv_table import Table
from dashboard.presenters.submissions.notebook import Notebook
from dashboard.presenters.submissions.tree import STATUSES, Step, note_of, steps_to
from operations.submissions import paths
from operations.submissions.decoding import decode
from operations.submissions.entries import Kind
from operations.submissions.index import Status
from operations.submissions.index.records import File
from operations.submissions.starting import BaseFiles
from operations.submissions.submission import Submission


@dataclass(frozen=True)
class FileHead:
    """What both pages of a file show above it."""

    name: str
    path: str
    steps: list[Step]
    size: int
    status: str
    label: str
    note: str
    file_url: str
    # Only of a changed file.
    difference_url: str
    # Only of a file that the archive has.
    download_url: str
    previous_url: str
    next_url: str


@dataclass
class FileBody:
    """What is shown of a file: one of the forms, or why there is none (`why`)."""

    why: str = ""
    notes: list[str] = field(default_factory=list)
    lines: list[SafeString] = field(default_factory=list)
    # Of the latest submission: what stands at its lines.
    comments: FileComments | None = None
    picture_url: str = ""
    table: Table | None = None
    notebook: Notebook | None = None
    # The same file as text, and in its own form.
    text_url: str = ""
    form_url: str = ""

    @property
    def rows(self) -> Iterator[tuple[SafeString, list[LineComment]]]:
        """The lines as rows of a table, each with its comments.

        There are up to 5,000, and a template takes several times as long to fill them.
        """
        comments = self.comments
        for number, line in enumerate(self.lines, start=1):
            row = format_html(
                '<tr id="L{0}"><td class="number"><a href="#L{0}">{0}</a>{1}</td>'
                '<td class="source"><code>{2}</code></td></tr>',
                number,
                comments.button(number) if comments is not None else "",
                line,
            )
            yield row, comments.at(number) if comments is not None else []

    @property
    def comments_elsewhere(self) -> list[LineComment]:
        """The comments at no line of these."""
        if self.comments is None:
            return []
        return self.comments.elsewhere(range(1, len(self.lines) + 1))


def head_of(submission: Submission, addresses: Addresses, file: File) -> FileHead:
    before, after = submission.changed_before(file), submission.changed_after(file)
    is_changed = file.status is Status.CHANGED
    return FileHead(
        name=paths.shown(file.name),
        path=paths.shown(file.path),
        steps=steps_to(file.path, addresses),
        size=file.size,
        status=file.status.value,
        label=str(STATUSES[file.status]),
        note=note_of(file),
        file_url=addresses.file(file),
        difference_url=addresses.difference(file) if is_changed else "",
        download_url=addresses.download(file) if file.is_stored else "",
        previous_url=addresses.best(before) if before else "",
        next_url=addresses.best(after) if after else "",
    )


def read_file(
    submission: Submission, file: File, starting: BaseFiles | None, limit: int
) -> bytes | None:
    """The first bytes of a file, of a deleted one as it was at the start; None if it has none.

    Raises:
        BrokenArchiveError: if the archive is missing, damaged or another one.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    if file.is_stored:
        return submission.content(file, limit)
    if file.status is Status.DELETED and starting is not None:
        content = starting.content(file.path)
        return None if content is None else content[:limit]
    return None


def body_of(
    submission: Submission,
    addresses: Addresses,
    file: File,
    starting: BaseFiles | None,
    *,
    as_text: bool = False,
) -> FileBody:
    """The content of a file for its page: as text, if asked. It raises what `read_file` raises."""
    if file.kind is Kind.LINK:
        return FileBody(
            why=_("This is a link to %(path)s. Links aren't followed.")
            % {"path": paths.shown(file.target)}
        )
    is_notebook = notebook.is_notebook(file.name)
    limit = notebook.MAX_NOTEBOOK_BYTES if is_notebook else text.MAX_TEXT_BYTES
    content = read_file(submission, file, starting, limit)
    if content is None:
        return FileBody(why=_("This file has no content that can be shown."))
    if not content:
        return FileBody(why=_("This file is empty."))
    if file.is_stored and pictures.picture_type(content[: pictures.HEAD_BYTES]):
        if file.size > pictures.MAX_PICTURE_BYTES or pictures.has_too_many_pixels(content):
            return FileBody(why=_("This picture is too large to show. Download it to open it."))
        return FileBody(picture_url=addresses.raw(file))
    form = _form_of(addresses, file, content) if _has_form(file) else None
    if form is not None and not as_text:
        form.text_url = addresses.file(file, **{"as": "text"})
        return form
    body = _text_body(file, content[: text.MAX_TEXT_BYTES])
    if form is not None:
        body.form_url = addresses.file(file)
    elif notebook.is_notebook(file.name):
        body.notes.insert(0, _("This isn't a notebook that can be read. It's shown as text."))
    return body


def _has_form(file: File) -> bool:
    """Whether the name promises more than text."""
    is_known = (notebook.is_notebook, csv_table.is_csv, pictures.is_svg)
    return any(is_form(file.name) for is_form in is_known)


def _form_of(addresses: Addresses, file: File, content: bytes) -> FileBody | None:
    """A notebook, a table or a drawing, or None if the content is none."""
    decoded = decode(content, is_whole=len(content) == file.size)
    if decoded is None:
        return None
    if pictures.is_svg(file.name):
        return FileBody(picture_url=addresses.raw(file)) if file.is_stored else None
    if csv_table.is_csv(file.name):
        table = csv_table.table_of(decoded[0])
        is_cut = table is not None and (table.is_cut or len(content) < file.size)
        notes = [_("Only the beginning of the table is shown.")] if is_cut else []
        return FileBody(table=table, notes=notes) if table is not None else None
    if len(content) < file.size:
        return None
    shown = notebook.notebook_of(decoded[0])
    if shown is None:
        return None
    notes = [_("The notebook is long. Only a part of it is shown.")] if shown.is_cut else []
    return FileBody(notebook=shown, notes=notes)


def _text_body(file: File, content: bytes) -> FileBody:
    is_whole = len(content) == file.size
    decoded = decode(content, is_whole=is_whole)
    if decoded is None:
        return FileBody(why=_("This file isn't text. Download it to open it."))
    shown = text.lines_of(decoded[0], encoding=decoded[1], is_cut=not is_whole)
    highlighted = highlighting.highlight(paths.shown(file.name), shown.lines)
    return FileBody(notes=notes_of(shown), lines=highlighted or highlighting.plain(shown.lines))


def notes_of(shown: text.Text) -> list[str]:
    """What a page says above a text."""
    notes = []
    if shown.is_cut:
        notes.append(_("Only the beginning of the file is shown. Download it to see the rest."))
    if shown.has_long_lines:
        notes.append(_("Very long lines are cut."))
    if shown.encoding:
        notes.append(
            _("This file isn't UTF-8. It's shown as %(encoding)s.") % {"encoding": shown.encoding}
        )
    return notes
