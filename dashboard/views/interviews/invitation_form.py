"""What a form is answered with that invites somebody, to a test or to an interview."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard.forms.invitations import InvitationForm
from dashboard.htmx import changed
from dashboard.permissions.decorators import username
from dashboard.presenters.interview_row import rows
from dashboard.presenters.list_definitions import ListDefinition
from interviews.models import Interview
from operations.exceptions import InvalidInputError

Form = TypeVar("Form", bound=InvitationForm)


def answer(
    request: HttpRequest,
    form: Form,
    act: Callable[..., Interview],
    *,
    tab: ListDefinition,
    again: str,
    done: str,
    page: Callable[[HttpRequest, Form], HttpResponse],
) -> HttpResponse:
    """Do with `act` what the form asks for.

    Without scripts the answer is a whole page: that of the tab, or `page` with what is wrong. With
    them it is what the dialog shows next: the template `done`, or `again` with what is wrong.
    """
    has_scripts = bool(request.headers.get("HX-Request"))
    interview = _invited(form, act, username(request))
    if interview is None:
        if has_scripts:
            return render(request, again, {"form": form}, status=422)
        return page(request, form)
    if not has_scripts:
        return redirect(tab.url_name)
    context = {
        "interview": interview,
        "row": rows(request, [interview], form.offered)[0],
        "mailed": form.invitation.send_email,
    }
    return changed(render(request, done, context), interview.id)


def _invited(form: InvitationForm, act: Callable[..., Interview], by: str) -> Interview | None:
    """None: the form says what is wrong."""
    if form.is_valid():
        try:
            return act(form.invitation, by=by)
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
    return None
