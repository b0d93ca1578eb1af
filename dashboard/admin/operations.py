"""Operations in the admin: the work on workspaces, with its log; a start can be stopped."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dashboard import audit
from dashboard.admin.actions import RecordAction
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import OperationRecord
from dashboard.permissions.roles import Permission
from dashboard.presenters.confirmations import Confirmation
from dashboard.presenters.operation_logs import LINES, TITLES, Section
from interviews import history, queries
from interviews.dynamodb import now
from interviews.history import Filters
from operations import actions, models, operation_log
from operations.models import (
    UNFINISHED,
    Operation,
    OperationStatus,
    OperationType,
)

# No index has all operations: those of so many interviews are read for a page.
INTERVIEWS = 20
TYPES = {type_.value: TITLES[type_] for type_ in OperationType}
STATES = {state.value: state.value.capitalize() for state in OperationStatus}


def _stopping(operation: Operation) -> Confirmation:
    return Confirmation(
        "Stop this operation?",
        "What it made of the workspace is torn down, and the interview can be tried again.",
        "Stop it",
        "It was stopped.",
    )


def _stop(operation: Operation, by: str, values: dict[str, Any]) -> str:
    actions.cancel(operation, by=by)
    return ""


STOP = RecordAction(
    "stop",
    "Stop",
    "cancelled_operation",
    Permission.MANAGE,
    lambda operation: operation.is_unfinished and operation.type != OperationType.DESTROY,
    _stopping,
    _stop,
    is_grave=True,
)


@admin.register(OperationRecord)
class OperationAdmin(RecordAdmin):
    deeds = (STOP,)
    search_help_text = "The whole id of an operation, or of an interview."
    narrowed_by = {"type": ("work", TYPES), "status": ("status", STATES)}

    def read(self, request: HttpRequest, asked: Mapping[str, str]) -> Listing:
        found, next_ = _found(asked)
        for name in ("type", "status"):
            if wanted := asked.get(name):
                found = [each for each in found if getattr(each, name) == wanted]
        lines = [{"id": each.id, "operation": each, "title": TYPES[each.type]} for each in found]
        return Listing(lines, next_)

    def find(self, record_id: str) -> Operation | None:
        return models.get(record_id)

    def name_of(self, record: Operation) -> str:
        return f"{TYPES[record.type]} ({record.interview_id})"

    def sheet(self, request: HttpRequest, record: Operation) -> dict[str, Any]:
        lines = operation_log.lines(record.id, limit=LINES)
        return {
            "operation": record,
            "section": Section(record, is_open=True, lines=lines),
            "interview": queries.get(record.interview_id),
        }

    def audit(
        self, request: HttpRequest, deed: RecordAction, record: Operation, detail: str
    ) -> None:
        audit.record(request, deed.what, record.interview_id, detail=detail)


def _found(asked: Mapping[str, str]) -> tuple[list[Operation], str | None]:
    """By id; those that wait or run; or those of the newest interviews, a page of these at a
    time. Raises InvalidCursorError."""
    if text := asked.get("q", "").strip():
        one = models.get(text)
        return ([one] if one else models.of_interview(text) if queries.is_id(text) else []), None
    if asked.get("status") in UNFINISHED:
        return _unfinished(OperationStatus(asked["status"])), None
    page = history.page(Filters(), cursor=asked.get("cursor") or None, size=INTERVIEWS)
    started = [each.id for each in page.items if each.operation_id]
    return [each for id_ in started for each in models.of_interview(id_)], page.next


def _unfinished(state: OperationStatus) -> list[Operation]:
    """Of every interview, dry runs too. What waits for a later moment has that in its row."""
    far = now().replace(year=now().year + 50, day=1)
    found = [models.get(id_) for id_ in models.due(state, far)]
    return [each for each in found if each is not None and each.status == state]
