"""The challenge library in the staff API, with the rules and writes of its pages."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from dashboard.api.auth import needs
from dashboard.api.schemas.challenges import (
    ChallengeOut,
    ChallengePage,
    CreatedChallengeOut,
    CriteriaIn,
    DryRunIn,
    SavedVersionOut,
    VersionIn,
    VersionPage,
    WholeVersionOut,
)
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE, Accepted
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import challenge_or_404, version_or_404
from dashboard.uploads.challenge_files import read_upload
from interviews.challenges import library as challenge_library
from interviews.challenges import versions as challenge_versions
from interviews.challenges.criteria import as_criteria
from interviews.challenges.models import Challenge, Version
from interviews.challenges.schemas import NewChallengeRules
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.storage import BrokenChallengeError
from interviews.challenges.uploads import InvalidNameEncodingError, InvalidUploadError
from interviews.challenges.versions import ChallengeIdTakenError, VersionConflictError
from interviews.challenges.zip_names import NameEncoding
from operations import actions
from operations.actions import InvalidInputError, WrongStateError

router = Router(by_alias=True, tags=["Challenges"])

Archive = Annotated[UploadedFile | None, File(description="A zip, instead of files")]
Files = Annotated[list[UploadedFile], File(description="All files, including README.md")]
Paths = Annotated[
    str, Form(description="The paths of `files` as a JSON list, as file names have no folders")
]

Encoding = Annotated[
    NameEncoding | None,
    Form(
        alias="nameEncoding",
        description="How names in the zip are written that are not marked as UTF-8; otherwise it "
        "is guessed",
    ),
]


@router.get("/challenges", response={200: ChallengePage, **REFUSED})
@needs(Permission.VIEW)
def library(request: HttpRequest, archived: bool = False) -> dict[str, object]:
    """The active challenges by name, or with `archived=true` the archived ones."""
    return {
        "items": challenge_library.archived_challenges()
        if archived
        else challenge_library.active_challenges(),
        "next": None,
    }


@router.post("/challenges", response={201: CreatedChallengeOut, **REFUSED_CHANGE})
@needs(Permission.EDIT_CHALLENGES)
def create(
    request: HttpRequest,
    about: Form[NewChallengeRules],
    files: Files = [],  # noqa: B006 - as ninja reads it
    archive: Archive = None,
    paths: Paths = "",
    name_encoding: Encoding = None,
) -> Status[Any]:
    """Create a challenge, as multipart/form-data. Its ID defaults to one made from the name."""
    content = _uploaded_files(request, files, archive, paths, name_encoding)
    if content is None:
        raise InvalidInputError(
            "archive", _("Send the files, as a zip in `archive` or as `files`.")
        )
    try:
        version = actions.create_challenge(about, content, by=username(request))
    except ChallengeIdTakenError:
        raise InvalidInputError("id", _("A challenge with this ID already exists.")) from None
    return Status(201, challenge_or_404(version.challenge_id))


@router.get("/challenges/{challenge_id}", response={200: ChallengeOut, **REFUSED})
@needs(Permission.VIEW)
def challenge(request: HttpRequest, challenge_id: str) -> Challenge:
    """One challenge."""
    return challenge_or_404(challenge_id)


@router.get("/challenges/{challenge_id}/versions", response={200: VersionPage, **REFUSED})
@needs(Permission.VIEW)
def versions(
    request: HttpRequest,
    challenge_id: str,
    cursor: Annotated[int | None, Query(ge=1, lt=10**9)] = None,
) -> dict[str, object]:
    """The versions of a challenge, newest first, 50 at a time."""
    items = challenge_library.versions_page(challenge_or_404(challenge_id).id, before=cursor)
    is_full = len(items) == challenge_library.PAGE_SIZE and items[-1].number > 1
    return {"items": items, "next": str(int(items[-1].number)) if is_full else None}


@router.post(
    "/challenges/{challenge_id}/versions", response={201: SavedVersionOut, **REFUSED_CHANGE}
)
@needs(Permission.EDIT_CHALLENGES)
def save(
    request: HttpRequest,
    challenge_id: str,
    about: Form[VersionIn],
    base_version: Annotated[
        int | None,
        Form(
            alias="baseVersion",
            description="The version that you started from. Leave it out if there was none",
        ),
    ] = None,
    files: Files = [],  # noqa: B006 - as ninja reads it
    archive: Archive = None,
    paths: Paths = "",
    name_encoding: Encoding = None,
) -> Status[Any]:
    """Create a version, as multipart/form-data. What you leave out is taken from `baseVersion`.

    409 when somebody saved another version meanwhile: look at it, and send its number to save on
    top of it.
    """
    challenge = challenge_or_404(challenge_id)
    base = version_or_404(challenge, None if base_version is None else str(base_version))
    content = _uploaded_files(request, files, archive, paths, name_encoding)
    try:
        saved = actions.save_challenge(
            challenge.id,
            dataclasses.replace(base.about, **about.changes),
            challenge_library.read_files(base) if content is None else content,
            base=base_version,
            by=username(request),
        )
    except VersionConflictError as error:
        raise WrongStateError(_first(error.current)) from None
    except BrokenChallengeError:
        raise InvalidInputError(
            "archive", _("The files of this challenge are damaged. Send them again.")
        ) from None
    return Status(201, saved)


@router.put(
    "/challenges/{challenge_id}/criteria", response={201: WholeVersionOut, **REFUSED_CHANGE}
)
@needs(Permission.EDIT_CHALLENGES)
def save_criteria(request: HttpRequest, challenge_id: str, body: CriteriaIn) -> Status[Any]:
    """Create a version with these criteria for reviews, and everything else as in `baseVersion`.
    An interview whose first review has begun keeps its criteria."""
    challenge = challenge_or_404(challenge_id)
    base = version_or_404(challenge, None if body.base_version is None else str(body.base_version))
    try:
        saved = actions.save_challenge(
            challenge.id,
            dataclasses.replace(base.about, criteria=as_criteria(body.criteria)),
            challenge_library.read_files(base),
            base=body.base_version,
            by=username(request),
        )
    except VersionConflictError as error:
        raise WrongStateError(_first(error.current)) from None
    except BrokenChallengeError:
        raise WrongStateError(
            _("The files of this challenge are damaged. Send them again.")
        ) from None
    return Status(201, saved)


@router.get(
    "/challenges/{challenge_id}/versions/{number}", response={200: WholeVersionOut, **REFUSED}
)
@needs(Permission.VIEW)
def version(request: HttpRequest, challenge_id: str, number: int) -> Version:
    """One version, with the list of its files."""
    return version_or_404(challenge_or_404(challenge_id), str(number))


@router.post("/challenges/{challenge_id}/archive", response={200: ChallengeOut, **REFUSED_CHANGE})
@needs(Permission.EDIT_CHALLENGES)
def archive(request: HttpRequest, challenge_id: str) -> Challenge:
    """Archive it: no new invitations. Existing interviews don't change."""
    return _change(challenge_id, actions.archive_challenge)


