"""Schemas of kept progress in the staff API."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from interviews.schemas.fields import CAMEL_ANSWER


class ChangeOut(Schema):
    """One of the files that changed most in a state."""

    model_config = CAMEL_ANSWER

    path: str = Field(description="Bytes that are no UTF-8 are shown as escapes")
    status: str = Field(description="added, changed or deleted")
    added: int = Field(description="Lines")
    deleted: int = Field(description="Lines")


class ProgressStateOut(Schema):
    """A state of the files that differs from the one before; the first, from the starting files."""

    model_config = CAMEL_ANSWER

    number: int
    sitting: int
    since: datetime | None = Field(description="The changes are from between `since` and `at`")
    at: datetime
    files: int = Field(description="In all, without those of .git")
    lines: int = Field(description="Of all texts, without those of .git")
    files_added: int
    files_changed: int
    files_deleted: int
    lines_added: int
    lines_deleted: int
    largest: list[ChangeOut] = Field(description="The files with the most changed lines, up to 5")


class ProgressOut(Schema):
    """What was kept while the workspace ran, oldest first."""

    model_config = CAMEL_ANSWER

    kept_at: datetime | None = Field(description="When the workspace was looked at last")
    states: list[ProgressStateOut]
