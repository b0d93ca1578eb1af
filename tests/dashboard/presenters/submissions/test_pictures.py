"""The size of a picture is read from its header, of whatever somebody wrote there."""

import struct

import pytest

from dashboard.presenters.submissions.pictures import has_too_many_pixels

EXIF = b"\xff\xe1" + struct.pack(">H", 20_000) + bytes(19_998)


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(3)


def jpeg(width: int, height: int) -> bytes:
    table = b"\xff\xc4" + struct.pack(">HHH", 6, 60_000, 60_000)
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + EXIF + table + b"\xff" + frame


def webp(width: int, height: int) -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<II", 10, 0) + sizes


def webp_lossless(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return b"RIFF\0\0\0\0WEBPVP8L" + struct.pack("<IBI", 99, 0x2F, bits)


def webp_lossy(width: int, height: int) -> bytes:
    start = b"RIFF\0\0\0\0WEBPVP8 " + bytes(7) + b"\x9d\x01\x2a"
    return start + struct.pack("<HH", width, height)


@pytest.mark.parametrize("form", [png, gif, jpeg, webp, webp_lossless, webp_lossy])
def test_a_picture_of_a_hundred_million_pixels_is_shown_and_no_larger_one(form) -> None:
    assert not has_too_many_pixels(form(10_000, 10_000))
    assert not has_too_many_pixels(form(16_000, 6_250))
    assert has_too_many_pixels(form(10_000, 10_001))
    assert has_too_many_pixels(form(10_001, 10_000))


@pytest.mark.parametrize("form", [png, gif, jpeg, webp])
def test_no_side_may_be_longer_than_a_browser_shows(form) -> None:
    assert not has_too_many_pixels(form(32_767, 1))
    assert has_too_many_pixels(form(32_768, 1))
    assert has_too_many_pixels(form(1, 32_768))


@pytest.mark.parametrize("form", [png, gif, jpeg, webp, webp_lossless, webp_lossy])
def test_a_header_that_is_cut_says_nothing(form) -> None:
    whole = form(32_768, 32_768)
    for length in range(10):
        assert not has_too_many_pixels(whole[:length])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"\xff\xd8" + b"\xff" * 5_000_000,
        b"\xff\xd8" + b"\xff\xe0\0\0" * 1_000_000,
        b"\xff\xd8\xff\xe0\xff\xff",
        b"RIFF\0\0\0\0WEBPNONE",
    ],
)
def test_what_is_no_header_has_no_size(content: bytes) -> None:
    assert not has_too_many_pixels(content)
