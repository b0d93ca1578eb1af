"""Open the submission that a request asks for, or say why that cannot be done."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import shown_one
from dashboard.presenters.submissions.addresses import Addresses
from dashboard.shortcuts import archive_place_or_404, interview_or_404
from interviews.models import Interview
from operations import audit
from operations.archives.archive import STORAGE_ERRORS
from operations.submissions import service
from operations.submissions.index.database import BrokenIndexError
from operations.submissions.service import SubmissionMissingError, SubmissionNotReadyError
from operations.submissions.submission import BrokenArchiveError, Submission

logger = structlog.get_logger(__name__)

View = Callable[[HttpRequest, Submission, Addresses], HttpResponseBase]


def with_submission(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Give the view the open submission of `?opening=`, and close it after a response.

    A streaming view closes it itself, at the end of the stream, which a HEAD never begins. The
    audit trail has an entry.
    """

    @wraps(view)
    def opened(request: HttpRequest, interview_id: str) -> HttpResponseBase:
        interview = interview_or_404(interview_id)
        opening = archive_place_or_404(request, interview)
        submission = response = None
        try:
            submission = service.open_submission(interview, opening)
            audit.record_submission_opened(interview.id)
            shown = shown_one(request, interview)
            lists_all = request.GET.get("all") == "1"
            response = view(request, submission, Addresses(shown, opening, lists_all))
        except SubmissionMissingError:
            sentence = _("The saved files are no longer in the store.")
            return message(request, shown_one(request, interview), sentence, status=404)
        except SubmissionNotReadyError:
            sentence = _("This is a large submission. This page opens it in a moment.")
            shown = shown_one(request, interview)
            context = {"interview": shown, "opening": opening, "sentence": sentence}
            return render(request, "dashboard/submissions/preparing.html", context, status=202)
        except BrokenIndexError as error:
            logger.warning("index_not_read", interview=interview.id, reason=str(error))
            service.delete_index(interview, opening)
            sentence = _("The list of these files was damaged. Reload this page to see them.")
            return message(request, shown_one(request, interview), sentence, status=503)
        except BrokenArchiveError as error:
            logger.warning("submission_not_read", interview=interview.id, reason=str(error))
            sentence = _("The archive is damaged, so this file can't be read.")
            return message(request, shown_one(request, interview), sentence, status=500)
        except STORAGE_ERRORS as error:
            logger.warning("submission_not_read", interview=interview.id, reason=str(error))
            sentence = _("The file store isn't responding. Try again in a moment.")
            return message(request, shown_one(request, interview), sentence, status=503)
        finally:
            is_head = getattr(request, "is_head", False)
            if submission is not None and (is_head or not getattr(response, "streaming", False)):
                submission.close()
        return response

    return require_staff(opened)


def message(
    request: HttpRequest, interview: Interview, sentence: str, *, status: int, **context: Any
) -> HttpResponse:
    """A page with a sentence in place of files, of an interview as this person may see it."""
    context |= {"interview": interview, "sentence": sentence}
    return render(request, "dashboard/submissions/message.html", context, status=status)
