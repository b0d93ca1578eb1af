"""What is done to many invitations at once: each goes through the action of its own page.

A POST with the ids shows the question; with `confirm` it runs the action on each, and tells of each
what became of it. An invitation's own *Send reminder* is the same question about one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from dashboard.htmx import many_changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.notify import addresses_of
from dashboard.shortcuts import interview_or_404
from dashboard.templatetags.times import short_time
from dashboard.views.interviews.emails import email_preview
from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.invitations import InvitationEdit
from interviews.schemas.limits import MAX_VALID_DAYS
from interviews.schemas.validation_messages import field_messages
from operations import actions
from operations.actions import email_previews
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError
from operations.mail import plan_changes, resend
from operations.mail.previews import EmailPreview

# As many as a sorted page shows.
MAX_SELECTED = 100
DEFAULT_DAYS = 3

# Takes the interview, the actor and the values of the form; returns what was done, in words.
Action = Callable[[Interview, str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Outcome:
    """What became of one interview: the message says what was done, or why it was not."""

    interview: Interview
    is_done: bool
    message: str


@require_POST
@require(Permission.INVITE)
def remind(request: HttpRequest) -> HttpResponse:
    return _ask_or_run(request, "remind", _remind)


@require_GET
@require(Permission.INVITE)
def remind_one(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The question about one invitation; its answer goes to `remind`."""
    interview = interview_or_404(interview_id)
    context = _context(request, "remind", [interview])
    try:
        _require_reachable(interview)
    except WrongStateError as error:
        context["refused"] = str(error)
    status = 409 if "refused" in context else 200
    return render(request, "dashboard/take_homes/_selected.html", context, status=status)


@require_POST
@require(Permission.MANAGE)
def deadline(request: HttpRequest) -> HttpResponse:
    error = ""
    if "confirm" in request.POST and _days(request.POST) is None:
        error = _wrong_days()
    return _ask_or_run(request, "deadline", _extend, error)


@require_POST
@require(Permission.MANAGE)
def withdraw(request: HttpRequest) -> HttpResponse:
    return _ask_or_run(request, "withdraw", _withdraw)


def _ask_or_run(request: HttpRequest, verb: str, act: Action, error: str = "") -> HttpResponse:
    ids = list(dict.fromkeys(request.POST.getlist("id")))[: MAX_SELECTED + 1]
    rows = queries.get_interviews(filter(queries.is_valid_id, ids[:MAX_SELECTED]))
    selected = [rows[id_] for id_ in ids if id_ in rows]
    context = _context(request, verb, selected) | {"error": error}
    if not selected or len(ids) > MAX_SELECTED:
        context["refused"] = (
            _("Select %(max)s tests or fewer.") % {"max": MAX_SELECTED}
            if selected
            else _("Select at least one test.")
        )
        return render(request, "dashboard/take_homes/_selected.html", context, status=422)
    if email_preview.is_asked(request):
        return _preview(request, verb, selected[0])
    if error or "confirm" not in request.POST:
        status = 422 if error else 200
        return render(request, "dashboard/take_homes/_selected.html", context, status=status)
    by = username(request)
    outcomes = [_outcome(interview, act, by, request.POST) for interview in selected]
    answer = render(
        request,
        "dashboard/take_homes/_selected_done.html",
        {"outcomes": outcomes, "done": sum(each.is_done for each in outcomes)},
    )
    return many_changed(answer, [interview.id for interview in selected])


def _context(request: HttpRequest, verb: str, selected: list[Interview]) -> dict[str, object]:
    return {
        "verb": verb,
        "address": reverse(f"dashboard:selected-{verb}"),
        "selected": selected,
        "recipients": _recipients(verb, selected),
        "days": request.POST.get("days", str(DEFAULT_DAYS)),
        "max_days": MAX_VALID_DAYS,
        "mail_is_on": settings.MAIL_IS_ON,
        "notify": "confirm" not in request.POST or "notify" in request.POST,
    }


