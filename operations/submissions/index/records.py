"""What an index says: files, folders and totals."""

from dataclasses import dataclass

from operations.submissions.entries import Kind, Problem
from operations.submissions.index.schema import EXECUTE_BIT, Status


@dataclass(frozen=True, slots=True)
class File:
    """A file or link of a submission, or a deleted starting file."""

    id: int
    path: bytes
    kind: Kind
    mode: int
    size: int
    sha256: bytes | None
    offset: int | None
    target: bytes
    # Seconds since 1970, or 0 if it is not known.
    mtime: int
    status: Status

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]

    @property
    def is_executable(self) -> bool:
        return self.kind is Kind.FILE and bool(self.mode & EXECUTE_BIT)

    @property
    def is_stored(self) -> bool:
        """Whether the archive has content of it."""
        return self.offset is not None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, with the totals below it; `files` leaves out the deleted ones."""

    id: int
    path: bytes
    files: int
    changed: int
    total_bytes: int

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]


@dataclass(frozen=True)
class Summary:
    """The totals of what could be listed, against the starting files if `is_compared`."""

    added: int
    changed: int
    deleted: int
    files: int
    total_bytes: int
    is_compared: bool
    problem: Problem | None
    # Entries whose names lead out of the archive.
    skipped: int

    @property
    def is_whole(self) -> bool:
        """Without all of the archive, the counts say nothing about what the candidate changed."""
        return self.problem is None

    @property
    def changes(self) -> dict[str, int | None]:
        """How many files were `added`, `changed` and `deleted`, for programs: None if unknown."""
        if not self.is_whole:
            return {"added": None, "changed": None, "deleted": None}
        return {"added": self.added, "changed": self.changed, "deleted": self.deleted}

    @property
    def different(self) -> int:
        return self.added + self.changed + self.deleted
