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
# A browser unpacks a picture to 4 bytes a pixel: Chromium shows none above 2 GB, and Firefox none
# with a side above 32,767. These need 400 MB.
MAX_PIXELS = 100_000_000
MAX_SIDE = 32_767
# Segments of a JPEG file before its size. A camera writes ten, and as many again for a profile.
MAX_SEGMENTS = 1000


def picture_type(head: bytes) -> str | None:
    """The media type of a picture by its first HEAD_BYTES, or None if it is none."""
    for media_type, signature in SIGNATURES.items():
        if head.startswith(signature):
            return media_type
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def has_too_many_pixels(content: bytes) -> bool:
    """Whether a picture is larger than a browser shows, by its header; False if that is broken."""
    size = _size_of(content)
    return size is not None and (max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS)


def _size_of(content: bytes) -> tuple[int, int] | None:
    """The width and the height in pixels, or None if the content does not say them.

    The formats: https://www.w3.org/TR/png-3/#11IHDR, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    (18), https://developers.google.com/speed/webp/docs/riff_container, and ITU-T T.81 (B.2.2).
    """
    media_type = picture_type(content[:HEAD_BYTES])
    if media_type == "image/png" and content[12:16] == b"IHDR":
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if media_type == "image/gif" and len(content) >= 10:
        return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    if media_type == "image/jpeg":
        return _jpeg_size(content)
    return _webp_size(content) if media_type == WEBP else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Look through the segments for the header of a frame."""
    place = 2
    for _ in range(MAX_SEGMENTS):
        if content[place : place + 1] != b"\xff":
            return None
        marker = content[place + 1 : place + 2]
        if marker == b"\xff":  # a byte between two segments
            place += 1
            continue
        # All of these begin a frame but three: of Huffman tables, of arithmetic ones, and a spare.
        if b"\xc0" <= marker <= b"\xcf" and marker not in (b"\xc4", b"\xc8", b"\xcc"):
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(width), int.from_bytes(height)
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """The canvas of an extended file; the other two kinds have at most 16,383 pixels a side."""
    if content[12:16] == b"VP8X":
        width, height = content[24:27], content[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if content[12:16] == b"VP8 ":
        width, height = content[26:28], content[28:30]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    return None


def is_svg(name: bytes) -> bool:
    return name.lower().endswith(b".svg")
