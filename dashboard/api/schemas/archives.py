"""Schemas of the archives of saved files in the API."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import BeforeValidator, Field

from interviews.schemas.fields import CAMEL_ANSWER
from interviews.schemas.responses import NotSavedOut

# Rows without them have everything in their archive, or are older.
NotSavedList = Annotated[
    list[NotSavedOut],
    BeforeValidator(lambda entries: entries or []),
    Field(description="What the archive doesn't contain: the first 10 of `notSavedCount`"),
]
NotSavedCount = Annotated[int, BeforeValidator(lambda count: count or 0)]
IsLeftBehind = Annotated[
    bool,
    BeforeValidator(bool),
    Field(
        description="Found on a machine that came back, after the sitting went on or ended with "
        "files that were kept before"
    ),
]


class ArchiveOut(Schema):
    """Files that an earlier sitting saved, or that were left behind; `at`: when they were saved."""

    model_config = CAMEL_ANSWER

    bytes: int | None
    sha256: str | None
    at: datetime | None
    is_left_behind: IsLeftBehind
    not_saved: NotSavedList
    not_saved_count: NotSavedCount


class SittingFilesOut(ArchiveOut):
    """Files that a sitting saved."""

    opening: int = Field(description="For the download: `GET .../files?opening=`")
