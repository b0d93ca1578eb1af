"""What the command menu finds: candidates, challenges and pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.permissions.decorators import actor
from dashboard.permissions.reviewing import findable, shown
from dashboard.permissions.roles import Actor, Permission
from interviews.challenges import library
from interviews.pagination.history import Filters
from interviews.search import lookup
from interviews.status_labels import interview_label

# Most results of a kind.
MOST = 6
# Shorter texts would find nearly everybody.
SHORTEST = 2


@dataclass(frozen=True)
class Result:
    """Something to go to. `note` says more about it."""

    name: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    results: list[Result]


def find(request: HttpRequest, text: str) -> list[Group]:
    """The groups with results for this text; for "" the pages."""
    who = actor(request)
    groups = [
        Group(_("Candidates"), _candidates(request, text)),
        Group(_("Challenges"), _challenges(text)),
        Group(_("Pages"), _pages(text, who)),
    ]
    return [group for group in groups if group.results]


def _candidates(request: HttpRequest, text: str) -> list[Result]:
    if len(text) < SHORTEST:
        return []
    by_passcode = actor(request).may(Permission.SEE_CREDENTIALS)
    page = lookup.search_page(text, Filters(), size=MOST, by_passcode=by_passcode)
    found = shown(request, findable(request, page.items, text))
    names = {id_: library.challenge_name(id_) for id_ in {each.challenge for each in found}}
    return [
        Result(
            str(each.candidate_name),
            reverse("dashboard:interview", args=[each.id]),
            f"{names[each.challenge]} · {interview_label(each)}",
        )
        for each in found
    ]


def _challenges(text: str) -> list[Result]:
    if len(text) < SHORTEST:
        return []
    active, archived = library.active_challenges(), library.archived_challenges()
    notes = {challenge.id: _("Archived") for challenge in archived}
    return [
        Result(
            str(each.name), reverse("dashboard:challenge", args=[each.id]), notes.get(each.id, "")
        )
        for each in (*active, *archived)
        if _matches(text, f"{each.name} {each.id} {each.language}")
    ][:MOST]


def _pages(text: str, actor: Actor) -> list[Result]:
    return [
        Result(title, reverse(name))
        for name, title, permission in _all_pages()
        if actor.may(permission) and _matches(text, title)
    ]


def _matches(text: str, words: str) -> bool:
    return text.casefold() in words.casefold()


def _all_pages() -> Iterator[tuple[str, str, Permission]]:
    yield "dashboard:take-homes", _("Take-home tests"), Permission.VIEW
    yield "dashboard:live", _("Live interviews"), Permission.VIEW
    yield "dashboard:history", _("History"), Permission.VIEW
    yield "dashboard:challenges", _("Challenges"), Permission.VIEW
    yield "dashboard:challenge-create", _("New challenge"), Permission.EDIT_CHALLENGES
    yield "dashboard:batches", _("Bulk invite"), Permission.INVITE
    yield "dashboard:start-times", _("Start times"), Permission.VIEW
    yield "dashboard:workspaces", _("Workspaces"), Permission.VIEW
    yield "dashboard:audit", _("Audit log"), Permission.SEE_AUDIT
    yield "dashboard:candidate-data", _("Candidate data"), Permission.DELETE
    yield "dashboard:people", _("People"), Permission.ADMINISTER
    yield "dashboard:branding", _("Branding"), Permission.ADMINISTER
    yield "dashboard:email-texts", _("Email texts"), Permission.EDIT_EMAIL_TEXTS
    yield "dashboard:tokens", _("API tokens"), Permission.ADMINISTER
    yield "dashboard:webhooks", _("Webhooks"), Permission.ADMINISTER
    yield "dashboard:profile", _("Your profile"), Permission.VIEW
    yield "admin:index", _("Admin"), Permission.VIEW
    yield "api:openapi-view", _("API documentation"), Permission.VIEW
