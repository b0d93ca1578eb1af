"""The counts of overdue and unfinished work."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from interviews.attributes import TAKE_HOME
from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, reconciler
from operations.mail.models import Message, MessageKind
from operations.mail.models import MessageStatus as MessageState
from operations.models import Operation
from operations.monitoring import backlog
from operations.monitoring.backlog import Overdue
from operations.webhooks.models import Delivery, Webhook
from tests.conftest import fresh, make_due, operation_of, run_until_idle
from tests.fakes import Broken, CannotSave, FakeProvisioner

NOTHING = Overdue(0, 0.0)


def ago(seconds: int) -> timedelta:
    return timedelta(seconds=-seconds)


def is_about(overdue: Overdue, count: int, seconds: int) -> bool:
    return overdue.count == count and seconds <= overdue.seconds < seconds + 5


def test_interview_that_is_not_due_is_not_overdue(
    running: Interview, invite: Callable[..., Interview]
) -> None:
    invite()
    assert backlog.overdue_interviews() == NOTHING
    assert backlog.overdue_operations() == NOTHING


def test_missed_end_and_expiry_are_overdue(
    running: Interview, invite: Callable[..., Interview]
) -> None:
    fresh(running).change(auto_destroy_at=now() + ago(90))
    invite().change(valid_until=now() + ago(30))
    assert is_about(backlog.overdue_interviews(), 2, 90)


def test_tick_leaves_nothing_overdue(take_home: Interview) -> None:
    make_due(take_home)
    assert backlog.overdue_interviews().count == 1
    reconciler.run_due()
    assert backlog.overdue_interviews() == NOTHING


def test_unclaimed_operation_is_overdue(take_home: Interview, engine: FakeProvisioner) -> None:
    actions.activate(take_home, by="candidate")
    assert backlog.overdue_operations() == NOTHING
    operation_of(take_home).update(actions=[Operation.due_at.set(now() + ago(40))])
    assert is_about(backlog.overdue_operations(), 1, 40)


def test_count_is_limited(
    invite: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_OVERDUE", 2)
    for seconds in (10, 20, 30):
        invite().change(valid_until=now() + ago(seconds))
    # The oldest ones come first, so the longest wait is right.
    assert is_about(backlog.overdue_interviews(), 2, 30)


def test_workspaces_are_counted_by_phase(
    running: Interview, invite: Callable[..., Interview]
) -> None:
    actions.activate(invite(), by="candidate")
    assert backlog.count_workspaces() == {"starting": 1, "running": 1, "ending": 0}
    actions.end(fresh(running), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert backlog.count_workspaces() == {"starting": 1, "running": 0, "ending": 1}
    run_until_idle(running)
    assert backlog.count_workspaces() == {"starting": 1, "running": 0, "ending": 0}


def test_failed_start_is_no_workspace(
    take_home: Interview, use_engine: Callable[..., FakeProvisioner]
) -> None:
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    assert backlog.count_workspaces() == {"starting": 0, "running": 0, "ending": 0}


def test_unfinished_operations_are_counted_by_status(
    take_home: Interview, use_engine: Callable[..., FakeProvisioner]
) -> None:
    assert backlog.count_unfinished_operations() == {"pending": 0, "running": 0}
    engine = use_engine(CannotSave())
    actions.activate(take_home, by="candidate")
    assert backlog.count_unfinished_operations() == {"pending": 1, "running": 0}
    run_until_idle(take_home)
    assert engine.provisioned
    assert backlog.count_unfinished_operations() == {"pending": 0, "running": 0}
    actions.submit(fresh(take_home), by="candidate")
    operation_of(take_home).claim()
    assert backlog.count_unfinished_operations() == {"pending": 0, "running": 1}


# -- what the SQL database queues ------------------------------------------------------------------


def message(state: MessageState, seconds: int, number: int) -> None:
    Message.objects.create(
        interview_id="an-interview",
        kind=MessageKind.INVITATION,
        number=number,
        to="ada@example.com",
        subject="Your test",
        state=state,
        send_at=now() + ago(seconds),
        created_by="recruiter",
    )


def test_unsent_emails_are_overdue(db: None) -> None:
    assert backlog.overdue_messages() == NOTHING
    message(MessageState.QUEUED, 50, 0)
    message(MessageState.PLANNED, 20, 1)
    message(MessageState.PLANNED, -3600, 2)
    message(MessageState.SENT, 500, 3)
    assert is_about(backlog.overdue_messages(), 2, 50)


def test_unsent_deliveries_are_overdue(db: None) -> None:
    assert backlog.overdue_deliveries() == NOTHING
    on, off = (
        Webhook.objects.create(
            name=name,
            url="https://example.com",
            types=[TAKE_HOME],
            secret="s",
            created_by="r",
            is_active=name == "on",
        )
        for name in ("on", "off")
    )
    at = now()
    Delivery.objects.create(webhook=on, event="e", body="{}", next_at=at + ago(70))
    Delivery.objects.create(webhook=on, event="e", body="{}", next_at=at + ago(-70))
    held = at + ago(-30)
    Delivery.objects.create(
        webhook=on, event="e", body="{}", next_at=at + ago(700), lease_until=held
    )
    Delivery.objects.create(webhook=off, event="e", body="{}", next_at=at + ago(700))
    assert is_about(backlog.overdue_deliveries(), 1, 70)
