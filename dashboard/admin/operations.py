"""Operations in the admin, with their logs. An operation that starts a workspace can be stopped."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.admin.actions import RecordAction
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import OperationRecord
from dashboard.permissions.reviewing import shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.confirmation import Confirmation
from dashboard.presenters.operation_logs import LINES, TITLES, Section
from interviews import queries
from interviews.dynamodb import now
from interviews.pagination import history
from interviews.pagination.history import Filters
from operations import actions, models, operation_log
from operations.lifecycle import UNFINISHED, OperationStatus, OperationType
from operations.models import Operation

# Interviews whose operations are read for one page: no index covers all operations.
INTERVIEWS = 20
TYPES = {type_.value: TITLES[type_] for type_ in OperationType}
STATES = {
    OperationStatus.PENDING.value: gettext_lazy("Queued"),
    OperationStatus.RUNNING.value: gettext_lazy("Running"),
    OperationStatus.COMPLETED.value: gettext_lazy("Done"),
    OperationStatus.FAILED.value: gettext_lazy("Failed"),
    OperationStatus.CANCELLED.value: gettext_lazy("Cancelled"),
}


def status_label(status: str) -> str:
    """The status in words; one of another version as it is stored."""
    return str(STATES.get(status, status))


def _stopping(operation: Operation) -> Confirmation:
    return Confirmation(
        _("Stop this operation?"),
        _("Its workspace is shut down. You can try the interview again."),
        _("Stop"),
        _("Stopped."),
    )


def _stop(operation: Operation, by: str, values: dict[str, Any]) -> str:
    actions.cancel(operation, by=by)
    return ""


STOP = RecordAction(
    "stop",
    gettext_lazy("Stop"),
    Permission.MANAGE,
    lambda operation: operation.is_unfinished and operation.type != OperationType.DESTROY,
    _stopping,
    _stop,
    is_destructive=True,
)


@admin.register(OperationRecord)
class OperationAdmin(RecordAdmin):
    record_actions = (STOP,)
    search_help_text = gettext_lazy("Exact ID of an operation or interview.")
    sidebar_filters = {
        "type": (gettext_lazy("operation"), TYPES),
        "status": (gettext_lazy("status"), STATES),
    }

    def list_records(self, request: HttpRequest, params: Mapping[str, str]) -> Listing:
        operations, next_ = _find(params)
        for name in ("type", "status"):
            if value := params.get(name):
                operations = [each for each in operations if getattr(each, name) == value]
        lines = [
            {
                "id": each.id,
                "operation": each,
                "title": TYPES[each.type],
                "status": status_label(each.status),
            }
            for each in operations
        ]
        return Listing(lines, next_)

    def get_record(self, record_id: str) -> Operation | None:
        return models.get_operation(record_id)

    def display_name(self, record: Operation) -> str:
        return f"{TYPES[record.type]} ({record.interview_id})"

    def detail_context(self, request: HttpRequest, record: Operation) -> dict[str, Any]:
        lines = operation_log.read_lines(record.id, limit=LINES)
        interview = queries.get_interview(record.interview_id)
        return {
            "operation": record,
            "status_label": status_label(record.status),
            "section": Section(record, is_open=True, lines=lines),
            "interview": shown_one(request, interview) if interview is not None else None,
        }


def _find(params: Mapping[str, str]) -> tuple[list[Operation], str | None]:
    """Find operations by id, by unfinished status, or page through those of the newest interviews.

    Raises:
        InvalidCursorError: if the cursor is not one of this list.
    """
    if text := params.get("q", "").strip():
        one = models.get_operation(text)
        return (
            [one] if one else models.list_operations(text) if queries.is_valid_id(text) else []
        ), None
    if params.get("status") in UNFINISHED:
        return _unfinished(OperationStatus(params["status"])), None
    page = history.history_page(Filters(), cursor=params.get("cursor") or None, size=INTERVIEWS)
    started = [each.id for each in page.items if each.operation_id]
    return [each for id_ in started for each in models.list_operations(id_)], page.next


def _unfinished(state: OperationStatus) -> list[Operation]:
    """Unfinished operations of every interview, dry runs included.

    The row says when a delayed one is due.
    """
    far = now().replace(year=now().year + 50, day=1)
    operations = [models.get_operation(id_) for id_ in models.due_operation_ids(state, far)]
    return [each for each in operations if each is not None and each.status == state]
