"""A candidate reports a problem from their page: staff reads it in the interview's timeline."""

import re
from typing import Any

from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from interviews.timeline import TimelineEvent
from operations import rate_limit
from operations.actions.preconditions import has_room
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import plan_changes
from operations.queue import enqueue

MAX_REPORT_TEXT = 2_000
# What the page knows is a help, so a longer text is cut.
MAX_CONTEXT = 300
# Reports of one interview within some minutes, and in all: they are kept in its row.
MAX_REPORTS, WITHIN_MINUTES = 5, 10
MAX_REPORTS_IN_ALL = 20


def report_problem(
    interview: Interview, text: str, page: dict[str, str] | None = None, *, by: str
) -> None:
    """Add the candidate's words to the timeline, and write to whoever invited them.

    `page` is what the page knows, such as the browser; it is stored with the time left. Credentials
    of the test are cut from both. The event stream tells the pages of staff.

    Raises:
        InvalidInputError: if the text is empty or too long.
        WrongStateError: if there were too many reports, the row is full, or it was deleted.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInputError("text", _("Describe the problem."))
    if len(text) > MAX_REPORT_TEXT:
        message = _("Use %(number)s characters or fewer.") % {"number": MAX_REPORT_TEXT}
        raise InvalidInputError("text", message)
    _require_few(interview)
    words = without_credentials(interview, text)
    context = {
        name: without_credentials(interview, value)[:MAX_CONTEXT]
        for name, value in (page or {}).items()
    }
    while True:
        if not has_room(interview):
            raise WrongStateError(
                _("We can't take more messages here. Please reply to your invitation instead.")
            )
        try:
            interview.add_report(words, {**context, **_time_left(interview)}, by=by)
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
            continue
        break
    plan_changes.queue_messages(interview)


def reports_of(interview: Interview) -> list[TimelineEntry]:
    """The candidate's reports, oldest first."""
    events: list[TimelineEntry] = interview.timeline
    return [event for event in events if event.what == TimelineEvent.PROBLEM_REPORTED]


def _require_few(interview: Interview) -> None:
    too_many = len(reports_of(interview)) >= MAX_REPORTS_IN_ALL
    if too_many or rate_limit.record_attempt("problem", interview.id, MAX_REPORTS, WITHIN_MINUTES):
        raise WrongStateError(_("You've reported several problems. Please contact us directly."))


def _time_left(interview: Interview) -> dict[str, Any]:
    if interview.state is not Status.ACTIVE:
        return {}
    if interview.paused_at is not None:
        return {"timeLeftSeconds": int(interview.paused_left or 0)}
    if interview.auto_destroy_at is None:
        return {}
    left = interview.auto_destroy_at - now()
    return {"timeLeftSeconds": max(0, int(left.total_seconds()))}


def without_credentials(interview: Interview, text: str) -> str:
    """Replace what opens the test or its workspace: whoever may read a timeline may not open it."""
    for secret in (interview.access_url, interview.password, interview.passcode):
        if secret:
            text = re.sub(re.escape(secret), "•••", text, flags=re.IGNORECASE)
    return text
