"""Which content can be edited as text, and how text is stored."""

import pytest

from dashboard.uploads import challenge_files
from dashboard.uploads.challenge_files import MAX_TEXT, text_of
from interviews.challenges.uploads import InvalidUploadError


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("ж".encode(), "ж"),
        (b"x" * MAX_TEXT, "x" * MAX_TEXT),
        (b"x" * (MAX_TEXT + 1), None),
        (b"a\0b", None),
        (b"\xff", None),
    ],
)
def test_short_text_in_utf_8_can_be_edited(content: bytes, text: str | None) -> None:
    assert text_of(content) == text


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidUploadError) as refused:
        challenge_files._encoded("\ud83e", b"")
    assert str(refused.value) == "A text contains an invalid character."
