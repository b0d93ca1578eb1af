"""After the end, a candidate says what they thought of it, and staff reads it."""

from django.conf import settings
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from operations import rate_limit
from operations.actions.problem_reports import without_credentials
from operations.exceptions import InvalidInputError, WrongStateError
from operations.queue import enqueue

# From "hard to work in" to "great".
RATINGS = range(1, 6)
MAX_FEEDBACK_TEXT = 2_000
# How often one candidate may send it within some minutes; each time replaces the one before.
MAX_TIMES, WITHIN_MINUTES = 10, 10


def may_give_feedback(interview: Interview) -> bool:
    """True once a test that was started is over, unless CANDIDATE_FEEDBACK is off."""
    is_over = interview.state in (Status.COMPLETED, Status.EXPIRED)
    return settings.CANDIDATE_FEEDBACK and is_over and interview.activated_at is not None


def give_feedback(interview: Interview, rating: str, text: str) -> None:
    """Store the candidate's answers in place of earlier ones; either may be empty.

    Credentials of the test are cut from the text. The event stream tells the pages of staff. As it
    replaces what was there, a full row has room for it too.

    Raises:
        InvalidInputError: if the rating is none of RATINGS, the text too long, or both are empty.
        WrongStateError: if it is not over or was deleted, or feedback was sent too often.
    """
    number, words = _valid_rating(rating), _valid_text(text)
    if number is None and not words:
        raise InvalidInputError("text", _("Choose a number or write something."))
    if rate_limit.record_attempt("feedback", interview.id, MAX_TIMES, WITHIN_MINUTES):
        raise WrongStateError(_("You've sent this several times. Please wait a few minutes."))
    while True:
        if not may_give_feedback(interview):
            raise WrongStateError(_("You can give feedback once it's over."))
        try:
            interview.change(
                feedback_rating=number,
                feedback_text=without_credentials(interview, words) or None,
                feedback_at=now(),
            )
        except StaleWriteError:
            interview = enqueue.reload_interview(interview)
            continue
        return


def _valid_rating(rating: str) -> int | None:
    if not rating:
        return None
    if rating not in map(str, RATINGS):
        raise InvalidInputError(
            "rating",
            _("Choose a number from %(min)s to %(max)s.")
            % {"min": RATINGS.start, "max": RATINGS.stop - 1},
        )
    return int(rating)


def _valid_text(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > MAX_FEEDBACK_TEXT:
        message = _("Use %(number)s characters or fewer.") % {"number": MAX_FEEDBACK_TEXT}
        raise InvalidInputError("text", message)
    return text
