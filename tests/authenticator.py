"""An authenticator app: it knows the key of a person, and shows a code every 30 seconds."""

import base64
import time

from django_otp.oath import TOTP


def code_for(key: bytes, *, steps: int = 0) -> str:
    """The code of now, or of so many steps of 30 seconds later."""
    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def code_for_text(key: str) -> str:
    """The code for a key as the page shows it."""
    return code_for(base64.b32decode(key.replace(" ", "")))
