"""The page of an interview's reviews, with one's own scorecard."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.forms.reviews.decision import DecisionForm
from dashboard.forms.reviews.scorecard import ScorecardForm, seen_in
from dashboard.permissions.decorators import require
from dashboard.permissions.reviewing import shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.rows.read import rows
from dashboard.presenters.reviews.page import assignable, interview_reviews
from dashboard.presenters.reviews.to_review import neighbors_of
from dashboard.shortcuts import interview_or_404
from interviews.models import Interview
from operations.exceptions import WrongStateError
from operations.reviews import cases, scorecards
from operations.reviews.models import Review
from operations.reviews.places import wrong_places
from operations.reviews.scorecards import IncompleteReviewError, ReviewConflictError


@require_GET
@require(Permission.REVIEW)
def reviews(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The page, or with HX-Request the parts that change; never the form that is typed in."""
    interview = interview_or_404(interview_id)
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/reviews/_parts.html", page_context(request, interview))
    return review_page(request, interview)


@require_POST
@require(Permission.REVIEW)
def save(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Save the form as a draft, or with `action=submit` hand it in."""
    interview = interview_or_404(interview_id)
    form = _read(request, interview)
    card = form.card()
    if card is None:
        _save_the_rest(request, interview, form)
        return review_page(request, interview, form=form, status=422)
    is_submitted = request.POST.get("action") == "submit"
    write = scorecards.submit_review if is_submitted else scorecards.save_draft
    try:
        write(interview, request.user, card, version=form.version, seen=form.seen)
    except IncompleteReviewError as error:
        # The draft was saved, so the form goes on from there.
        form.version, form.is_rest_saved = _version_of(interview, request.user), True
        form.add_missing(error.missing)
        return review_page(request, interview, form=form, status=422)
    except ReviewConflictError as error:
        form.version = error.current.version
        return review_page(request, interview, form=form, conflict=error.current, status=409)
    except WrongStateError as error:
        return review_page(request, interview, form=form, refused=str(error), status=409)
    done = _("Review submitted.") if is_submitted else _("Draft saved.")
    messages.success(request, done)
    return redirect("dashboard:reviews", interview.id)


@require_POST
@require(Permission.REVIEW)
def save_draft(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Save what was typed so far, for the script (scorecard.js)."""
    interview = interview_or_404(interview_id)
    form = _read(request, interview)
    card = form.card() or form.saveable(scorecards.review_of(interview.id, request.user))
    if card is None:
        return JsonResponse({"errors": form.named_messages()}, status=422)
    try:
        review = scorecards.save_draft(
            interview, request.user, card, version=form.version, seen=form.seen
        )
    except ReviewConflictError as error:
        return JsonResponse({"errors": [], "version": error.current.version}, status=409)
    except WrongStateError as error:
        return JsonResponse({"errors": [str(error)]}, status=409)
    # What is invalid, and was not saved; and the places that were, but aren't in the submission.
    wrong = wrong_places(interview, [each["where"] for each in review.comments])
    errors = form.named_messages()
    return JsonResponse(_saved(review) | {"errors": errors, "wrongPlaces": wrong})


@require_POST
@require(Permission.REVIEW)
def reopen(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Make the own submitted review a draft again."""
    interview = interview_or_404(interview_id)
    try:
        scorecards.reopen_review(interview, request.user)
    except WrongStateError as error:
        return review_page(request, interview, refused=str(error), status=409)
    done = _("Your review is a draft again. You see the others once you submit it.")
    messages.success(request, done)
    return redirect("dashboard:reviews", interview.id)


def review_page(
    request: HttpRequest, interview: Interview, *, status: int = 200, **context: Any
) -> HttpResponse:
    """The whole page. `form` and `decision_form` are those that were refused."""
    context = page_context(request, interview) | context
    form = context["form"]
    if form is not None:
        form.check_places(wrong_places(interview, [each.where for each in form.comments]))
        form.add_place(request.GET.get("path", ""), request.GET.get("line", ""))
    return render(request, "dashboard/reviews/page.html", context, status=status)


def page_context(request: HttpRequest, interview: Interview) -> dict[str, Any]:
    interview = shown_one(request, interview)
    sheet = interview_reviews(request, interview)
    criteria, seen = cases.criteria_of(interview)
    return {
        "interview": interview,
        "row": rows(request, [interview])[0],
        "reviews": sheet,
        "neighbors": neighbors_of(request, interview),
        "form": ScorecardForm.of(sheet.mine, criteria, seen) if sheet.can_write else None,
        "people": assignable(sheet),
        "decision_form": DecisionForm.of(sheet.decision) if sheet.can_decide else None,
    }


def _read(request: HttpRequest, interview: Interview) -> ScorecardForm:
    # Until criteria are kept, those that the page of the form had.
    criteria, _seen = cases.criteria_of(interview, seen_in(request.POST))
    return ScorecardForm.read(request.POST, criteria)


def _save_the_rest(request: HttpRequest, interview: Interview, form: ScorecardForm) -> None:
    """Save what is valid of a refused form, if it can be saved now."""
    card = form.saveable(scorecards.review_of(interview.id, request.user))
    if card is None:
        return
    try:
        review = scorecards.save_draft(
            interview, request.user, card, version=form.version, seen=form.seen
        )
    except (ReviewConflictError, WrongStateError):
        # It is told once the form can be saved.
        return
    form.version, form.is_rest_saved = review.version, True


def _version_of(interview: Interview, user: Any) -> int:
    review = scorecards.review_of(interview.id, user)
    return review.version if review is not None else 0


def _saved(review: Review) -> dict[str, Any]:
    at = review.saved_at
    return {"version": review.version, "savedAt": at.isoformat() if at is not None else None}
