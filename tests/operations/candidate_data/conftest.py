"""A candidate of whom something is stored everywhere, beside another one."""

from collections.abc import Callable
from typing import Any

import pytest

from interviews.models import Interview
from operations import actions
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults
from operations.mail.models import Message, MessageKind
from operations.webhooks import outbox_relay
from operations.webhooks.models import DeliveryStatus, Webhook
from tests.conftest import fresh, run_until_idle
from tests.interviews.legacy.conftest import old_table

__all__ = ["old_table"]

ADA = "Ada@Example.com"
CSV = "candidate_name,candidate_email,challenge\n{0},{1},word-count\n{0},{1},no-such\n"


@pytest.fixture
def completed(engine: Any) -> Callable[[Interview], Interview]:
    """Return a function that takes a test to its end, with saved files."""

    def call(interview: Interview) -> Interview:
        actions.activate(interview, by="candidate")
        interview = run_until_idle(interview)
        actions.submit(interview, by="candidate")
        return run_until_idle(interview)

    return call


@pytest.fixture
def known(
    db: None,
    invite: Callable[..., Interview],
    schedule: Callable[..., Interview],
    completed: Callable[[Interview], Interview],
    settings: Any,
) -> list[Interview]:
    """The interviews of a candidate, newest first: one ended twice, one ended, one scheduled."""
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    webhook = Webhook.objects.create(
        name="ATS",
        url="https://hooks.example.com/in",
        types=["take-home"],
        sends_name=True,
        secret="whsec_x",
        created_by="admin",
    )
    first = completed(
        invite(candidate_name="Ada L.", candidate_email=ADA, send_email=True, valid_days=3)
    )
    actions.reopen(first, 30, by="recruiter")
    again = run_until_idle(fresh(first))
    actions.submit(again, by="candidate")
    first = run_until_idle(again)
    second = completed(invite(candidate_name="Ada L.", candidate_email=ADA.lower()))
    third = schedule(candidate_name="Ada L.", candidate_email=ADA)
    for interview in (first, second, third):
        outbox_relay.relay_changes(interview.id)
    webhook.deliveries.filter(interview_id=first.id, moment__lt=3).update(
        state=DeliveryStatus.DELIVERED
    )
    batch = service.import_file(
        "people.csv", CSV.format("Ada L.", ADA).encode(), Defaults(), by="admin"
    )
    batch.rows.filter(number=1).update(state="done", interview_id=second.id)
    Message.objects.create(
        interview_id="takehome-1", kind=MessageKind.INVITATION, to=ADA, created_by="x",
        subject="Your test", send_at=first.created_at,
    )  # fmt: skip
    return [fresh(third), fresh(second), fresh(first)]


@pytest.fixture
def other(
    known: list[Interview],
    invite: Callable[..., Interview],
    completed: Callable[[Interview], Interview],
) -> Interview:
    """Another candidate's test."""
    service.import_file(
        "more.csv", CSV.format("Eve", "eve@example.com").encode(), Defaults(), by="admin"
    )
    return completed(
        invite(candidate_name="Eve", candidate_email="eve@example.com", send_email=True)
    )
