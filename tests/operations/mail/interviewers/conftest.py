"""A plan with interviewers, and what they were told."""

from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.models import Interview
from tests.conftest import fresh
from tests.operations.mail.interviewers.plans import GRACE, LATER, MARY, Plan, recipients
from tests.operations.mail.plan_changes.reading import send_waiting


@pytest.fixture
def plan(mail_on: None, schedule: Plan) -> Plan:
    """Call it to plan an interview that Grace and Mary hold; the candidate is not e-mailed."""

    def call(**fields: Any) -> Interview:
        return schedule(
            **{
                "scheduled_at": now() + LATER,
                "time_zone": "Europe/Berlin",
                "interviewers": [GRACE, MARY],
                **fields,
            }
        )

    return call


@pytest.fixture
def told(plan: Plan) -> Interview:
    """Both have the entry."""
    interview = plan()
    assert recipients(send_waiting(interview)) == [GRACE, MARY]
    return fresh(interview)
