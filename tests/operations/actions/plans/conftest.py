"""A second challenge, for edits."""

import pytest

from interviews.challenges import versions


@pytest.fixture
def other_challenge(challenge):
    versions.put_challenge(
        "sorting",
        name="Sorting",
        description="",
        language="Go",
        duration_minutes=90,
        files={"README.md": b"# Sorting"},
    )
    return "sorting"
