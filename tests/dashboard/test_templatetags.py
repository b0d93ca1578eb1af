"""Amounts on pages, in the reader's language."""

import pytest
from django.utils import translation

from dashboard.templatetags.dashboard import megabytes


@pytest.mark.parametrize(
    ("memory_mb", "language", "text"),
    [
        (512, "en", "512 MB"),
        (2048, "en", "2 GB"),
        (1536, "en", "1.5 GB"),
        (1536, "de", "1,5 GB"),
    ],
)
def test_memory_is_written_in_the_readers_language(
    memory_mb: int, language: str, text: str
) -> None:
    with translation.override(language):
        assert megabytes(memory_mb) == text
