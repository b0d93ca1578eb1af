"""How long ended interviews are kept, in words."""

from typing import Any

import pytest
from django.utils import translation

from interviews import retention


@pytest.mark.parametrize(
    ("days", "language", "words"),
    [(1, "en", "1 day"), (7, "en", "7 days"), (1, "de", "1 Tag"), (90, "de", "90 Tage")],
)
def test_days_are_written_in_the_language_of_the_reader(
    settings: Any, days: int, language: str, words: str
) -> None:
    settings.RETENTION_DAYS = days
    with translation.override(language):
        assert retention.in_words() == words
