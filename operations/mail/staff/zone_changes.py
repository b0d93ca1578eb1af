"""Write to staff when the rules of an interview's time zone changed.

The pages tell it as well (`interviews.local_time.planned`). Nothing moves by itself.
"""

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.local_time import planned, zone_data
from interviews.models import Interview
from operations.mail import formatting, outbox

logger = structlog.get_logger(__name__)

TITLE = "The clock rules of {zone} changed: move or keep an interview?"
TEXT = """\
An interview was planned for {said} in {zone}.

It currently begins at:   {planned}
The agreed time would be: {reading}
{urgency}
Nothing moves by itself. Please move it or keep it:
{link}

Rules of time zones change now and then. This server has those of {version}.
"""
URGENCY = "\nIt begins in less than 24 hours.\n"


def notify_planners() -> None:
    """Queue one e-mail for each interview that this version of the zone data reads otherwise.

    An interview that fails is logged, and the next one follows.
    """
    if not settings.MAIL_IS_ON:
        return
    for interview_id in list(queries.ids_with_status(Status.SCHEDULED)):
        try:
            interview = queries.get_interview(interview_id)
            if interview is not None:
                _write_once(interview)
        except Exception:
            logger.exception("zone_change_not_told", interview=interview_id)


def _write_once(interview: Interview) -> None:
    version = zone_data.VERSION
    if interview.zone_notice == version:
        return
    reading = planned.changed_reading(interview)
    recipients = _recipients(interview)
    if reading is None or not recipients:
        return
    at, zone = interview.scheduled_at, interview.time_zone
    words = {
        "zone": zone,
        "said": formatting.format_local(interview.scheduled_local),
        "planned": formatting.format_reading_in(zone, at),
        "reading": formatting.format_reading_in(zone, reading),
        "urgency": URGENCY if at - now() <= planned.URGENT_BEFORE else "",
        "link": settings.SITE_URL + reverse("dashboard:interview", args=[interview.id]),
        "version": version,
    }
    # Its note in the row comes after it: a worker that dies in between, or whose note is written
    # and not confirmed, must not leave a note of an e-mail that nobody gets.
    outbox.notify(
        recipients,
        TITLE.format(**words),
        TEXT.format(**words),
        once=f"zone {version} of {interview.id}",
    )
    interview.record_zone_notice(version)


def _recipients(interview: Interview) -> list[str]:
    """Who planned it, or the administrators if that is no person with an address."""
    users = get_user_model()._default_manager
    planner = users.filter(username=interview.created_by, is_active=True).first()
    address = str(getattr(planner, "email", "") or "")
    return [address] if address else [to for _, to in settings.ADMINS]
