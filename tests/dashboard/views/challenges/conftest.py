"""Parts of the pages of challenges."""

import pytest

from interviews.challenges import versions
from interviews.challenges.models import Challenge, ChallengeDetails
from tests.dashboard.views.challenges.reading import stored_challenge


@pytest.fixture
def second(challenge: Challenge) -> Challenge:
    """The challenge with two versions, of which the second is current."""
    about = ChallengeDetails("Word count 2", "Other words.", "Python", 90, 1.5, 2048)
    files = {"README.md": b"# Two\n", "src/deep/a.py": b"x = 1\n", "data.bin": b"\x00\xff"}
    versions.save_version(challenge.id, about, files, base=1, by="grace")
    return stored_challenge()
