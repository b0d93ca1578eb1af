"""The errors of the actions, each of which a caller can handle."""

# The message for a person whose request lost a race (`interviews.models.StaleWriteError`).
CONFLICT_MESSAGE = "Somebody else changed it in this moment. Please look again."


class WrongStateError(Exception):
    """The interview's status does not allow the action; the text is a sentence for the person."""


class IdempotencyKeyReusedError(Exception):
    """The Idempotency-Key was used for a different request before."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class InvalidInputError(Exception):
    """The value of a field is not accepted; the message is a sentence for the person."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
