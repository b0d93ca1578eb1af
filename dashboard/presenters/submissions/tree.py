"""The tree of a submission, as far as a page can show it: larger folders are links to their own."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.presenters.submissions.addresses import Addresses
from operations.submissions import paths
from operations.submissions.entries import Kind, Problem
from operations.submissions.index import Status
from operations.submissions.index.records import File, Folder, Summary
from operations.submissions.submission import Submission

# Rows of a page.
MAX_ROWS = 500
# Open folders within each other: templates and builder call themselves for each.
MAX_DEPTH = 20

STATUSES = {
    Status.ADDED: gettext_lazy("Added"),
    Status.CHANGED: gettext_lazy("Changed"),
    Status.DELETED: gettext_lazy("Deleted"),
    Status.SAME: gettext_lazy("Unchanged"),
}


@dataclass(frozen=True)
class Leaf:
    """A file in the tree. `status` is "" for an unchanged one."""

    file: File
    name: str
    url: str
    status: str
    label: str
    note: str


@dataclass
class Node:
    """A folder in the tree. One that is not open is a link to its own page."""

    folder: Folder
    name: str
    url: str
    is_open: bool = False
    folders: list["Node"] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    # The page with the folders and files that this one has no room for.
    more_url: str = ""


@dataclass(frozen=True)
class Step:
    """A folder above the one that is shown."""

    name: str
    url: str


def build_tree(
    submission: Submission,
    addresses: Addresses,
    folder: Folder,
    *,
    after: int = 0,
    after_folder: int = 0,
) -> Node:
    """The tree below a folder, of at most MAX_ROWS rows.

    A folder's folders come before its files: `after_folder` is the id of the folder to go on after,
    and `after` that of the file once all folders were shown.
    """
    return _Builder(submission, addresses).build(folder, after, after_folder)


class _Builder:
    def __init__(self, submission: Submission, addresses: Addresses) -> None:
        self._submission = submission
        self._addresses = addresses
        self._only_changed = not addresses.lists_all
        self._left = MAX_ROWS

    def build(
        self, folder: Folder, after: int = 0, after_folder: int = 0, *, depth: int = 1
    ) -> Node:
        node = self._node(folder)
        node.is_open = True
        shown, has_more = ([], False) if after else self._folders(folder, after_folder)
        files: list[File] = []
        if not has_more:
            files, has_more = self._files(folder, after)
        if has_more and files:
            node.more_url = self._addresses.page(folder.path, after=files[-1].id)
        elif has_more:
            last = shown[-1].id if shown else after_folder
            node.more_url = self._addresses.page(folder.path, after_folder=last)
        node.leaves = [self._leaf(file) for file in files]
        for child in shown:
            fits = depth < MAX_DEPTH and self._rows_below(child) <= self._left
            node.folders.append(self.build(child, depth=depth + 1) if fits else self._node(child))
        return node

    def _folders(self, folder: Folder, after: int) -> tuple[list[Folder], bool]:
        """The folders that there is room for, and whether there are more."""
        found = self._submission.folders_in(
            folder, only_changed=self._only_changed, after=after, limit=self._left + 1
        )
        shown = found[: self._left]
        self._left -= len(shown)
        return shown, len(found) > len(shown)

    def _files(self, folder: Folder, after: int) -> tuple[list[File], bool]:
        """The files that there is room for, and whether there are more."""
        found = self._submission.files_in(
            folder, only_changed=self._only_changed, after=after, limit=self._left + 1
        )
        shown = found[: self._left]
        self._left -= len(shown)
        return shown, len(found) > len(shown)

    def _rows_below(self, folder: Folder) -> int:
        """At least as many as the files and folders directly in it, as each folder has a file."""
        return folder.changed if self._only_changed else folder.files + folder.changed

    def _node(self, folder: Folder) -> Node:
        return Node(folder, paths.shown(folder.name), self._addresses.page(folder.path))

    def _leaf(self, file: File) -> Leaf:
        is_same = file.status is Status.SAME
        return Leaf(
            file=file,
            name=paths.shown(file.name),
            url=self._addresses.best(file),
            status="" if is_same else file.status.value,
            label="" if is_same else str(STATUSES[file.status]),
            note=note_of(file),
        )


def note_of(file: File) -> str:
    """What is special about a file, or ""."""
    if file.kind is Kind.LINK:
        return _("link to %(path)s") % {"path": paths.shown(file.target)}
    if file.kind is Kind.OTHER:
        return _("no regular file")
    return _("executable") if file.is_executable else ""


def steps_to(path: bytes, addresses: Addresses) -> list[Step]:
    """The folders above a path, from the outermost."""
    parts = path.split(b"/")[:-1]
    return [
        Step(paths.shown(name), addresses.page(b"/".join(parts[: number + 1])))
        for number, name in enumerate(parts)
    ]


def notices_of(summary: Summary) -> list[str]:
    """What a reader must know before they trust the tree."""
    notices = []
    if summary.problem is Problem.DAMAGED:
        notices.append(
            _(
                "The archive of these files is damaged. Here is everything that can be read of it. "
                "That doesn't show what the candidate changed."
            )
            if summary.files
            else _(
                "The archive of these files is damaged, and nothing of it can be read. "
                "That doesn't show what the candidate did."
            )
        )
    if summary.problem is Problem.TOO_MANY:
        notices.append(
            _("There are more files than can be listed. Download the archive to see all of them.")
        )
    if not summary.is_compared:
        notices.append(
            _("The challenge's starting files are gone, so every file is listed as added.")
        )
    if summary.skipped:
        notices.append(
            _("Entries with invalid paths aren't listed: %(count)s.") % {"count": summary.skipped}
        )
    return notices
