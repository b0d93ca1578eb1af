"""Open the state that a request asks for, or say why that cannot be done."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import shown_one
from dashboard.presenters.progress.addresses import START, ProgressAddresses
from dashboard.presenters.progress.line import ProgressLine, progress_line
from dashboard.shortcuts import interview_or_404
from dashboard.views.submissions.opening import message
from interviews.models import Interview
from operations import audit
from operations.archives.archive import STORAGE_ERRORS
from operations.progress.manifest_store import BrokenManifestError
from operations.progress.models import ProgressState
from operations.progress.states import KeptFiles, open_state
from operations.submissions.starting import BaseFiles
from operations.submissions.submission import BrokenArchiveError

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenState:
    """A state of an interview, open, and what it is compared with."""

    line: ProgressLine
    state: ProgressState
    base_state: ProgressState | None
    files: KeptFiles
    base: BaseFiles | None
    addresses: ProgressAddresses

    @property
    def interview(self) -> Interview:
        return self.line.interview


View = Callable[[HttpRequest, OpenState], HttpResponseBase]


def with_state(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Give the view the open state of `?state=` and `?from=`; without them the last one, against
    the one before. The audit trail has an entry."""

    @wraps(view)
    def opened(request: HttpRequest, interview_id: str) -> HttpResponseBase:
        interview = shown_one(request, interview_or_404(interview_id))
        line = progress_line(interview)
        if line is None:
            raise Http404(_("No progress is kept of this interview."))
        state, base_state = _choice(request, line)
        addresses = ProgressAddresses(
            interview,
            0,
            request.GET.get("all") == "1",
            state=state.number,
            base=str(base_state.number) if base_state is not None else START,
        )
        try:
            files, base = open_state(interview, state, base_state)
            with files:
                audit.record_progress_opened(interview.id)
                return view(request, OpenState(line, state, base_state, files, base, addresses))
        except BrokenManifestError as error:
            logger.warning("progress_not_read", interview=interview.id, reason=str(error))
            sentence = _("This state is damaged and can't be read. Try another one.")
            return _message(request, interview, sentence, status=500)
        except BrokenArchiveError as error:
            logger.warning("progress_not_read", interview=interview.id, reason=str(error))
            sentence = _("The content of this file is missing or damaged.")
            return _message(request, interview, sentence, status=500)
        except STORAGE_ERRORS as error:
            logger.warning("progress_not_read", interview=interview.id, reason=str(error))
            sentence = _("The file store isn't responding. Try again in a moment.")
            return _message(request, interview, sentence, status=503)

    return require_staff(opened)


def _choice(request: HttpRequest, line: ProgressLine) -> tuple[ProgressState, ProgressState | None]:
    """The state, and the one to compare it with, or None for the starting files.

    Raises:
        Http404: if there is no such state.
    """
    by_number = {state.number: state for state in line.states}
    chosen = request.GET.get("state")
    state = line.states[-1] if not chosen else _state(by_number, chosen)
    base = request.GET.get("from")
    if base == START:
        return state, None
    return state, _state(by_number, base) if base else by_number.get(state.number - 1)


def _state(by_number: dict[int, ProgressState], text: str) -> ProgressState:
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    state = by_number.get(int(text)) if is_number else None
    if state is None:
        raise Http404(_("There is no such state."))
    return state


def _message(
    request: HttpRequest, interview: Interview, sentence: str, *, status: int
) -> HttpResponse:
    return message(request, interview, sentence, status=status, whole_title=_("Progress"))
