"""The bytes of a submission: pictures for its pages, and downloads.

Whatever is in a file, no browser runs it here: a type is given only to what is a picture by its
first bytes, nothing is guessed from the content, and a policy of its own allows nothing at all.
"""

from collections.abc import Generator
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.presenters.submissions import pictures
from dashboard.presenters.submissions.addresses import Addresses
from dashboard.views.submissions.opening import file_or_404, with_submission
from operations import audit
from operations.archive_download import archive_name, begun, stream_download
from operations.audit import AuditAction
from operations.submissions import paths
from operations.submissions.submission import File, Submission
from operations.submissions.zip_stream import zip_chunks

Response = TypeVar("Response", bound=HttpResponseBase)
# `sandbox` also holds for a drawing that somebody opens by its address.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_GET
@with_submission
def raw(request: HttpRequest, submission: Submission, addresses: Addresses) -> HttpResponse:
    """A picture, for an `<img>`: there, no script of an SVG runs either."""
    file = file_or_404(request, submission)
    if not file.is_stored or file.size > pictures.MAX_PICTURE_BYTES:
        raise Http404(_("This file isn't shown as a picture."))
    content = submission.content(file, pictures.MAX_PICTURE_BYTES)
    media_type = pictures.picture_type(content[: pictures.HEAD_BYTES])
    # A page of its own would have the address of the platform: it is only ever downloaded.
    is_attachment = media_type is None
    if media_type is None and pictures.is_svg(file.name):
        media_type = pictures.SVG
    if media_type is None:
        raise Http404(_("This file isn't shown as a picture."))
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = _disposition(file, is_attachment=is_attachment)
    return _guarded(response)


@require_GET
@with_submission
def download(
    request: HttpRequest, submission: Submission, addresses: Addresses
) -> HttpResponseBase:
    """One file, to be saved."""
    file = file_or_404(request, submission)
    if not file.is_stored:
        raise Http404(_("This file has no content."))
    chunks = begun(_chunks(submission, file))
    audit.record(AuditAction.DOWNLOADED_FILES, addresses.interview.id, detail="one file")
    response = stream_download(request, chunks, paths.shown(file.name), "application/octet-stream")
    response["Content-Length"] = str(file.size)
    return _guarded(response)


@require_GET
@with_submission
def zip_file(
    request: HttpRequest, submission: Submission, addresses: Addresses
) -> HttpResponseBase:
    """All files as a zip file, to be saved."""
    name = archive_name(addresses.interview).removesuffix(".tar.gz")
    chunks = begun(zip_chunks(submission, name))
    audit.record(AuditAction.DOWNLOADED_FILES, addresses.interview.id, detail="zip")
    response = stream_download(request, chunks, f"{name}.zip", "application/zip")
    return _guarded(response)


def _chunks(submission: Submission, file: File) -> Generator[bytes]:
    with submission:
        yield from submission.chunks(file)


def _disposition(file: File, *, is_attachment: bool) -> str:
    return str(content_disposition_header(is_attachment, paths.shown(file.name)) or "inline")


def _guarded(response: Response) -> Response:
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
