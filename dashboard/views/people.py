"""The page *People*: who may sign in, in which role, and inviting more."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from dashboard.forms.people import PersonForm, RoleForm
from dashboard.people import actions, rules
from dashboard.permissions.decorators import require
from dashboard.permissions.roles import Permission
from dashboard.presenters.people import person_of, staff_users
from dashboard.second_factor import actions as second_factor
from dashboard.shortcuts import MAX_ID
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.staff.access import link_days


@require_safe
@require(Permission.ADMINISTER)
def people(request: HttpRequest) -> HttpResponse:
    return _list_page(request, _invite_form(request))


@require_POST
@require(Permission.ADMINISTER)
def invite(request: HttpRequest) -> HttpResponse:
    """Create the account, then email the link or show it once."""
    form = _invite_form(request)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    try:
        invited = actions.invite_person(_manager(request), form.wanted())
    except InvalidInputError as error:
        form.add_error(error.field, error.message)
        return _list_page(request, form, status=422)
    return _hand_over_link(request, invited)


@require_safe
@require(Permission.ADMINISTER)
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    return _person_page(request, _person_or_404(user_id))


@require_POST
@require(Permission.ADMINISTER)
def change_role(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person_or_404(user_id)
    role = request.POST.get("role", "")
    return _do(
        request,
        person,
        lambda: actions.change_role(_manager(request), person, role),
        _("Role changed."),
    )


@require_POST
@require(Permission.ADMINISTER)
def new_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Email a link to set a password, or show it once."""
    return _hand_over_link(request, _person_or_404(user_id))


@require_POST
@require(Permission.ADMINISTER)
def end_sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    """End them all; of the manager's own, all but this one."""
    person, manager = _person_or_404(user_id), _manager(request)
    keep = request.session.session_key if person.pk == manager.pk else None
    return _do(
        request,
        person,
        lambda: actions.end_sessions(manager, person, keep=keep),
        _("Sessions ended."),
    )


@require_POST
@require(Permission.ADMINISTER)
def reset_two_step(request: HttpRequest, user_id: int) -> HttpResponse:
    """Turn off the second factor of somebody who lost it."""
    person = _person_or_404(user_id)
    return _do(
        request,
        person,
        lambda: second_factor.reset(_manager(request), person),
        _("Two-step sign-in reset. The person was signed out."),
    )


@require_POST
@require(Permission.ADMINISTER)
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person_or_404(user_id)
    return _do(
        request,
        person,
        lambda: actions.deactivate_person(_manager(request), person),
        _("Account deactivated."),
    )


@require_POST
@require(Permission.ADMINISTER)
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person_or_404(user_id)
    return _do(
        request,
        person,
        lambda: actions.reactivate_person(_manager(request), person),
        _("Account reactivated."),
    )


def _manager(request: HttpRequest) -> User:
    return cast("User", request.user)


def _person_or_404(user_id: int) -> User:
    person = staff_users().filter(pk=user_id).first() if user_id <= MAX_ID else None
    if person is None:
        raise Http404("Person not found")
    return person


def _invite_form(request: HttpRequest) -> PersonForm:
    data = request.POST if request.method == "POST" else None
    roles = rules.grantable_roles(_manager(request))
    return PersonForm(roles, mail_is_on=settings.MAIL_IS_ON, data=data)


def _do(
    request: HttpRequest, person: User, action: Callable[[], object], done: str
) -> HttpResponse:
    """Run the action and go back to the person's page, which says what came of it."""
    try:
        action()
    except (InvalidInputError, WrongStateError) as error:
        return _person_page(request, person, error=str(error), status=409)
    messages.success(request, done)
    return redirect("dashboard:person", user_id=person.pk)


@sensitive_variables("link")
def _hand_over_link(request: HttpRequest, person: User) -> HttpResponse:
    manager = _manager(request)
    try:
        if "send_email" in request.POST:
            actions.email_password_link(manager, person)
            sent = _("We've emailed a link to %(email)s.") % {"email": person.email}
            messages.success(request, sent)
            return redirect("dashboard:people")
        path = actions.make_password_link(manager, person)
    except WrongStateError as error:
        return _person_page(request, person, error=str(error), status=409)
    link = request.build_absolute_uri(path)
    context = {"person": person_of(person), "link": link, "days": link_days()}
    return render(request, "dashboard/people/link.html", context, status=201)


def _list_page(request: HttpRequest, form: PersonForm, *, status: int = 200) -> HttpResponse:
    context = {
        "people": [person_of(user) for user in staff_users()],
        "form": form,
        "has_sso": bool(settings.OIDC_ISSUER),
        "mail_is_on": settings.MAIL_IS_ON,
        "is_two_step_required": settings.REQUIRE_SECOND_FACTOR,
    }
    return render(request, "dashboard/people/list.html", context, status=status)


def _person_page(
    request: HttpRequest, person: User, *, error: str = "", status: int = 200
) -> HttpResponse:
    manager, shown = _manager(request), person_of(person)
    context = {
        "person": shown,
        "form": RoleForm(rules.grantable_roles(manager), shown.role),
        "may_manage": rules.may_manage(manager, person),
        "has_fixed_role": rules.has_fixed_role(person),
        "is_self": manager.pk == person.pk,
        "mail_is_on": settings.MAIL_IS_ON and bool(person.email),
        "is_two_step_required": settings.REQUIRE_SECOND_FACTOR,
        "error": error,
    }
    return render(request, "dashboard/people/person.html", context, status=status)
