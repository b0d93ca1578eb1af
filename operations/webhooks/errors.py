"""Why a message was not sent."""


class CannotSend(Exception):
    """It cannot be sent to this address; the text is a sentence for the person who set it up."""
