"""The errors of the actions, each of which a caller can handle."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The message for a person whose request lost a race (`interviews.models.StaleWriteError`).
CONFLICT_MESSAGE: Any = gettext_lazy("Someone else just changed this. Reload and try again.")


class WrongStateError(Exception):
    """The interview's status does not allow the action; the text is a sentence for the person."""


class IdempotencyKeyReusedError(Exception):
    """The Idempotency-Key was used for a different request before."""

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was already used for a different request."))


class InvalidInputError(Exception):
    """The value of a field is not accepted; the message is a sentence for the person."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
