"""What a notice of the browser says (notices.js)."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import shown_one
from dashboard.shortcuts import interview_or_404
from interviews.dynamodb import now
from operations.notices.models import event_at
from operations.notices.queue import is_own

# An event may also be about a change of long ago, such as an email that was sent again.
RECENT = timedelta(minutes=2)


@require_GET
@require_staff
def notice(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The interview's newest change, or 204 if nobody is to be told of it.

    It has no credentials: nobody looks at them, so the audit trail must not say so.
    """
    interview = interview_or_404(interview_id)
    moment = len(interview.timeline) - 1
    event = event_at(interview, moment) if moment >= 0 and not interview.is_dry_run else None
    if event is None or interview.timeline[moment].at < now() - RECENT:
        return HttpResponse(status=204)
    return JsonResponse(
        {
            "event": event.value,
            "isOwn": is_own(request.user, interview),
            "candidateName": shown_one(request, interview).candidate_name,
            "moment": moment,
        }
    )
