"""Pictures that a browser may show: known by their content, never by their name."""

# First bytes, by media type. None of these can hold a script.
SIGNATURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}
WEBP = "image/webp"
SVG = "image/svg+xml"
MAX_PICTURE_BYTES = 10 * 1024 * 1024
HEAD_BYTES = 16


def picture_type(head: bytes) -> str | None:
    """The media type of a picture by its first HEAD_BYTES, or None if it is none."""
    for media_type, signature in SIGNATURES.items():
        if head.startswith(signature):
            return media_type
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def is_svg(name: bytes) -> bool:
    return name.lower().endswith(b".svg")
