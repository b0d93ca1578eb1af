"""Writes that are made while their interview is deleted."""

from django.utils.translation import gettext as _

from interviews import queries
from interviews.models import Interview
from operations.exceptions import WrongStateError
from operations.reviews.cleanup import delete_reviews_of
from operations.webhooks import outbox_relay


def refuse_if_deleted(interview: Interview) -> None:
    """Delete what was just written about an interview that is gone.

    Call it after the commit. A deletion looks for reviews once more after it removed the
    interview's row, so one of both sees the other.

    Raises:
        WrongStateError: if the interview is gone.
    """
    if queries.get_interview(interview.id) is not None:
        return
    delete_reviews_of(interview.id)
    # The messages that were queued with the write have the candidate's name.
    outbox_relay.redact_deliveries(interview.id)
    raise WrongStateError(_("The interview was deleted."))
