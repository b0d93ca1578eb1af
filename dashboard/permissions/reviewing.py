"""Who looks at reviews: a request as `operations.reviews.access` knows it."""

from django.http import HttpRequest

from dashboard.permissions.decorators import actor
from dashboard.permissions.roles import Permission
from operations.reviews.access import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of this request. A token is no reviewer: nobody's scorecard is its own."""
    who = actor(request)
    return Viewer(
        None if who.is_token else request.user.pk,
        may_review=who.may(Permission.REVIEW),
        may_decide=who.may(Permission.DECIDE),
    )
