"""Why something that was asked for is not done."""

# What a person is told who lost a race (`interviews.models.StaleWriteError`).
CONFLICT_MESSAGE = "Somebody else changed it in this moment. Please look again."


class WrongStateError(Exception):
    """It cannot be done as the interview stands; the text is a sentence for the person."""


class IdempotencyKeyReusedError(Exception):
    """A key that makes a request repeatable has come with another request before."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class InvalidInputError(Exception):
    """A field holds what cannot be accepted."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
