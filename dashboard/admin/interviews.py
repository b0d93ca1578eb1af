"""Interviews in the admin: found, looked at, and acted upon by the same actions as elsewhere."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from dashboard import audit
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
from interviews import history, queries
from interviews.dynamodb import now
from interviews.history import Filters
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.search import lookup
from operations import actions, models
from operations.models import OperationType

# "Ended within" of the margin: days.
WITHIN = {"1": "The last day", "7": "The last 7 days", "30": "The last 30 days"}
OPEN_STATUSES = [status for status in Status if status in OPEN]
ENDED_STATUSES = [status for status in Status if status in FINAL]


class MinutesForm(forms.Form):
    minutes = forms.IntegerField(
        min_value=-actions.MAX_EXTENSION,
        max_value=actions.MAX_EXTENSION,
        help_text="With a minus they are taken away.",
        error_messages={"required": "This is missing.", "invalid": "This must be a whole number."},
    )


def _row(interview: Interview) -> Row:
    """With every permission: what makes sense, not who may see it."""
    return Row(interview, "", "", Actor("", frozenset(Permission)))


def _asking(ask: ConfirmedAction, title: str, fits: Callable[[Row], bool]) -> RecordAction:
    def do(interview: Interview, by: str, values: dict[str, Any]) -> str:
        ask.do(interview, by)
        return ""

    return RecordAction(
        ask.verb,
        title,
        ask.what,
        Permission.MANAGE,
        lambda interview: fits(_row(interview)),
        ask.words,
        do,
        is_grave=ask.tone == "danger",
    )


def _extending(interview: Interview) -> Confirmation:
    text = "The candidate's page says so, with the new deadline."
    return Confirmation("More time?", text, "Change the time", "The time was changed.")


def _extend(interview: Interview, by: str, values: dict[str, Any]) -> str:
    actions.extend(interview, values["minutes"], by=by)
    return f"{values['minutes']} minutes"


def _delete(interview: Interview, by: str, values: dict[str, Any]) -> str:
    confirmations.DELETE.do(interview, by)
    return str(interview.candidate_name)


DEEDS = (
    _asking(confirmations.RETRY, "Try again", lambda row: row.can_retry),
    RecordAction(
        "extend",
        "Give or take time",
        "extended",
        Permission.MANAGE,
        lambda interview: _row(interview).can_extend,
        _extending,
        _extend,
        form=MinutesForm,
    ),
    _asking(confirmations.END, "End", lambda row: row.can_end),
    _asking(
        confirmations.END_WITHOUT_SAVING, "End without saving", lambda row: row.can_give_up_files
    ),
    _asking(confirmations.REVOKE, "Revoke or cancel", lambda row: row.can_revoke),
    RecordAction(
        "delete",
        "Delete for good",
        "deleted",
        Permission.DELETE,
        lambda interview: _row(interview).can_delete,
        confirmations.DELETE.words,
        _delete,
        is_grave=True,
        removes=True,
    ),
)


@admin.register(InterviewRecord)
class InterviewAdmin(RecordAdmin):
    deeds = DEEDS
    search_help_text = (
        "Beginnings of words of a candidate's or a challenge's name, a whole id or passcode."
    )
    narrowed_by = {
        "type": ("type", TYPES),
        "status": (
            "status",
            {"open": "Not over", "ended": "Over"}
            | {status.value: status.badge for status in (*OPEN_STATUSES, *ENDED_STATUSES)},
        ),
        "within": ("end", WITHIN),
    }

    def read(self, request: HttpRequest, asked: Mapping[str, str]) -> Listing:
        filters, cursor = _filters(asked), asked.get("cursor") or None
        if text := asked.get("q", "").strip():
            by_passcode = may(request, Permission.SEE_CREDENTIALS)
            page = lookup.find(text, filters, cursor=cursor, by_passcode=by_passcode)
        elif filters.status in OPEN and filters.status is not None and not filters.has_times:
            page = queries.of_status(filters.status, cursor=cursor)
            page = queries.Page([row for row in page.items if _is_of(row, filters)], page.next)
        else:
            page = history.page(filters, cursor=cursor)
        return Listing([_line(interview) for interview in page.items], page.next)

    def find(self, record_id: str) -> Interview | None:
        return queries.get(record_id)

    def name_of(self, record: Interview) -> str:
        return str(record.candidate_name)

    def sheet(self, request: HttpRequest, record: Interview) -> dict[str, Any]:
        # What may be seen of the credentials, and the note that it was, are those of every page.
        row = rows(request, [record])[0]
        return {
            "interview": record,
            "row": row,
            "sheet": InterviewDetail(record, row),
            "may_see_credentials": actor(request).may(Permission.SEE_CREDENTIALS),
            "operations": [
                (TITLES[OperationType(o.type)], o) for o in models.of_interview(record.id)
            ],
        }

    def audit(
        self, request: HttpRequest, deed: RecordAction, record: Interview, detail: str
    ) -> None:
        audit.record(request, deed.what, record.id, detail=detail)


def _filters(asked: Mapping[str, str]) -> Filters:
    """What cannot be is left out: the margin has only links."""
    type_, status, within = asked.get("type"), asked.get("status", ""), asked.get("within")
    return Filters(
        type=type_ if type_ in TYPES else None,
        status=Status(status) if status in set(Status) else None,
        since=_since(int(within)) if within in WITHIN else None,
        ended={"open": False, "ended": True}.get(status),
    )


def _since(days: int) -> datetime:
    # To the minute: the next page is asked for in the same terms.
    return (now() - timedelta(days=days)).replace(second=0)


def _is_of(interview: Interview, filters: Filters) -> bool:
    return filters.type is None or interview.type == filters.type


def _line(interview: Interview) -> dict[str, Any]:
    return {
        "id": interview.id,
        "interview": interview,
        "type": TYPES.get(interview.type, interview.type),
        "length": durations.exact(interview.length),
    }
