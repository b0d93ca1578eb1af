"""Response headers for a dialog after its action succeeded."""

import json

from django.http import HttpResponse


def changed(response: HttpResponse, interview_id: str, done: str = "") -> HttpResponse:
    """Make the requesting page refresh this interview now, even while its event stream is down.

    The page announces `done` to screen readers.
    """
    detail = {"interviewId": interview_id, "done": done}
    response.headers["HX-Trigger"] = json.dumps({"interview-changed": detail})
    return response


def many_changed(response: HttpResponse, interview_ids: list[str]) -> HttpResponse:
    """Make the requesting page refresh these interviews; its dialog stays open."""
    detail = {"interviewIds": interview_ids}
    response.headers["HX-Trigger"] = json.dumps({"interviews-changed": detail})
    return response
