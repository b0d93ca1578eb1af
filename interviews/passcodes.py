"""The format of passcodes, and new passcodes and workspace passwords."""

import re
import secrets

# Without 0, O, 1 and I: people read passcodes out on the phone.
PASSCODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSCODE_LENGTH = 8
PASSCODE = re.compile(f"[{PASSCODE_ALPHABET}]{{{PASSCODE_LENGTH}}}")


def new_passcode() -> str:
    return "".join(secrets.choice(PASSCODE_ALPHABET) for _ in range(PASSCODE_LENGTH))


def new_password() -> str:
    """Return a password of 80 bits, in letters and digits that are easy to type from a screen."""
    letters = PASSCODE_ALPHABET.lower()
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