@router.post("/challenges/{challenge_id}/restore", response={200: ChallengeOut, **REFUSED_CHANGE})
@needs(Permission.EDIT_CHALLENGES)
def restore(request: HttpRequest, challenge_id: str) -> Challenge:
    """Restore it, so that candidates can be invited again."""
    return _change(challenge_id, actions.restore_challenge)


@router.post("/challenges/{challenge_id}/dry-run", response={202: Accepted, **REFUSED_CHANGE})
@needs(Permission.EDIT_CHALLENGES)
def dry_run(request: HttpRequest, challenge_id: str, body: DryRunIn | None = None) -> Status[Any]:
    """Start a dry run: a test workspace without a candidate."""
    challenge = challenge_or_404(challenge_id)
    number = body.version if body is not None else None
    version = version_or_404(challenge, None if number is None else str(number))
    if version.number is None:
        version = challenge_versions.create_first_version(challenge)
    interview = actions.start_dry_run(challenge.id, int(version.number), by=username(request))
    return Status(202, {"interview_id": interview.id, "operation_id": interview.operation_id})


def _change(challenge_id: str, action: Callable[[str], bool]) -> Challenge:
    if not action(challenge_or_404(challenge_id).id):
        raise Http404(_("Challenge not found."))
    return challenge_or_404(challenge_id)


def _uploaded_files(
    request: HttpRequest,
    files: list[UploadedFile],
    archive: UploadedFile | None,
    paths: str,
    name_encoding: NameEncoding | None,
) -> StartingFiles | None:
    """The uploaded files, or None if there are none. The response has the report on them.

    Raises:
        InvalidInputError: if the upload is not valid.
    """
    if archive is not None and files:
        raise InvalidInputError("archive", _("Send either `archive` or `files`, not both."))
    if archive is None and not files:
        return None
    try:
        if archive is not None:
            upload = read_upload([archive], '["archive.zip"]', name_encoding=name_encoding)
        else:
            upload = read_upload(files, paths, name_encoding=name_encoding)
    except InvalidNameEncodingError as error:
        raise InvalidInputError("nameEncoding", str(error)) from None
    except InvalidUploadError as error:
        raise InvalidInputError("files" if files else "archive", str(error)) from None
    request.upload_report = upload.report  # type: ignore[attr-defined]
    return upload.files


def _first(current: Version) -> str:
    if not current.created_by or not current.created_at or current.number is None:
        return _("Someone else saved a version first.")
    return _("%(name)s saved version %(number)s first, at %(time)s.") % {
        "name": current.created_by,
        "number": int(current.number),
        "time": f"{current.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }
