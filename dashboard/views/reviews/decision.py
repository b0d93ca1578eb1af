"""Deciding on a candidate."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.forms.reviews.decision import DecisionForm
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from dashboard.views.reviews.scorecard import review_page
from operations.exceptions import WrongStateError
from operations.reviews import decisions
from operations.reviews.decisions import DecisionConflictError


@require_POST
@require(Permission.DECIDE)
def decide(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Decide, or say what is wrong, or that somebody else was first."""
    interview = interview_or_404(interview_id)
    form = DecisionForm.read(request.POST)
    data = form.data()
    if data is None:
        return review_page(request, interview, decision_form=form, status=422)
    try:
        decisions.decide(interview, data, by=username(request))
    except DecisionConflictError as error:
        # To decide again after having seen the other's is no mistake.
        form.base = str(error.current.number)
        return review_page(
            request, interview, decision_form=form, decided_first=error.current, status=409
        )
    except WrongStateError as error:
        return review_page(request, interview, decision_form=form, refused=str(error), status=409)
    messages.success(request, _("Decision saved."))
    return redirect("dashboard:reviews", interview.id)
