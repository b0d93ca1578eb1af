"""The challenge library: the list, one challenge with its versions and files, and its actions."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from dashboard.permissions.decorators import require, require_staff, username
from dashboard.permissions.roles import Permission
from dashboard.presenters import file_preview, markdown
from dashboard.presenters.challenge_checks import ChallengeChecks
from dashboard.shortcuts import _is_number, challenge_or_404, version_or_404
from interviews import queries
from interviews.attributes import DRY_RUN
from interviews.challenges import library as challenge_library
from interviews.challenges import versions as challenge_versions
from interviews.challenges.models import Challenge, Version
from interviews.challenges.storage import BrokenChallengeError
from operations import actions

# Newest open dry runs that are searched for those of one challenge.
DRY_RUNS = 50


@dataclass(frozen=True)
class Entry:
    """A challenge on the list. Its version is None while it has none."""

    challenge: Challenge
    version: Version | None


@require_GET
@require_staff
def library(request: HttpRequest) -> HttpResponse:
    """Active challenges, or with `?archived=true` the archived ones."""
    is_archived = request.GET.get("archived") == "true"
    challenges = (
        challenge_library.archived_challenges()
        if is_archived
        else challenge_library.active_challenges()
    )
    versions = challenge_library.current_versions(challenges)
    context = {
        "entries": [Entry(each, versions.get(each.id)) for each in challenges],
        "is_archived": is_archived,
    }
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/challenges/_list.html", context)
    return render(request, "dashboard/challenges/list.html", context)


@require_GET
@require_staff
def challenge(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """A challenge's current version, or the one in `?version=`, with the file in `?file=`.

    With HX-Request, only the parts that may change.
    """
    challenge = challenge_or_404(challenge_id)
    version = version_or_404(challenge, request.GET.get("version"))
    context: dict[str, object] = {
        "challenge": challenge,
        "version": version,
        "is_current": version.number == challenge.number,
        "versions": challenge_library.versions_page(challenge.id, before=_before(request)),
        "page_size": challenge_library.PAGE_SIZE,
        "dry_runs": _open_dry_runs(challenge),
        "checks": ChallengeChecks(version),
    }
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/challenges/_detail.html", context)
    path = request.GET.get("file", "")
    context |= {
        "instructions": _instructions(challenge, version),
        "tree": file_preview.tree(version.files),
        "path": path,
        "preview": file_preview.preview(version, path) if path else None,
        "whole": True,
    }
    return render(request, "dashboard/challenges/detail.html", context)


@require_GET
@require_staff
def file(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """A part of the page: the file in `?file=`."""
    challenge = challenge_or_404(challenge_id)
    version = version_or_404(challenge, request.GET.get("version"))
    path = request.GET.get("file", "")
    preview = file_preview.preview(version, path)
    if preview is None:
        raise Http404("There is no such file in this version.")
    context = {"challenge": challenge, "version": version, "path": path, "preview": preview}
    return render(request, "dashboard/challenges/_file.html", context)


@require_POST
@require(Permission.EDIT_CHALLENGES)
def archive(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Stop new invitations; existing interviews continue."""
    return _change(request, challenge_id, actions.archive_challenge)


@require_POST
@require(Permission.EDIT_CHALLENGES)
def restore(request: HttpRequest, challenge_id: str) -> HttpResponse:
    return _change(request, challenge_id, actions.restore_challenge)


@require_POST
@require(Permission.EDIT_CHALLENGES)
def dry_run(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Start a workspace of the version in `version`, and redirect to its page."""
    challenge = challenge_or_404(challenge_id)
    version = version_or_404(challenge, request.POST.get("version"))
    if version.number is None:
        version = challenge_versions.create_first_version(challenge)
    try:
        interview = actions.start_dry_run(challenge.id, int(version.number), by=username(request))
    except actions.InvalidInputError as error:
        raise Http404(error.message) from None
    return redirect("dashboard:interview", interview_id=interview.id)


def _change(request: HttpRequest, challenge_id: str, action: Callable[[str], bool]) -> HttpResponse:
    if not action(challenge_or_404(challenge_id).id):
        raise Http404("There is no such challenge.")
    return redirect_to_challenge(request, challenge_id)


def redirect_to_challenge(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Redirect to the challenge's page, after a form of the page or of a fragment."""
    url = reverse("dashboard:challenge", args=[challenge_id])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _instructions(challenge: Challenge, version: Version) -> str | None:
    """The rendered instructions, or None if they cannot be shown."""
    known = {each.path for each in version.files}
    page = reverse("dashboard:challenge", args=[challenge.id])

    def link_to(path: str) -> str | None:
        if path not in known:
            return None
        number = "" if version.number is None else str(int(version.number))
        return f"{page}?{urlencode({'version': number, 'file': path})}#file"

    try:
        return markdown.render(file_preview.text_of(version, version.instructions), link_to)
    except BrokenChallengeError:
        return None


def _open_dry_runs(challenge: Challenge) -> list[object]:
    """Open dry runs, which are on no other list."""
    page = queries.list_page(DRY_RUN, size=DRY_RUNS)
    return [each for each in page.items if each.challenge == challenge.id]


def _before(request: HttpRequest) -> int | None:
    number = request.GET.get("before", "")
    return int(number) if _is_number(number) else None
