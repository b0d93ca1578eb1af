"""What both APIs answer with."""

from ninja import Schema
from pydantic import ConfigDict, Field

from interviews.schemas.answers import Answer


class NotSavedOut(Schema):
    """A file or folder that an archive does not have. `files` and `bytes`: those of a folder, or
    null if they are unknown."""

    path: str
    reason: str = Field(description='"regenerable" or "unreadable"')
    files: int | None
    bytes: int | None


class LineOut(Answer):
    """Where a start is in line for a workspace, and how long it usually takes from there. The clock
    doesn't run, and the place is kept whether or not the candidate's page is open."""

    place: int = Field(description="From 1")
    wait_seconds: int | None = Field(description="An estimate; null if nothing is known yet")


class Problem(Schema):
    code: str
    message: str
    field: str | None = None


class ErrorOut(Schema):
    """Every error of the API."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "invalid",
                        "message": "Enter the candidate's name.",
                        "field": "candidateName",
                    }
                }
            ]
        }
    )

    error: Problem
