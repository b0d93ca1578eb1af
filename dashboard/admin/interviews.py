"""Interviews in the admin: search, view, and the same actions as on the pages."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from dashboard.admin import plans
from dashboard.admin.actions import RecordAction
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import InterviewRecord
from dashboard.permissions.decorators import actor, may
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters import confirmations, durations
from dashboard.presenters.confirmations import Confirmation, ConfirmedAction
from dashboard.presenters.interview_detail import TYPES, InterviewDetail
from dashboard.presenters.interview_row import Row, rows
from dashboard.presenters.operation_logs import TITLES
from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.search import lookup
from operations import actions, models
from operations.lifecycle import OperationType

# Sidebar filter by the days since the end.
WITHIN = {"1": "The last day", "7": "The last 7 days", "30": "The last 30 days"}
OPEN_STATUSES = [status for status in Status if status in OPEN]
ENDED_STATUSES = [status for status in Status if status in FINAL]


class MinutesForm(plans.NotifyForm):
    minutes = forms.IntegerField(
        min_value=-actions.MAX_EXTENSION,
        max_value=actions.MAX_EXTENSION,
        help_text="With a minus they are taken away.",
        error_messages={"required": "This is missing.", "invalid": "This must be a whole number."},
    )
    field_order = ("minutes", "notify")


def _row(interview: Interview) -> Row:
    """A row for an actor with every permission: availability depends on the state only."""
    return Row(interview, "", "", Actor("", frozenset(Permission)))


def _from_confirmed(
    action: ConfirmedAction, title: str, is_available: Callable[[Row], bool]
) -> RecordAction:
    def run(interview: Interview, by: str, values: dict[str, Any]) -> str:
        action.run(interview, by, **values)
        return ""

    return RecordAction(
        action.verb,
        title,
        Permission.MANAGE,
        lambda interview: is_available(_row(interview)),
        action.confirmation,
        run,
        form=plans.NotifyForm if action.notifies else None,
        is_destructive=action.tone == "danger",
    )


def _confirm_extend(interview: Interview) -> Confirmation:
    text = "The candidate's page says so, with the new deadline."
    return Confirmation("More time?", text, "Change the time", "The time was changed.")


def _extend(interview: Interview, by: str, values: dict[str, Any]) -> str:
    actions.extend(interview, values["minutes"], by=by, notify=values["notify"])
    return f"{values['minutes']} minutes"


def _delete(interview: Interview, by: str, values: dict[str, Any]) -> str:
    confirmations.DELETE.run(interview, by)
    return str(interview.candidate_name)


RECORD_ACTIONS = (
    _from_confirmed(confirmations.RETRY, "Try again", lambda row: row.can_retry),
    plans.RESCHEDULE,
    plans.EDIT,
    RecordAction(
        "extend",
        "Give or take time",
        Permission.MANAGE,
        lambda interview: _row(interview).can_extend,
        _confirm_extend,
        _extend,
        form=MinutesForm,
    ),
    _from_confirmed(confirmations.END, "End", lambda row: row.can_end),
    _from_confirmed(
        confirmations.END_WITHOUT_SAVING, "End without saving", lambda row: row.can_give_up_files
    ),
    _from_confirmed(confirmations.REVOKE, "Revoke or cancel", lambda row: row.can_revoke),
    RecordAction(
        "delete",
        "Delete for good",
        Permission.DELETE,
        lambda interview: _row(interview).can_delete,
        confirmations.DELETE.confirmation,
        _delete,
        is_destructive=True,
        deletes=True,
    ),
)


@admin.register(InterviewRecord)
class InterviewAdmin(RecordAdmin):
    record_actions = RECORD_ACTIONS
    search_help_text = (
        "Beginnings of words of a candidate's or a challenge's name, a whole id or passcode."
    )
    sidebar_filters = {
        "type": ("type", TYPES),
        "status": (
            "status",
            {"open": "Not over", "ended": "Over"}
            | {status.value: status.badge for status in (*OPEN_STATUSES, *ENDED_STATUSES)},
        ),
        "within": ("end", WITHIN),
    }

    def list_records(self, request: HttpRequest, params: Mapping[str, str]) -> Listing:
        filters, cursor = _filters(params), params.get("cursor") or None
        if text := params.get("q", "").strip():
            by_passcode = may(request, Permission.SEE_CREDENTIALS)
            page = lookup.search_page(text, filters, cursor=cursor, by_passcode=by_passcode)
        elif filters.status in OPEN and filters.status is not None and not filters.has_end_range:
            page = queries.status_page(filters.status, cursor=cursor)
            page = queries.Page([row for row in page.items if _has_type(row, filters)], page.next)
        else:
            page = history.history_page(filters, cursor=cursor)
        return Listing([_line(interview) for interview in page.items], page.next)

    def get_record(self, record_id: str) -> Interview | None:
        return queries.get_interview(record_id)

    def display_name(self, record: Interview) -> str:
        return str(record.candidate_name)

    def detail_context(self, request: HttpRequest, record: Interview) -> dict[str, Any]:
        # `rows` hides credentials by role and audits that they were shown, as on every page.
        row = rows(request, [record])[0]
        return {
            "interview": record,
            "row": row,
            "sheet": InterviewDetail(record, row),
            "may_see_credentials": actor(request).may(Permission.SEE_CREDENTIALS),
            "operations": [
                (TITLES[OperationType(o.type)], o) for o in models.list_operations(record.id)
            ],
        }


def _filters(params: Mapping[str, str]) -> Filters:
    """Ignore invalid filter values: the sidebar only links to valid ones."""
    type_, status, within = params.get("type"), params.get("status", ""), params.get("within")
    return Filters(
        type=type_ if type_ in TYPES else None,
        status=Status(status) if status in set(Status) else None,
        since=_since(int(within)) if within in WITHIN else None,
        ended={"open": False, "ended": True}.get(status),
    )


def _since(days: int) -> datetime:
    # Whole minutes, so that the next page is requested with the same filter.
    return (now() - timedelta(days=days)).replace(second=0)


def _has_type(interview: Interview, filters: Filters) -> bool:
    return filters.type is None or interview.type == filters.type


def _line(interview: Interview) -> dict[str, Any]:
    return {
        "id": interview.id,
        "interview": interview,
        "type": TYPES.get(interview.type, interview.type),
        "length": durations.exact(interview.length),
    }
