"""What candidates submitted, in the staff API: files, differences and archives."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import structlog
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.errors import HttpError

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED
from dashboard.api.schemas.submissions import DifferenceOut, SubmissionOut, SubmittedFileOut
from dashboard.permissions.reviewing import shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.submissions.difference_page import difference_of
from dashboard.presenters.submissions.downloads import file_download, zip_download
from dashboard.shortcuts import archive_place_or_404, file_or_404, interview_or_404
from interviews.models import Interview
from interviews.schemas.responses import ErrorOut
from operations import audit
from operations.actions import InvalidInputError, WrongStateError
from operations.archives import download
from operations.archives.archive import STORAGE_ERRORS
from operations.audit import AuditAction
from operations.submissions import service
from operations.submissions.index import Status
from operations.submissions.index.database import BrokenIndexError
from operations.submissions.service import SubmissionMissingError, SubmissionNotReadyError
from operations.submissions.starting import StartingVersion
from operations.submissions.submission import BrokenArchiveError, Submission

logger = structlog.get_logger(__name__)
router = Router(by_alias=True, tags=["Submissions"])

PAGE_SIZE = 500
# 409: the archive is damaged. 503: try again in a moment, as a large archive is being listed.
NOT_READ = REFUSED | {409: ErrorOut}
# Documents the parameter. `requested_opening` reads it, because the pages' links use it as well.
Opening = Annotated[
    str | None,
    Query(description="Which archive, if there are several: as in `sittings`; the last"),
]
# Documents the parameter too: of its bytes, those that are no UTF-8 are in the query alone.
Path = Annotated[str, Query(description="The `pathQuery` of a file")]


class ArchiveFormat(StrEnum):
    TAR_GZ = "tar.gz"
    ZIP = "zip"


@router.get("/interviews/{interview_id}/submission", response={200: SubmissionOut, **NOT_READ})
@needs(Permission.VIEW)
def submission(
    request: HttpRequest,
    interview_id: str,
    opening: Opening = None,
    changed: Annotated[bool, Query(description="Only what differs from the start")] = False,
    cursor: Annotated[int, Query(ge=0, lt=10**9)] = 0,
) -> SubmissionOut:
    """What the candidate submitted: its files, with what was added, changed and deleted."""
    interview = interview_or_404(interview_id)
    with _translated_errors(request, interview), _open(request, interview) as submission:
        summary = submission.summary()
        find = submission.changed_files if changed else submission.all_files
        files = find(after=cursor, limit=PAGE_SIZE + 1)
        shown = files[:PAGE_SIZE]
        return SubmissionOut(
            opening=archive_place_or_404(request, interview),
            compared=summary.is_compared,
            **summary.changes,
            files=summary.files,
            bytes=summary.total_bytes,
            problem=summary.problem,
            items=[SubmittedFileOut.of(file) for file in shown],
            next=str(shown[-1].id) if len(files) > PAGE_SIZE else None,
        )


@router.get("/interviews/{interview_id}/submission/file", response={200: None, **NOT_READ})
@needs(Permission.VIEW)
def submitted_file(
    request: HttpRequest, interview_id: str, path: Path, opening: Opening = None
) -> HttpResponseBase:
    """The bytes of one file, as an attachment without a type of its own."""
    interview = interview_or_404(interview_id)
    with _translated_errors(request, interview):
        submission = _open(request, interview)
        with _closed_on_error(submission):
            file = file_or_404(request, submission)
            return file_download(request, submission, interview, file)


@router.get(
    "/interviews/{interview_id}/submission/difference",
    response={200: DifferenceOut, **NOT_READ},
)
@needs(Permission.VIEW)
def submitted_difference(
    request: HttpRequest,
    interview_id: str,
    path: Path,
    opening: Opening = None,
    ignore_space: Annotated[bool, Query(alias="ignoreSpace")] = False,
) -> DifferenceOut:
    """The difference of a changed file against its starting file, line by line."""
    interview = interview_or_404(interview_id)
    with _translated_errors(request, interview), _open(request, interview) as submission:
        file = file_or_404(request, submission)
        if file.status is not Status.CHANGED:
            raise InvalidInputError(
                "path", _("This file has no difference: only changed files have one.")
            )
        body = difference_of(
            submission,
            file,
            StartingVersion.of(interview),
            is_side_by_side=False,
            ignores_space=ignore_space,
        )
        return DifferenceOut.of(file, body)


@router.get("/interviews/{interview_id}/submission/archive", response={200: None, **NOT_READ})
@needs(Permission.VIEW)
def submitted_archive(
    request: HttpRequest,
    interview_id: str,
    opening: Opening = None,
    format: Annotated[ArchiveFormat, Query()] = ArchiveFormat.TAR_GZ,
) -> HttpResponseBase:
    """All files: the archive as it was saved (tar.gz), or without links as zip."""
    # The file is named for the candidate.
    interview = shown_one(request, interview_or_404(interview_id))
    if format is ArchiveFormat.TAR_GZ:
        response = download.archive(request, interview)
        audit.record(AuditAction.DOWNLOADED_FILES, interview.id)
        return response
    with _translated_errors(request, interview):
        submission = _open(request, interview)
        with _closed_on_error(submission):
            return zip_download(request, submission, interview)


def _open(request: HttpRequest, interview: Interview) -> Submission:
    submission = service.open_submission(interview, archive_place_or_404(request, interview))
    audit.record_submission_opened(interview.id)
    return submission


@contextmanager
def _closed_on_error(submission: Submission) -> Iterator[None]:
    """A response that streams closes it, if there is one."""
    try:
        yield
    except BaseException:
        submission.close()
        raise


@contextmanager
def _translated_errors(request: HttpRequest, interview: Interview) -> Iterator[None]:
    """Turn what cannot be read into an error of the API, as the pages turn it into theirs."""
    try:
        yield
    except SubmissionMissingError:
        raise Http404(_("The saved files are no longer in the store.")) from None
    except SubmissionNotReadyError:
        raise HttpError(503, _("This is a large submission. Try again in a moment.")) from None
    except BrokenIndexError as error:
        logger.warning("index_not_read", interview=interview.id, reason=str(error))
        service.delete_index(interview, archive_place_or_404(request, interview))
        raise HttpError(503, _("The list of these files was damaged. Try again.")) from None
    except BrokenArchiveError as error:
        logger.warning("submission_not_read", interview=interview.id, reason=str(error))
        sentence = _("The archive is damaged, so this file can't be read.")
        raise WrongStateError(sentence) from None
    except STORAGE_ERRORS as error:
        logger.warning("submission_not_read", interview=interview.id, reason=str(error))
        sentence = _("The file store isn't responding. Try again in a moment.")
        raise HttpError(503, sentence) from None
