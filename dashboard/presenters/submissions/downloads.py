"""What of a submission is saved by a browser or a program: one file, or all of them as a zip file.

Whatever is in a file, no browser runs it: it is an attachment without a type, nothing is guessed
from the content, and a policy of its own allows nothing at all.
"""

from collections.abc import Generator
from typing import TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from interviews.models import Interview
from operations import audit
from operations.archives.download import archive_name, begun, stream_download
from operations.audit import AuditAction
from operations.submissions import paths
from operations.submissions.index.records import File
from operations.submissions.submission import Submission
from operations.submissions.zip_stream import zip_chunks

Response = TypeVar("Response", bound=HttpResponseBase)
# `sandbox` also holds for a drawing that somebody opens by its address.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def file_download(
    request: HttpRequest, submission: Submission, interview: Interview, file: File
) -> HttpResponseBase:
    """One file. The end of the stream closes the submission.

    Raises:
        BrokenArchiveError: if the archive is missing or damaged; then nothing is audited.
        Http404: if the file has no content.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    if not file.is_stored:
        raise Http404(_("This file has no content."))
    chunks = begun(_file_chunks(submission, file))
    audit.record(AuditAction.DOWNLOADED_FILES, interview.id, detail="one file")
    response = stream_download(request, chunks, paths.shown(file.name), "application/octet-stream")
    response["Content-Length"] = str(file.size)
    return guarded(response)


def zip_download(
    request: HttpRequest, submission: Submission, interview: Interview
) -> HttpResponseBase:
    """All files as a zip file. The end of the stream closes the submission.

    Raises:
        BrokenArchiveError: if the archive is missing or damaged; then nothing is audited.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    name = archive_name(interview).removesuffix(".tar.gz")
    chunks = begun(zip_chunks(submission, name))
    audit.record(AuditAction.DOWNLOADED_FILES, interview.id, detail="zip")
    return guarded(stream_download(request, chunks, f"{name}.zip", "application/zip"))


def guarded(response: Response) -> Response:
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _file_chunks(submission: Submission, file: File) -> Generator[bytes]:
    with submission:
        yield from submission.chunks(file)
