"""Who looks at reviews: a request as `operations.reviews.access` knows it."""

from collections.abc import Sequence

from django.http import HttpRequest

from dashboard.permissions.decorators import actor
from dashboard.permissions.roles import Permission
from interviews.models import Interview
from operations.reviews import hidden_names
from operations.reviews.access import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of this request. A token is no reviewer: nobody's scorecard is its own."""
    who = actor(request)
    return Viewer(
        None if who.is_token else request.user.pk,
        may_review=who.may(Permission.REVIEW),
        may_decide=who.may(Permission.DECIDE),
    )


def shown(request: HttpRequest, interviews: Sequence[Interview]) -> list[Interview]:
    """The interviews to show; of some, whoever has to score them first sees no name."""
    return hidden_names.shown_to(viewer_of(request), interviews)


def shown_one(request: HttpRequest, interview: Interview) -> Interview:
    return shown(request, [interview])[0]


def is_name_hidden(request: HttpRequest, interview: Interview) -> bool:
    return bool(hidden_names.hidden_from(viewer_of(request), [interview]))


def findable(request: HttpRequest, interviews: Sequence[Interview], text: str) -> list[Interview]:
    """What a search for this text may find: an interview whose name is hidden only by its id.

    With "" all of them, as that is no search.
    """
    wanted = text.strip()
    hidden = hidden_names.hidden_from(viewer_of(request), interviews) if wanted else ()
    return [each for each in interviews if each.id not in hidden or each.id == wanted]