def _recipients(verb: str, selected: list[Interview]) -> list[tuple[Interview, list[str]]]:
    """Each of them with the addresses that an email about it goes to."""
    if not settings.MAIL_IS_ON:
        return [(each, []) for each in selected]
    if verb == "remind":
        return [
            (each, [str(each.candidate_email)] if each.candidate_email else []) for each in selected
        ]
    told = plan_changes.told_of(selected)
    return [(each, addresses_of(each, told[each.id])) for each in selected]


def _outcome(interview: Interview, act: Action, by: str, values: Mapping[str, str]) -> Outcome:
    try:
        return Outcome(interview, True, act(interview, by, values))
    except (WrongStateError, InvalidInputError) as error:
        return Outcome(interview, False, str(error))
    except StaleWriteError:
        return Outcome(interview, False, str(CONFLICT_MESSAGE))


def _preview(request: HttpRequest, verb: str, first: Interview) -> HttpResponse:
    """The email to the first of them."""
    by = username(request)

    def draw() -> EmailPreview:
        if verb == "remind":
            _require_reachable(first)
            return email_previews.preview_reminder(first, by=by)
        _require_invited(first)
        if verb == "deadline":
            return email_previews.preview_edit(first, _later_deadline(first, request.POST), by=by)
        return email_previews.preview_withdrawal(first, by=by)

    return email_preview.show(request, draw, notify=verb == "remind" or "notify" in request.POST)


def _remind(interview: Interview, by: str, values: Mapping[str, str]) -> str:
    _require_reachable(interview)
    message = resend.send_reminder(interview, by=by)
    return _("The email to %(address)s is on its way.") % {"address": message.to}


def _extend(interview: Interview, by: str, values: Mapping[str, str]) -> str:
    _require_invited(interview)
    edit = _later_deadline(interview, values)
    actions.edit_invitation(interview, edit, by=by, notify="notify" in values)
    return SafeString(_("Start by %(at)s.") % {"at": short_time(edit.valid_until)})


def _later_deadline(interview: Interview, values: Mapping[str, str]) -> InvitationEdit:
    """The edit that moves the deadline by the days of the form.

    Raises:
        InvalidInputError: if the days or the new deadline are out of range.
    """
    days = _days(values)
    if days is None:
        raise InvalidInputError("days", _wrong_days())
    until = max(interview.valid_until or now(), now()) + timedelta(days=days)
    try:
        return InvitationEdit.model_validate({"valid_until": until})
    except ValidationError as errors:
        field, message = field_messages(errors, InvitationEdit)[0]
        raise InvalidInputError(field, message) from None


def _withdraw(interview: Interview, by: str, values: Mapping[str, str]) -> str:
    _require_invited(interview)
    actions.revoke(interview, by=by, notify="notify" in values)
    return _("Withdrawn.")


def _require_invited(interview: Interview) -> None:
    """Check that nobody started it since it was selected: these are for invitations alone.

    Raises:
        WrongStateError: if it is no invitation any more.
    """
    if interview.state is not Status.AVAILABLE or not interview.is_take_home:
        raise WrongStateError(_("This test isn't waiting to be started any more."))


def _require_reachable(interview: Interview) -> None:
    """Check that the candidate can be reminded by email.

    Raises:
        WrongStateError: if it is no invitation any more, or has no address.
    """
    _require_invited(interview)
    if interview.candidate_email is None:
        raise WrongStateError(_("There's no email address. Add one with “Edit invitation”."))


def _wrong_days() -> str:
    return _("Enter a number from 1 to %(max)s.") % {"max": MAX_VALID_DAYS}


def _days(values: Mapping[str, str]) -> int | None:
    """The days to add, or None if it is no number from 1 to MAX_VALID_DAYS."""
    text = values.get("days", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        return None
    return int(text) if 1 <= int(text) <= MAX_VALID_DAYS else None
