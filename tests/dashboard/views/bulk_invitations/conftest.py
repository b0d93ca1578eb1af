"""Files of candidates."""

import pytest

from interviews.challenges.models import Challenge


@pytest.fixture(autouse=True)
def library(challenge: Challenge) -> None:
    """A challenge to invite candidates to."""
