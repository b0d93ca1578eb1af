"""Who reviews: assigned on an interview, chosen for a challenge; and what waits for me."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.permissions.decorators import may, require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.reviews.to_review import review_lines
from dashboard.shortcuts import challenge_or_404, interview_or_404
from dashboard.views.reviews.scorecard import review_page
from operations.exceptions import WrongStateError
from operations.reviews import reviewers, waiting
from operations.reviews.models import Review

MAX_OTHERS = 200


@require_GET
@require(Permission.REVIEW)
def to_review(request: HttpRequest) -> HttpResponse:
    """My open reviews, and those of others for who may assign. With HX-Request the list alone."""
    user = cast(User, request.user)
    context: dict[str, object] = {"mine": review_lines(request, waiting.waiting_for(user))}
    if may(request, Permission.DECIDE):
        others = waiting.waiting_reviews().exclude(reviewer=user)[:MAX_OTHERS]
        context["others"] = review_lines(request, others)
    part = "_list.html" if request.headers.get("HX-Request") else "page.html"
    return render(request, f"dashboard/to_review/{part}", context)


@require_POST
@require(Permission.DECIDE)
def assign(request: HttpRequest, interview_id: str) -> HttpResponse:
    interview = interview_or_404(interview_id)
    chosen = request.POST.get("reviewer", "")
    people = {str(user.pk): user for user in reviewers.eligible_reviewers()}
    if chosen not in people:
        context = {"reviewer_error": _("Choose a reviewer.")}
        return review_page(request, interview, status=422, **context)
    try:
        reviewers.assign_reviewer(interview, people[chosen], by=username(request))
    except WrongStateError as error:
        return review_page(request, interview, refused=str(error), status=409)
    messages.success(request, _("Reviewer assigned."))
    return redirect("dashboard:reviews", interview.id)


@require_POST
@require(Permission.DECIDE)
def unassign(request: HttpRequest, interview_id: str, review_id: int) -> HttpResponse:
    interview = interview_or_404(interview_id)
    review = Review.objects.filter(pk=review_id, interview_id=interview.id).first()
    if review is None:
        raise Http404(_("Review not found."))
    try:
        reviewers.unassign_reviewer(interview, review)
    except WrongStateError as error:
        return review_page(request, interview, refused=str(error), status=409)
    messages.success(request, _("Reviewer removed."))
    return redirect("dashboard:reviews", interview.id)


@require_http_methods(["GET", "POST"])
@require(Permission.DECIDE)
def challenge_reviewers(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Choose who reviews submissions of a challenge that end from now on."""
    challenge = challenge_or_404(challenge_id)
    row = reviewers.settings_of(challenge.id)
    people = reviewers.eligible_reviewers()
    chosen = (
        {user.pk for user in row.reviewers.all()} if row.pk and not row._state.adding else set()
    )
    in_turn, error = str(row.in_turn or 1), ""
    how, hides_names = "turn" if row.in_turn else "all", row.hides_names
    if request.method == "POST":
        sent = set(request.POST.getlist("reviewers"))
        chosen = {user.pk for user in people if str(user.pk) in sent}
        how, in_turn = request.POST.get("how", "all"), request.POST.get("in_turn", "")
        hides_names = "hides_names" in request.POST
        is_number = in_turn.isascii() and in_turn.isdecimal() and len(in_turn) < 4
        if how == "turn" and not (is_number and 1 <= int(in_turn) <= max(len(chosen), 1)):
            error = _("Enter a number from 1 to %(most)s.") % {"most": max(len(chosen), 1)}
        else:
            users = [user for user in people if user.pk in chosen]
            number = int(in_turn) if how == "turn" else 0
            reviewers.change_settings(challenge.id, users, in_turn=number, hides_names=hides_names)
            messages.success(request, _("Reviewers saved."))
            return redirect("dashboard:challenge", challenge.id)
    context = {
        "challenge": challenge,
        "people": people,
        "chosen": chosen,
        "how": how,
        "in_turn": in_turn,
        "hides_names": hides_names,
        "error": error,
    }
    status = 422 if error else 200
    return render(request, "dashboard/reviews/challenge.html", context, status=status)
