"""Edit an invitation, and reschedule a live interview."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.forms.local_times import FIELD_OF, offered_zones
from dashboard.forms.plans import EditForm, PlanForm, RescheduleForm
from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.notify import notify_context
from dashboard.shortcuts import interview_or_404
from dashboard.views.interviews.emails import email_preview
from interviews.challenges import library
from interviews.models import Interview, StaleWriteError
from operations import actions
from operations.actions.email_previews import preview_edit, preview_reschedule
from operations.actions.plans import edits, moves
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import outbox
from operations.mail.previews import EmailPreview

CHANGED_MEANWHILE = gettext_lazy(
    "Somebody else changed this while you were editing. Your changes are still here: check them, "
    "and save again to replace theirs."
)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def edit(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the dialog. POST: save the invitation."""
    interview = interview_or_404(interview_id)
    if refused := edits.reason_not_to_edit(interview):
        return _refused(request, interview, refused)
    offered = library.active_challenges()
    zone = interview.time_zone or outbox.time_zone_of(interview.id)
    form = EditForm(interview, offered, zone, request.POST or None)

    if email_preview.is_asked(request):
        return _preview(
            request,
            form,
            lambda: preview_edit(interview, form.edit, by=username(request)),
        )

    def run() -> None:
        actions.edit_invitation(
            interview,
            form.edit,
            by=username(request),
            notify=form.notify,
            based_on=form.based_on,
        )

    return _answer(request, interview, form, run, "edit", _("Saved."))


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def reschedule(request: HttpRequest, interview_id: str) -> HttpResponse:
    """GET: the dialog. POST: move the interview."""
    interview = interview_or_404(interview_id)
    if refused := moves.reason_not_to_move(interview):
        return _refused(request, interview, refused)
    form = RescheduleForm(interview, request.POST or None)

    if email_preview.is_asked(request):
        return _preview(
            request,
            form,
            lambda: preview_reschedule(interview, by=username(request), **form.plan),
        )

    def run() -> None:
        actions.reschedule(
            interview,
            by=username(request),
            notify=form.notify,
            based_on=form.based_on,
            **form.plan,
        )

    return _answer(request, interview, form, run, "reschedule", _("The interview was rescheduled."))


def _preview(
    request: HttpRequest, form: PlanForm, draw: Callable[[], EmailPreview]
) -> HttpResponse:
    if not form.is_valid():
        return email_preview.show_errors(request, form)
    return email_preview.show(request, draw, notify=form.notify)


def _answer(
    request: HttpRequest,
    interview: Interview,
    form: PlanForm,
    run: Callable[[], None],
    name: str,
    done: str,
) -> HttpResponse:
    if request.method == "GET":
        return _form_page(request, interview, form, name)
    status = 422
    if form.is_valid():
        try:
            run()
        except InvalidInputError as error:
            field = FIELD_OF.get(error.field, error.field)
            form.add_error(field if field in form.fields else None, error.message)
        except WrongStateError as error:
            return _refused(request, interview, str(error))
        except StaleWriteError:
            form.add_error(None, str(CHANGED_MEANWHILE))
            form.show_version(interview_or_404(interview.id))
            status = 409
        else:
            return changed(HttpResponse(status=204), interview.id, done)
    return _form_page(request, interview, form, name, status)


def _form_page(
    request: HttpRequest, interview: Interview, form: PlanForm, name: str, status: int = 200
) -> HttpResponse:
    context = {"interview": interview, "form": form, "zones": offered_zones()}
    context |= notify_context(interview, request.POST if form.is_bound else None)
    return render(request, f"dashboard/interviews/_{name}.html", context, status=status)


def _refused(request: HttpRequest, interview: Interview, sentence: str) -> HttpResponse:
    context = {"interview": interview, "refused": sentence}
    return render(request, "dashboard/interviews/_confirmation.html", context, status=409)
