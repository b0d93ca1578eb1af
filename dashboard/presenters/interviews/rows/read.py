"""Read the rows of a page of interviews: each kind of thing once for all of them."""

from collections.abc import Iterable

from django.http import HttpRequest

from dashboard.permissions import credentials
from dashboard.permissions.decorators import actor
from dashboard.permissions.reviewing import shown, viewer_of
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters.interviews.rows.row import Row
from interviews.challenges import library, models
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations.admission import positions
from operations.comparison.candidates import visible_scores
from operations.mail import outbox
from operations.reviews.cases import is_reviewable
from operations.reviews.decisions import latest_decisions


def rows(
    request: HttpRequest,
    interviews: list[Interview],
    offered: Iterable[models.Challenge] = (),
    *,
    with_scores: bool = False,
) -> list[Row]:
    """The rows of these interviews. Challenges in `offered` need no lookup."""
    interviews = shown(request, interviews)
    names = {challenge.id: challenge.name for challenge in offered}
    for challenge_id in {interview.challenge for interview in interviews} - names.keys():
        names[challenge_id] = library.challenge_name(challenge_id)
    undelivered = outbox.undelivered_interview_ids([interview.id for interview in interviews])
    decided = latest_decisions(each.id for each in interviews if each.state in FINAL)
    viewer = viewer_of(request)
    reads_scores = with_scores and (viewer.may_review or viewer.may_decide)
    reviewed = [each.id for each in interviews if is_reviewable(each)]
    places = positions.places_of(interviews)
    moved = positions.moved_to_front() if places else set()
    scores = visible_scores(reviewed, viewer) if reads_scores else {}
    who, origin = actor(request), _origin(request)
    return [
        Row(
            interview,
            names[interview.challenge],
            _link(origin, who, interview),
            who,
            not_delivered=interview.id in undelivered,
            decision=decided[interview.id].outcome if interview.id in decided else "",
            scores=scores.get(interview.id),
            place=places.get(interview.id),
            is_moved_to_front=interview.id in moved,
        )
        for interview in interviews
    ]


def link_of(request: HttpRequest, interview: Interview) -> str:
    """The URL to send to the candidate, or "" if there is none or the actor may not see it."""
    return _link(_origin(request), actor(request), interview)


def _origin(request: HttpRequest) -> str:
    """The start of every URL of this platform, such as https://tests.example.com."""
    return request.build_absolute_uri("/").removesuffix("/")


def _link(origin: str, who: Actor, interview: Interview) -> str:
    path = credentials.join_path(interview) if who.may(Permission.SEE_CREDENTIALS) else None
    return f"{origin}{path}" if path else ""
