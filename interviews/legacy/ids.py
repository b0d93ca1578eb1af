"""Derive the id of an interview from the passcode of its old row, and the passcode from the id.

Ids appear in URLs, logs and events, and users who may not see a passcode see them. A hash could be
reversed by brute force, since there are only 2**40 passcodes. So the passcode is encrypted with a
key derived from SECRET_KEY: the same passcode always gives the same id, and the id alone is enough
to find the old row by its key.
"""

import base64
import binascii
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.utils.crypto import salted_hmac

from interviews.passcodes import PASSCODE, PASSCODE_ALPHABET, PASSCODE_LENGTH

ID_PREFIX = "takehome-"
ID_PATTERN = re.compile(f"{ID_PREFIX}([a-z2-7]{{26}})")
BLOCK = 16  # bytes


def id_for_passcode(passcode: str) -> str:
    """Return the interview id for a passcode of the old table."""
    encryptor = _cipher().encryptor()
    block = encryptor.update(passcode.encode()[:BLOCK].ljust(BLOCK, b"\0")) + encryptor.finalize()
    return ID_PREFIX + base64.b32encode(block).decode().rstrip("=").lower()


def passcode_from_id(id_: str) -> str | None:
    """Return the passcode that an id was derived from, or None for any other id."""
    text = decode_id(id_)
    return text if text is not None and PASSCODE.fullmatch(text) else None


def decode_id(id_: str) -> str | None:
    """Return the key of an old row that an id was derived from, even if it is no valid passcode."""
    match = ID_PATTERN.fullmatch(id_)
    if match is None:
        return None
    try:
        block = base64.b32decode(match[1].upper() + "======")
    except binascii.Error:
        return None
    decryptor = _cipher().decryptor()
    try:
        text = (decryptor.update(block) + decryptor.finalize()).rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return text if text and id_for_passcode(text) == id_ else None


def derive_passcode(id_: str) -> str:
    """Return the passcode for a take-home test created here; the id does not reveal it."""
    digest = salted_hmac("interviews.legacy.passcode", id_, algorithm="sha256").digest()
    letters = digest[:PASSCODE_LENGTH]
    return "".join(PASSCODE_ALPHABET[byte % len(PASSCODE_ALPHABET)] for byte in letters)


def _cipher() -> Cipher[modes.ECB]:
    key = salted_hmac("interviews.legacy.id", "", algorithm="sha256").digest()[:BLOCK]
    # The text is always one block, so no chaining mode is needed.
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
