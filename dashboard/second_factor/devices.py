"""The authenticator app of a person and its recovery codes, as django-otp stores them.

django-otp locks the device while it checks a code, refuses a code that was used, accepts the code
before and after the current one, and follows a clock that drifts.
"""

import base64
import hashlib
import re
import secrets
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from operations.branding import current_brand

RECOVERY_CODES = 10
# Without letters and digits that look alike. Ten of these are 49 random bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10
# The hash is slow, so that codes cannot be found by trying all of them on a stolen database.
ITERATIONS = 20_000
# The longest text that django-otp has a column for.
MAX_TOKEN = 16
NAME = "default"


class CodeKind(StrEnum):
    """What a person typed."""

    APP = "app"
    RECOVERY = "recovery"


def is_on(user: Any) -> bool:
    """True if the person confirmed an authenticator app."""
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def start_set_up(user: User) -> TOTPDevice:
    """Make a new key, which counts only once `confirm` saw a code. An earlier one is dropped."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name=NAME, confirmed=False)


def in_set_up(user: User) -> TOTPDevice | None:
    """The device whose key the person is entering into their app."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).order_by("-pk").first()


def confirm(user: User, code: str) -> bool:
    """Turn it on, if the code is the app's. To be called in a transaction."""
    device = in_set_up(user)
    if device is None or not _matches_app(user, device, code):
        return False
    # Of two confirmed at once the later one counts.
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    return bool(TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True))


def use_code(user: User, code: str) -> CodeKind | None:
    """Use up a code of the app or a recovery code; None if it is neither."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    if device is not None and _matches_app(user, device, code):
        return CodeKind.APP
    if device is not None and _matches_recovery(user, code):
        return CodeKind.RECOVERY
    return None


def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes. Only their hashes are stored, so this is the one time to read
    them. To be called in a transaction.
    """
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=NAME)
    codes = [
        "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=_recovery_hash(user, code)) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User) -> bool:
    """Turn it off; False if it was not on."""
    with transaction.atomic():
        was_on = is_on(user)
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
    return was_on


def key_text(device: TOTPDevice) -> str:
    """The key as people type it: Base32 in groups of four."""
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def qr_code(device: TOTPDevice) -> SafeString:
    """The key as an SVG element, dark on light whatever the page's colors are.

    The URI is that of https://github.com/google/google-authenticator/wiki/Key-Uri-Format.
    """
    uri = f"{device.config_url}&issuer={quote(current_brand().name, safe='')}"
    code = segno.make(uri, error="m", micro=False)
    svg = code.svg_inline(scale=4, dark="#000", light="#fff", omitsize=True)
    # Of the URI it has the dots alone.
    return mark_safe(svg)  # noqa: S308


def _matches_app(user: User, device: TOTPDevice, code: str) -> bool:
    digits = re.sub(r"[\s-]", "", code)
    # django-otp would take digits of any script, and signs before them.
    if not re.fullmatch(rf"[0-9]{{{device.digits}}}", digits):
        return False
    return verify_token(user, device.persistent_id, digits) is not None


def _matches_recovery(user: User, code: str) -> bool:
    letters = re.sub(r"[\s-]", "", code).lower()
    device = StaticDevice.objects.filter(user=user).first()
    if device is None or len(letters) != CODE_LENGTH:
        return False
    token = _recovery_hash(user, letters)
    return verify_token(user, device.persistent_id, token) is not None


def _recovery_hash(user: User, code: str) -> str:
    """It does not depend on SECRET_KEY, which may be changed."""
    salt = f"recovery code of {user.pk}".encode()
    digest = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, ITERATIONS)
    return base64.b32encode(digest).decode()[:MAX_TOKEN]
