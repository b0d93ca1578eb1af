"""The bytes of a submission: pictures for its pages, and downloads.

Whatever is in a file, no browser runs it here: a type is given only to what is a picture by its
first bytes (`dashboard.presenters.submissions.downloads` has the rest).
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.presenters.submissions import pictures
from dashboard.presenters.submissions.addresses import Addresses
from dashboard.presenters.submissions.downloads import file_download, guarded, zip_download
from dashboard.shortcuts import file_or_404
from dashboard.views.submissions.opening import with_submission
from operations.submissions import paths
from operations.submissions.index.records import File
from operations.submissions.submission import Submission


@require_GET
@with_submission
def raw(request: HttpRequest, submission: Submission, addresses: Addresses) -> HttpResponse:
    """A picture, for an `<img>`: there, no script of an SVG runs either."""
    return picture(submission, file_or_404(request, submission))


def picture(submission: Submission, file: File) -> HttpResponse:
    """A file as a picture.

    Raises:
        Http404: if it is none, or too large.
        BrokenArchiveError: if its content is missing or damaged.
    """
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
    return guarded(response)


@require_GET
@with_submission
def download(
    request: HttpRequest, submission: Submission, addresses: Addresses
) -> HttpResponseBase:
    """One file, to be saved."""
    file = file_or_404(request, submission)
    return file_download(request, submission, addresses.interview, file)


@require_GET
@with_submission
def zip_file(
    request: HttpRequest, submission: Submission, addresses: Addresses
) -> HttpResponseBase:
    """All files as a zip file, to be saved."""
    return zip_download(request, submission, addresses.interview)


def _disposition(file: File, *, is_attachment: bool) -> str:
    return str(content_disposition_header(is_attachment, paths.shown(file.name)) or "inline")
