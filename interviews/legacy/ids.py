"""The id of an interview whose old row has none yet: made from the passcode, and back.

Ids stand in addresses, logs and events, and are shown to people who may not see a passcode. A hash
of one could be found out by trying: there are no more than 2**40. So it is encrypted, under a key
that follows from SECRET_KEY; the same passcode always gives the same id, and with the id alone the
old row is found by its key.
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
    """The id for a passcode of the old table."""
    encryptor = _cipher().encryptor()
    block = encryptor.update(passcode.encode()[:BLOCK].ljust(BLOCK, b"\0")) + encryptor.finalize()
    return ID_PREFIX + base64.b32encode(block).decode().rstrip("=").lower()


def passcode_from_id(id_: str) -> str | None:
    """The passcode that an id was minted from; None: it was not."""
    text = decode_id(id_)
    return text if text is not None and PASSCODE.fullmatch(text) else None


def decode_id(id_: str) -> str | None:
    """The same of whatever is the key of an old row."""
    found = ID_PATTERN.fullmatch(id_)
    if found is None:
        return None
    try:
        block = base64.b32decode(found[1].upper() + "======")
    except binascii.Error:
        return None
    decryptor = _cipher().decryptor()
    try:
        text = (decryptor.update(block) + decryptor.finalize()).rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return text if text and id_for_passcode(text) == id_ else None


def derive_passcode(id_: str) -> str:
    """The passcode of what is created here under an id of ours: nobody guesses it from the id."""
    digest = salted_hmac("interviews.legacy.passcode", id_, algorithm="sha256").digest()
    letters = digest[:PASSCODE_LENGTH]
    return "".join(PASSCODE_ALPHABET[byte % len(PASSCODE_ALPHABET)] for byte in letters)


def _cipher() -> Cipher[modes.ECB]:
    key = salted_hmac("interviews.legacy.id", "", algorithm="sha256").digest()[:BLOCK]
    # One block, never two: there is nothing to chain.
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
