"""Create and edit a challenge. A rejected form keeps everything that was typed."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.forms.challenges import ChallengeForm, NewChallengeForm
from dashboard.forms.reviews.criteria import CriteriaRows
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.upload_notes import upload_notes
from dashboard.shortcuts import challenge_or_404, version_or_404
from dashboard.uploads.challenge_files import (
    STARTER,
    FileChanges,
    TextFile,
    UncertainNamesError,
    text_of,
)
from dashboard.views.challenges import redirect_to_challenge
from interviews.challenges import library, storage
from interviews.challenges.models import Version
from interviews.challenges.schemas import NewChallengeRules
from interviews.challenges.storage import BrokenChallengeError
from interviews.challenges.uploads import InvalidUploadError, Upload, read_zip_names
from interviews.challenges.versions import ChallengeIdTakenError, VersionConflictError
from operations import actions


@require_http_methods(["GET", "POST"])
@require(Permission.EDIT_CHALLENGES)
def create(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        changes = FileChanges(texts=[TextFile("README.md", STARTER)])
        return _form_page(
            request,
            {"form": NewChallengeForm(), "changes": changes, "criteria": CriteriaRows()},
        )
    form, changes = NewChallengeForm(request.POST), FileChanges.of(request)
    rows = CriteriaRows.read(request.POST)
    context: dict[str, Any] = {"form": form, "changes": changes, "criteria": rows}
    rules, criteria = form.rules(), rows.criteria()
    try:
        upload = changes.apply({})
    except UncertainNamesError:
        return _form_page(request, context | {"names_are_uncertain": True}, 422)
    except InvalidUploadError as error:
        return _form_page(request, context | {"files_error": str(error)}, 422)
    if not isinstance(rules, NewChallengeRules) or criteria is None:
        return _form_page(request, context, 422)
    try:
        version = actions.create_challenge(
            rules, upload.files, criteria=criteria, by=username(request)
        )
    except ChallengeIdTakenError:
        form.add_error("id", _("This ID is taken. Choose another."))
        return _form_page(request, context, 422)
    _tell(request, upload)
    return redirect_to_challenge(request, version.challenge_id)


@require_http_methods(["GET", "POST"])
@require(Permission.EDIT_CHALLENGES)
def edit(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """Edit a challenge.

    `base` is the version on which the form was opened. `start` is the version whose files it begins
    with, which differs if an old version is restored (`?from=`).
    """
    challenge = challenge_or_404(challenge_id)
    context: dict[str, Any] = {"challenge": challenge}
    if request.method == "GET":
        start = version_or_404(challenge, request.GET.get("from"))
        context |= {"base": challenge.number, "start": start, "changes": FileChanges()}
        rows = CriteriaRows.of(start.about.criteria)
        return _form_page(request, context | {"form": ChallengeForm.of(start), "criteria": rows})
    base, start_number = request.POST.get("base", ""), request.POST.get("start", "")
    if on_top := request.POST.get("on_top"):
        # Saving on top of another user's version starts with its files, unless an old version is
        # restored.
        start_number = on_top if start_number == base else start_number
        base = on_top
    start = version_or_404(challenge, start_number)
    form, changes = ChallengeForm(request.POST), FileChanges.of(request)
    rows = CriteriaRows.read(request.POST)
    context |= {"form": form, "changes": changes, "base": base, "start": start, "criteria": rows}
    rules, criteria = form.rules(), rows.criteria()
    try:
        old = {} if changes.replaces_all else library.read_files(start)
        upload = changes.apply(old)
    except UncertainNamesError:
        return _form_page(request, context | {"names_are_uncertain": True}, 422)
    except (InvalidUploadError, BrokenChallengeError) as error:
        return _form_page(request, context | {"files_error": str(error)}, 422)
    if rules is None or criteria is None:
        return _form_page(request, context, 422)
    number = int(base) if base.isdecimal() and len(base) < 10 else None
    try:
        about = replace(rules.about, criteria=criteria)
        actions.save_challenge(challenge.id, about, upload.files, base=number, by=username(request))
    except VersionConflictError as error:
        context |= _conflict(challenge.id, number, error.current)
        # Untouched files and fields keep the values of the version that is saved on top of.
        context["files_differ"] = _("files") in context["differs"]
        context["keeps_theirs"] = start_number == base and not changes.replaces_all
        return _form_page(request, context, 409)
    _tell(request, upload)
    return redirect_to_challenge(request, challenge.id)


@require_GET
@require(Permission.EDIT_CHALLENGES)
def text(request: HttpRequest) -> HttpResponse:
    """A part of the form: a new file, or an existing one to edit."""
    path = request.GET.get("path", "")
    if not path:
        return _text(request, TextFile("", ""))
    challenge = challenge_or_404(request.GET.get("challenge", ""))
    version = version_or_404(challenge, request.GET.get("version"))
    file = next((each for each in version.files if each.path == path), None)
    if file is None:
        raise Http404("There is no such file in this version.")
    editable = None
    try:
        content = storage.read_file(challenge.id, version.content, file)
        editable = text_of(content)
    except BrokenChallengeError:
        pass
    if editable is None:
        context = {"path": path}
        return render(request, "dashboard/challenge_editor/_not_editable.html", context)
    return _text(request, TextFile(path, editable, is_new=False))


@require_POST
@require(Permission.EDIT_CHALLENGES)
def names(request: HttpRequest) -> HttpResponse:
    """A part of the form: the ways to read the names in a zip, or nothing if there is one.

    `end` is the end of the zip with its central directory, sent before the whole upload.
    """
    end = request.FILES.get("end")
    try:
        readings = read_zip_names(end).readings if end is not None else ()
    except InvalidUploadError:
        # Saving says what is wrong with it.
        readings = ()
    if not readings:
        return HttpResponse()
    context = {"readings": readings}
    return render(request, "dashboard/challenge_editor/_names.html", context)


def _tell(request: HttpRequest, upload: Upload) -> None:
    """Say on the challenge's page what was left out or read differently."""
    for note in upload_notes(upload.report):
        messages.info(request, note)


def _text(request: HttpRequest, file: TextFile) -> HttpResponse:
    context = {"text": file, "is_asked_for": True}
    return render(request, "dashboard/challenge_editor/_text.html", context)


def _form_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    part = "_form.html" if request.headers.get("HX-Request") else "form.html"
    return render(request, f"dashboard/challenge_editor/{part}", context, status=status)


def _conflict(challenge_id: str, base: int | None, current: Version) -> dict[str, object]:
    """The version that was saved first, and how it differs."""
    before = library.get_version(challenge_id, base) if base is not None else None
    return {"current": current, "differs": differences(before, current) if before else []}


def differences(before: Version, after: Version) -> list[str]:
    """The parts in which two versions differ, in the form's words."""
    labels = {
        "name": _("name"),
        "description": _("description"),
        "language": _("language"),
        "duration_minutes": _("time limit"),
        "cpus": _("CPUs"),
        "memory_mb": _("memory"),
        "policy": _("what's allowed"),
        "criteria": _("criteria"),
    }
    fields = [
        word
        for name, word in labels.items()
        if getattr(before.about, name) != getattr(after.about, name)
    ]
    return fields + ([_("files")] if before.content != after.content else [])
