"""The list of open take-home tests, and the form that invites a candidate."""

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard.filters import take_homes as filters
from dashboard.filters.filtered_list import filtered_list
from dashboard.filters.take_homes import OpenTestsQuery
from dashboard.forms.invitations import InviteForm
from dashboard.permissions.decorators import require, require_staff
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.list_definitions import HISTORY, OPEN_TAKE_HOMES
from dashboard.views.interviews import invitation_form
from dashboard.views.interviews.lists import list_page
from interviews.attributes import TAKE_HOME
from interviews.challenges import library
from interviews.challenges.models import Challenge
from operations import actions


@require_GET
@require_staff
def take_homes(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


@require_GET
@require_staff
def take_homes_ended(request: HttpRequest) -> HttpResponse:
    """The former address of ended tests, now part of the history."""
    return redirect(f"{reverse(HISTORY.url_name)}?type={TAKE_HOME}")


@require_POST
@require(Permission.INVITE)
def invite(request: HttpRequest) -> HttpResponse:
    return invitation_form.submit(
        request,
        InviteForm(library.active_challenges(), request.POST),
        actions.invite,
        tab=OPEN_TAKE_HOMES,
        again="dashboard/take_homes/_invite_form.html",
        done="dashboard/take_homes/_invited.html",
        page=_list_page,
    )


@require_GET
@require(Permission.INVITE)
def invite_form(request: HttpRequest) -> HttpResponse:
    """An empty form, after one was submitted."""
    return render(
        request,
        "dashboard/take_homes/_invite_form.html",
        {"form": InviteForm(library.active_challenges())},
    )


def _list_page(request: HttpRequest, form: InviteForm | None = None) -> HttpResponse:
    offered = library.active_challenges()
    listing = filtered_list(request, OpenTestsQuery, OPEN_TAKE_HOMES.url_name)
    query = listing.query
    return list_page(
        request,
        OPEN_TAKE_HOMES,
        "dashboard/take_homes/list.html",
        offered,
        status=422 if form is not None else 200,
        read=partial(query.page, viewer=viewer_of(request)),
        form=form or InviteForm(offered),
        listing=listing,
        query=query,
        is_filtered=query != OpenTestsQuery(),
        filter_errors=listing.errors,
        choices=_choices(query, offered),
        max_scanned=filters.MAX_SCANNED,
    )


def _choices(query: OpenTestsQuery, offered: list[Challenge]) -> dict[str, dict[str, Any]]:
    """The choices of each filter, with what is chosen even if it is offered no longer."""
    challenges = {str(challenge.id): challenge.name for challenge in offered}
    staff = User.objects.filter(is_staff=True).order_by("username")
    people = {name: name for name in staff.values_list("username", flat=True)}
    for chosen, known in ((query.challenge, challenges), (query.by, people)):
        if chosen:
            known.setdefault(chosen, chosen)
    return {
        "challenge": challenges,
        "by": people,
        "status": filters.GROUP_LABELS,
        "only": filters.ONLY_LABELS,
        "sort": filters.SORT_LABELS,
    }
