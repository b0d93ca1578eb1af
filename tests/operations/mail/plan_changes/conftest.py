"""The emails about a change, as they are read."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS
from tests.operations.mail.plan_changes.reading import send_waiting


@pytest.fixture
def planned(mail_on, schedule):
    """A live interview to which the candidate has the invitation."""
    interview = schedule(
        send_email=True,
        candidate_email=ADDRESS,
        scheduled_at=now() + timedelta(days=10),
        time_zone="Europe/Berlin",
    )
    assert len(send_waiting(interview)) == 1
    return fresh(interview)


@pytest.fixture
def invited(mailed):
    """A take-home test to which the candidate has the invitation."""
    interview = mailed()
    assert len(send_waiting(interview)) == 1
    return fresh(interview)
