"""The list of the files of a state, and where in the store each content is.

A turn makes a record for each file of a workspace: tuples, which cost a third of dataclasses.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from operations.provisioners.file_look import SeenFile, Stamp, Unread

# Why a file's content is not kept yet: the next look has it.
AWAITED = Unread.LATER.value
EXECUTE_BIT = 0o100
# Contents in a list that none of its files has.
MAX_SPARE = 1_000


class KeptContent(NamedTuple):
    """A content in a pack, compressed; `lines` is None if it is no text."""

    pack: str
    offset: int
    packed: int
    size: int
    lines: int | None


class KeptFile(NamedTuple):
    """A file or link of a state. Without a hash its content is not kept: `unread` says why.

    Inode and ctime are those of the workspace, to know it again when it is looked at next.
    """

    path: bytes
    is_link: bool
    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    target: bytes = b""
    sha256: str = ""
    unread: str = ""

    @property
    def stamp(self) -> Stamp:
        return self.inode, self.ctime_ns, self.size

    @property
    def identity(self) -> tuple[object, ...]:
        """What a reader would call the same file."""
        if self.is_link:
            return True, self.target
        # A content that is not kept can only be told by its size and time.
        content = self.sha256 or (self.size, self.mtime_ns)
        return False, bool(self.mode & EXECUTE_BIT), content

    @property
    def is_awaited(self) -> bool:
        """Whether its content was never read, and the next look has it."""
        return self.unread == AWAITED

    @property
    def is_counted(self) -> bool:
        """Whether it is the candidate's own text or file, and none that git keeps for itself."""
        return b".git/" not in self.path or b".git" not in self.path.split(b"/")[:-1]


def kept_file(seen: SeenFile, *, sha256: str = "", unread: str = "") -> KeptFile:
    return KeptFile(
        seen.path,
        seen.is_link,
        seen.mode,
        seen.size,
        seen.mtime_ns,
        seen.ctime_ns,
        seen.inode,
        seen.target,
        sha256,
        unread,
    )


@dataclass
class Manifest:
    """The files by path, and their contents in the store by their hashes; also some that earlier
    states had, which need not be stored again if they come back."""

    files: dict[bytes, KeptFile] = field(default_factory=dict)
    contents: dict[str, KeptContent] = field(default_factory=dict)
    # Of the list in the store, once it was read or stored.
    stored: "StoredList | None" = field(default=None, compare=False)
    # Once they were counted.
    _totals: "Totals | None" = field(default=None, compare=False)

    def is_same(self, other: Self, differing: Iterable[bytes]) -> bool:
        """Whether a reader would see the same files; `differing` are the `differing_paths`."""
        return all(
            path in self.files
            and path in other.files
            and is_same_file(self.files[path], other.files[path])
            for path in differing
        )

    def differing_paths(self, other: Self, among: Iterable[bytes] | None = None) -> set[bytes]:
        """The paths whose records one of the lists has not, or has otherwise.

        `among` is where they can differ, if that is known: it spares a look at all files.
        """
        new, old = self.files.get, other.files.get
        if among is not None:
            return {path for path in among if new(path) != old(path)}
        found = {
            path
            for path, file in self.files.items()
            if (known := old(path)) is not file and known != file
        }
        return found | (other.files.keys() - self.files.keys())

    @property
    def is_stored_whole(self) -> bool:
        return self.stored is not None and self.stored.full is None

    def forget_old_contents(self) -> None:
        """Leave out contents that no file has, but for the newest MAX_SPARE of them."""
        used = {file.sha256 for file in self.files.values()}
        spare = [sha256 for sha256 in self.contents if sha256 not in used]
        for sha256 in spare[: max(0, len(spare) - MAX_SPARE)]:
            del self.contents[sha256]

    def in_order_of_packs(self) -> list[tuple[bytes, KeptFile]]:
        """The files with their paths, so that each pack is read once, from beginning to end."""

        def place(item: tuple[bytes, KeptFile]) -> tuple[str, int]:
            kept = self.contents.get(item[1].sha256)
            return (kept.pack, kept.offset) if kept is not None else ("", 0)

        return sorted(self.files.items(), key=place)

    def lines_of(self, file: KeptFile) -> int | None:
        content = self.contents.get(file.sha256)
        return content.lines if content is not None else None

    def totals(self) -> "Totals":
        """How many files there are, and how many lines their texts have, without those of git."""
        if self._totals is None:
            self._totals = self._count(self.files.values())
        return self._totals

    def count_from(self, other: Self, differing: Collection[bytes]) -> None:
        """Have the totals from those of another list and the `differing_paths`: few of many."""
        new = self._count(self.files[path] for path in differing if path in self.files)
        old = other._count(other.files[path] for path in differing if path in other.files)
        before = other.totals()
        self._totals = Totals(
            before.files + new.files - old.files, before.lines + new.lines - old.lines
        )

    def _count(self, files: Iterable[KeptFile]) -> "Totals":
        counted = [self.lines_of(file) or 0 for file in files if file.is_counted]
        return Totals(len(counted), sum(counted))


class Totals(NamedTuple):
    files: int
    lines: int


@dataclass(frozen=True)
class StoredList:
    """How a list is in the store: whole, or as what differs from the whole list `full_key`."""

    packed_bytes: int
    full_key: str
    # None if it is whole itself.
    full: Manifest | None = None
    # How many lists were stored since the whole one, with this one.
    distance: int = 0
    # Where it differs from the whole one.
    differing: frozenset[bytes] = frozenset()


def is_same_file(file: KeptFile, other: KeptFile) -> bool:
    """Whether a reader would call them the same. Most files are the same record."""
    return file is other or file.identity == other.identity
