"""An action belongs to the sitting that its caller saw."""

from interviews.models import Interview
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError


def require_same_sitting(interview: Interview, as_read: float | None) -> None:
    """Check that the test was not reopened since its `reopened` was `as_read`.

    Whoever asked knows nothing of this sitting: neither its time, nor its failure or end.

    Raises:
        WrongStateError: if it was.
    """
    if interview.reopened != as_read:
        raise WrongStateError(CONFLICT_MESSAGE)
