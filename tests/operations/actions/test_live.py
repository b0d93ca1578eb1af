"""Live interviews and dry runs: created now or for later, and their actions."""

from datetime import timedelta

import pytest
import time_machine

from interviews import queries
from interviews.challenges import versions
from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview
from interviews.schemas.invitations import LiveInvitation
from operations import actions, health_watch, reconciler
from operations.actions import invitations
from operations.exceptions import InvalidInputError, WrongStateError
from tests.conftest import fresh, run_until_idle


def live(offered, **fields) -> Interview:
    defaults = {"candidate_name": "Grace", "challenge": offered.id}
    return actions.schedule_live(LiveInvitation(**{**defaults, **fields}), by="recruiter")


def test_scheduled_interview_has_its_link_and_password(challenge, engine, enqueued):
    interview = live(challenge, scheduled_at=now() + timedelta(days=100))
    row = fresh(interview)
    assert (row.type, row.status, row.list_key) == ("regular", "scheduled", "regular")
    assert row.id.startswith("int-")
    assert queries.get_by_passcode(row.passcode).id == row.id
    assert len(row.password) == 19
    assert row.due_at == row.scheduled_at - PROVISION_LEAD_TIME
    assert enqueued == []


def test_fault_09_far_ahead_interviews_run_with_the_password_shown(challenge, engine):
    """Interviews more than a day ahead were lost, or got another password."""
    interview = live(challenge, scheduled_at=now() + timedelta(days=100))
    password, passcode = interview.password, interview.passcode
    with time_machine.travel(
        interview.scheduled_at - PROVISION_LEAD_TIME - timedelta(seconds=5), tick=False
    ):
        reconciler.run_due()
        assert fresh(interview).status == "scheduled"
    with time_machine.travel(
        interview.scheduled_at - PROVISION_LEAD_TIME + timedelta(seconds=1), tick=False
    ):
        reconciler.run_due()
        row = run_until_idle(interview)
    assert row.status == "active"
    assert (row.password, row.passcode) == (password, passcode)
    assert engine.passwords == {interview.id: password}
    assert row.auto_destroy_at == interview.scheduled_at + timedelta(minutes=60)


def test_interview_that_is_ready_late_has_its_whole_time(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(minutes=10), duration_minutes=30)
    late = interview.scheduled_at + timedelta(minutes=4)
    with time_machine.travel(late, tick=False):
        reconciler.run_due()
        row = run_until_idle(interview)
    assert row.auto_destroy_at == late + timedelta(minutes=30)


def test_interview_without_a_time_starts_at_once(challenge, engine):
    interview = live(challenge, duration_minutes=45)
    assert interview.status == "activated"
    row = run_until_idle(interview)
    assert row.status == "active"
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=45)


def test_interview_that_the_reconciler_starts_first_is_no_error(challenge, engine, monkeypatch):
    """The process that creates it stands still, and it is running when that process goes on."""
    start = invitations.queue_start

    def start_late(interview, *, by):
        reconciler.run_due()
        run_until_idle(interview)
        return start(interview, by=by)

    monkeypatch.setattr(invitations, "queue_start", start_late)
    assert live(challenge).status == "active"


def test_interview_that_was_not_dispatched_is_started_by_the_reconciler(
    challenge, engine, monkeypatch
):
    """The process died between writing it and starting it."""
    monkeypatch.setattr(invitations, "_start_now", lambda interview, by: interview)
    interview = live(challenge)
    assert fresh(interview).status == "scheduled"
    reconciler.run_due()
    assert run_until_idle(interview).status == "active"


def test_interview_cancelled_before_it_begins(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(days=1))
    assert actions.revoke(interview, by="recruiter") is None
    with time_machine.travel(interview.scheduled_at, tick=False):
        reconciler.run_due()
    assert fresh(interview).status == "cancelled"
    assert engine.provisioned == []


@pytest.mark.django_db
def test_files_are_not_saved_if_staff_decline(challenge, engine):
    interview = live(challenge, save_files=False)
    run_until_idle(interview)
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(interview)
    assert (row.status, row.history_s3_key) == ("completed", None)


def test_time_in_the_past_is_rejected():
    with pytest.raises(ValueError, match="in the future"):
        LiveInvitation(candidate_name="A", challenge="x", scheduled_at=now())


def test_time_without_a_zone_is_rejected():
    with pytest.raises(ValueError, match="timezone"):
        LiveInvitation(candidate_name="A", challenge="x", scheduled_at=now().replace(tzinfo=None))


def test_unknown_challenge_is_rejected_and_leaves_no_row(challenge):
    with pytest.raises(InvalidInputError) as raised:
        live(challenge, challenge="no-such")
    assert raised.value.field == "challenge"
    assert queries.list_page("regular").items == []


def test_dry_run_starts_the_version_and_is_in_no_list(challenge, engine):
    interview = actions.start_dry_run(challenge.id, None, by="recruiter")
    row = run_until_idle(interview)
    assert (row.type, row.status, row.passcode) == ("dry-run", "active", None)
    assert row.challenge_version == challenge.number
    assert queries.list_page("regular").items == queries.list_page("take-home").items == []
    actions.end(row, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert run_until_idle(interview).history_s3_key is None


def test_dry_run_of_an_unknown_version_is_rejected(challenge):
    with pytest.raises(InvalidInputError) as raised:
        actions.start_dry_run(challenge.id, 99, by="recruiter")
    assert raised.value.field == "version"


def test_later_edit_of_the_challenge_does_not_change_an_interview(invite, challenge, engine):

    take_home = invite()
    versions.put_challenge(
        challenge.id,
        name="Word count",
        description="",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Another task\n"},
    )
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    assert engine.running[take_home.id]["README.md"] == b"# Word count\n"


def test_ended_live_interview_cannot_be_revoked(challenge, engine):
    interview = live(challenge)
    run_until_idle(interview)
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)
    with pytest.raises(WrongStateError):
        actions.revoke(fresh(interview), by="recruiter")


def test_cancelled_interview_keeps_no_password(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(days=1))
    actions.revoke(interview, by="recruiter")
    assert fresh(interview).password is None


def test_interview_missed_during_an_outage_is_cancelled(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(hours=1))
    with time_machine.travel(interview.scheduled_at + timedelta(days=3), tick=False):
        reconciler.run_due()
    row = fresh(interview)
    assert (row.status, row.end_reason, row.password) == ("cancelled", "missed", None)


def test_outage_before_the_scheduled_time_gives_no_credit(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(minutes=4), duration_minutes=30)
    reconciler.run_due()
    row = run_until_idle(interview)
    ends = row.auto_destroy_at
    engine.running.clear()
    with time_machine.travel(interview.scheduled_at - timedelta(minutes=1), tick=False):
        health_watch.check_health(interview.id)
        assert fresh(interview).paused_at is None
    with time_machine.travel(interview.scheduled_at + timedelta(minutes=2), tick=False):
        health_watch.check_health(interview.id)
        row = run_until_idle(interview)
    assert row.auto_destroy_at == ends + timedelta(minutes=2)


def test_less_time_is_counted_from_the_scheduled_time(challenge, engine):
    interview = live(challenge, scheduled_at=now() + timedelta(minutes=4), duration_minutes=30)
    reconciler.run_due()
    row = run_until_idle(interview)
    with pytest.raises(InvalidInputError):
        actions.extend(row, -30, by="recruiter")
