"""Which files may be a logo: raster images, told by their first bytes.

No SVG: it is a document that may hold scripts.
"""

import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from operations.exceptions import InvalidInputError

MAX_LOGO_BYTES = 200 * 1024
TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True)
class Logo:
    """An accepted image. `name` is that of its file, and changes with the content."""

    content: bytes
    type: str
    name: str


def read_logo(content: bytes) -> Logo:
    """Check an uploaded image.

    Raises:
        InvalidInputError: if it is too large, or neither PNG, JPEG nor WebP.
    """
    if len(content) > MAX_LOGO_BYTES:
        size = _("Choose an image of %(kilobytes)s KB or less.")
        raise InvalidInputError("logo", size % {"kilobytes": MAX_LOGO_BYTES // 1024})
    type_ = _type_of(content)
    if type_ is None:
        raise InvalidInputError("logo", _("Choose a PNG, JPEG or WebP image."))
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Logo(content, type_, f"logo-{digest}.{TYPES[type_]}")


def _type_of(content: bytes) -> str | None:
    # The signature, and the beginning of the chunk that each file of the format has first.
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
