"""Schemas of operations and their logs in the staff API."""

from datetime import datetime
from typing import Any

from ninja import Schema

from interviews.schemas.fields import CAMEL_ANSWER


class OperationOut(Schema):
    model_config = CAMEL_ANSWER

    id: str
    interview_id: str
    type: str
    status: str
    step: str | None
    error: str | None
    attempts: int
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class OperationPage(Schema):
    items: list[OperationOut]
    next: str | None


class LogLineOut(Schema):
    """`seq` is text: it is larger than what JavaScript can count to."""

    seq: str
    at: datetime
    level: str
    message: str

    @staticmethod
    def resolve_seq(line: Any) -> str:
        return str(int(line.seq))


class LogPage(Schema):
    items: list[LogLineOut]
    next: str | None
