"""Interviews in the admin: search, view, and the same actions as on the pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dashboard.admin.interview_actions import RECORD_ACTIONS
from dashboard.admin.operations import status_label
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import InterviewRecord
from dashboard.permissions.decorators import actor, may
from dashboard.permissions.reviewing import findable, shown, shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters import durations
from dashboard.presenters.interviews.detail import TYPES, InterviewDetail
from dashboard.presenters.interviews.rows.read import rows
from dashboard.presenters.operation_logs import TITLES
from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.search import lookup
from interviews.status_labels import CHOICES
from operations import audit, models
from operations.lifecycle import OperationType

# Sidebar filter by the days since the end.
WITHIN = {"1": _("Last day"), "7": _("Last 7 days"), "30": _("Last 30 days")}
OPEN_STATUSES = [status for status in Status if status in OPEN]
ENDED_STATUSES = [status for status in Status if status in FINAL]


@admin.register(InterviewRecord)
class InterviewAdmin(RecordAdmin):
    record_actions = RECORD_ACTIONS
    search_help_text = _(
        "Start of words in candidate and challenge names, or an exact ID or passcode."
    )
    sidebar_filters = {
        "type": (_("type"), TYPES),
        "status": (
            _("status"),
            {"open": _("Not ended"), "ended": _("Ended")}
            | {status.value: CHOICES[status] for status in (*OPEN_STATUSES, *ENDED_STATUSES)},
        ),
        "within": (_("ended"), WITHIN),
    }

    def list_records(self, request: HttpRequest, params: Mapping[str, str]) -> Listing:
        filters, cursor = _filters(params), params.get("cursor") or None
        text = params.get("q", "").strip()
        if text:
            by_passcode = may(request, Permission.SEE_CREDENTIALS)
            page = lookup.search_page(text, filters, cursor=cursor, by_passcode=by_passcode)
        elif filters.status in OPEN and filters.status is not None and not filters.has_end_range:
            page = queries.status_page(filters.status, cursor=cursor)
            page = queries.Page([row for row in page.items if _has_type(row, filters)], page.next)
        else:
            page = history.history_page(filters, cursor=cursor)
        items = shown(request, findable(request, page.items, text))
        return Listing([_line(interview) for interview in items], page.next)

    def get_record(self, record_id: str) -> Interview | None:
        interview = queries.get_interview(record_id)
        return interview if interview is None or not interview.is_practice else None

    def shown_record(self, request: HttpRequest, record: Interview) -> Interview:
        return shown_one(request, record)

    def display_name(self, record: Interview) -> str:
        return str(record.candidate_name)

    def detail_context(self, request: HttpRequest, record: Interview) -> dict[str, Any]:
        # `rows` hides credentials by role and audits that they were shown, as on every page.
        row = rows(request, [record])[0]
        if row.password:
            audit.record_credentials_shown([record.id])
        return {
            "interview": record,
            "row": row,
            "sheet": InterviewDetail(record, row),
            "may_see_credentials": actor(request).may(Permission.SEE_CREDENTIALS),
            "operations": [
                (TITLES[OperationType(o.type)], o, status_label(o.status))
                for o in models.list_operations(record.id)
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
    """A practice workspace is nobody's to see."""
    if interview.is_practice:
        return False
    return filters.type is None or interview.type == filters.type


def _line(interview: Interview) -> dict[str, Any]:
    return {
        "id": interview.id,
        "interview": interview,
        "type": TYPES.get(interview.type, interview.type),
        "length": durations.exact(interview.length),
    }
