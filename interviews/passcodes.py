"""The passcode in a candidate's link: what it looks like, and a new one."""

import re
import secrets

# No 0 O 1 I: a passcode is read out on the telephone.
PASSCODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSCODE_LENGTH = 8
PASSCODE = re.compile(f"[{PASSCODE_ALPHABET}]{{{PASSCODE_LENGTH}}}")


def new_passcode() -> str:
    return "".join(secrets.choice(PASSCODE_ALPHABET) for _ in range(PASSCODE_LENGTH))


def new_password() -> str:
    """80 bits, in letters and digits that can be typed from a screen."""
    letters = PASSCODE_ALPHABET.lower()
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
