"""Add a comment to the own draft from the page of a file."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from dashboard.permissions.decorators import require
from dashboard.permissions.roles import Permission
from dashboard.presenters.reviews.line_comments import line_comment
from dashboard.shortcuts import interview_or_404
from interviews.schemas.validation_messages import validation_message
from operations.exceptions import InvalidInputError, WrongStateError
from operations.reviews import scorecards
from operations.reviews.schemas import CommentInput, place_of
from operations.reviews.scorecards import ReviewConflictError


@require_POST
@require(Permission.REVIEW)
def add(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Add the comment `text` at `where`, for the script (line_comments.js)."""
    interview = interview_or_404(interview_id)
    fields = {name: request.POST.get(name, "") for name in ("text", "where")}
    try:
        comment = CommentInput.model_validate(fields)
    except ValidationError as errors:
        return _refused(" ".join(validation_message(dict(each)) for each in errors.errors()))
    place = place_of(comment.where)
    if not comment.text or place is None:
        return _refused(_("Write the comment.") if not comment.text else _("No such place."))
    try:
        review = scorecards.add_comment(interview, request.user, comment)
    except InvalidInputError as error:
        return _refused(error.message)
    except ReviewConflictError:
        return _refused(_("Your review was saved elsewhere. Try again."), status=409)
    except WrongStateError as error:
        return _refused(str(error), status=409)
    shown = line_comment(review, comment.text, place[1])
    html = render_to_string("dashboard/submissions/_comment.html", {"comment": shown}, request)
    return JsonResponse({"version": review.version, "html": html, **comment.stored()})


def _refused(message: str, *, status: int = 422) -> HttpResponse:
    return JsonResponse({"error": message}, status=status)
