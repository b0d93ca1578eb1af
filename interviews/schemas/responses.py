"""What both APIs answer with."""

from ninja import Schema
from pydantic import ConfigDict, Field


class NotSavedOut(Schema):
    """A file or folder that an archive does not have. `files` and `bytes`: those of a folder, or
    null if they are unknown."""

    path: str
    reason: str = Field(description='"regenerable" or "unreadable"')
    files: int | None
    bytes: int | None


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
