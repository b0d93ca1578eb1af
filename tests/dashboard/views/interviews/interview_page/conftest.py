"""Parts of an interview's page."""

import pytest

from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions
from tests.conftest import run_until_idle


@pytest.fixture
def ended(running: Interview) -> Interview:
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)
