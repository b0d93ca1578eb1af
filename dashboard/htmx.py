"""What is answered to a dialog once something was done."""

import json

from django.http import HttpResponse


def changed(response: HttpResponse, interview_id: str, done: str = "") -> HttpResponse:
    """Tell the page which asked to look at this interview now, also while no event can come.

    `done` is said aloud there.
    """
    detail = {"interviewId": interview_id, "done": done}
    response.headers["HX-Trigger"] = json.dumps({"interview-changed": detail})
    return response
