"""Handle a submitted invitation form, for take-home tests and live interviews."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard.forms.invitations import InvitationForm
from dashboard.htmx import changed
from dashboard.permissions.decorators import username
from dashboard.presenters.interviews.list_definitions import ListDefinition
from dashboard.presenters.interviews.rows.read import rows
from dashboard.views.interviews.emails import email_preview
from interviews.models import Interview
from operations import audit
from operations.actions.email_previews import preview_invitation
from operations.exceptions import InvalidInputError

Form = TypeVar("Form", bound=InvitationForm)


def submit(
    request: HttpRequest,
    form: Form,
    act: Callable[..., Interview],
    *,
    tab: ListDefinition,
    again: str,
    done: str,
    page: Callable[[HttpRequest, Form], HttpResponse],
) -> HttpResponse:
    """Run `act` with the form's invitation, or preview its email.

    Without scripts, redirect to the list, or show `page` with the errors. With scripts, render the
    dialog's next content: the template `done`, or `again` with the errors.
    """
    if email_preview.is_asked(request):
        return _preview(request, form)
    has_scripts = bool(request.headers.get("HX-Request"))
    interview = _create(form, act, username(request))
    if interview is None:
        if has_scripts:
            return render(request, again, {"form": form}, status=422)
        return page(request, form)
    if not has_scripts:
        return redirect(tab.url_name)
    row = rows(request, [interview], form.offered)[0]
    if row.password:
        audit.record_credentials_shown([interview.id])
    context = {
        "interview": interview,
        "row": row,
        "mailed": form.invitation.send_email,
        "form": form,
    }
    return changed(render(request, done, context), interview.id)


def _preview(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    if not form.is_valid():
        return email_preview.show_errors(request, form)
    by = username(request)
    draw = partial(preview_invitation, form.invitation, by=by)
    return email_preview.show(request, draw, notify=form.invitation.send_email)


def _create(form: InvitationForm, act: Callable[..., Interview], by: str) -> Interview | None:
    """The new interview, or None after adding the errors to the form."""
    if form.is_valid():
        try:
            return act(form.invitation, by=by)
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
    return None
