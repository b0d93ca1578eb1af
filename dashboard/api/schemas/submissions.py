"""Schemas of a submission in the API: its files, and the difference of one."""

from typing import Any, Literal, Self

from ninja import Schema
from pydantic import Field

from dashboard.presenters.submissions.difference_page import DifferenceBody, Row
from interviews.schemas.fields import CAMEL_ANSWER
from operations.submissions import paths
from operations.submissions.entries import Kind, Problem
from operations.submissions.index import Status
from operations.submissions.index.records import File


class SubmittedFileOut(Schema):
    """A file or link, or a starting file that was deleted. A link has no `sha256`."""

    model_config = CAMEL_ANSWER

    path: str = Field(
        description="As text: bytes that are no UTF-8, and what hides or reverses text, are escaped"
    )
    path_query: str = Field(
        description="The path for `?path=`, percent-encoded byte by byte: use it as it is"
    )
    kind: Kind
    status: Status = Field(description="Against the starting files")
    size: int
    sha256: str | None
    executable: bool
    link: str | None = Field(description="Where a link leads")

    @classmethod
    def of(cls, file: File) -> Self:
        return cls(
            path=paths.shown(file.path),
            path_query=paths.quoted(file.path),
            kind=file.kind,
            status=file.status,
            size=file.size,
            sha256=None if file.sha256 is None else file.sha256.hex(),
            executable=file.is_executable,
            link=paths.shown(file.target) if file.target else None,
        )


class SubmissionOut(Schema):
    """The files of one submission, in the order of the tree, 500 at a time, with the totals of all
    of them. Without a comparison, every file is `added`. With a `problem`, `files` and `bytes` are
    those of what could be listed, and nothing is said about how many files changed."""

    model_config = CAMEL_ANSWER

    opening: int = Field(description="Its place among the archives of the interview, from 0")
    compared: bool = Field(description="Whether the starting files were there to compare with")
    added: int | None = Field(description="`null` with a `problem`, as are the next two")
    changed: int | None
    deleted: int | None
    files: int
    bytes: int
    problem: Problem | None = Field(description="Why not all of the archive is listed")
    items: list[SubmittedFileOut]
    next: str | None


class DifferenceLineOut(Schema):
    """A line of the difference, or a `gap`: `skipped` lines that did not change. Lines have at most
    2,000 characters, and show what hides or reverses text as escapes."""

    model_config = CAMEL_ANSWER

    kind: Literal["same", "added", "deleted", "gap"]
    old_line: int | None
    new_line: int | None
    text: str
    skipped: int

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            kind=row.kind,  # type: ignore[arg-type]
            old_line=row.old_number,
            new_line=row.new_number,
            text=row.old if row.kind == "deleted" else row.new,
            skipped=row.skipped,
        )


class DifferenceOut(Schema):
    """The difference of a changed file against its starting file, at most 3,000 lines of it."""

    model_config = CAMEL_ANSWER

    path: str
    reason: str = Field(description='Why there are no lines, or ""')
    notes: list[str]
    added: int
    deleted: int
    lines: list[DifferenceLineOut]

    @classmethod
    def of(cls, file: File, body: DifferenceBody) -> Self:
        lines: list[Any] = [DifferenceLineOut.of(row) for row in body.rows]
        return cls(
            path=paths.shown(file.path),
            reason=body.why,
            notes=body.notes,
            added=body.added,
            deleted=body.deleted,
            lines=lines,
        )
