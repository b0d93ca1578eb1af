"""E-mails about what a candidate did: a report to the inviter; to them a confirmation, and that the
workspace they waited for is ready."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from interviews import outbox
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions
from operations.mail import plan_changes, sender
from tests.conftest import fresh, run_until_idle
from tests.fakes import Broken
from tests.memory_engine import FakeProvisioner
from tests.operations.mail.conftest import ADDRESS, messages
from tests.operations.mail.test_messages import html, sent, text

GRACE = "grace@example.com"
START = datetime(2031, 11, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def inviter(staff):
    staff.email = GRACE
    staff.save()
    return staff


@pytest.fixture
def submitted(mailed, engine):
    """A test whose candidate handed it in; its workspace is still there."""
    interview = mailed()
    actions.activate(interview, by="candidate")
    interview = run_until_idle(interview)
    actions.submit(interview, by="candidate")
    plan_changes.queue_messages(fresh(interview))
    return fresh(interview)


def test_report_reaches_whoever_invited_the_candidate(mailed, inviter, running):
    running.change(candidate_email=ADDRESS, auto_destroy_at=now() + timedelta(minutes=30))
    actions.report_problem(running, "The <b>terminal</b> is stuck.\nHelp!", by="candidate")
    email = sent(running, "problem")
    assert (email["To"], email["Reply-To"]) == (GRACE, ADDRESS)
    assert email["Subject"] == "Problem reported: Ada"
    link = f"https://tests.example.com/interviews/{running.id}/"
    assert "The <b>terminal</b> is stuck.\nHelp!" in text(email)
    assert "The &lt;b&gt;terminal&lt;/b&gt; is stuck.\nHelp!" in html(email)
    for part in (link, "Word count", "In progress", "minutes"):
        assert part in text(email), part
        assert part in html(email), part
    assert running.passcode not in text(email) + html(email)
    assert list(email.iter_attachments()) == []


def test_report_about_a_live_interview_is_sent_without_a_candidates_address(
    mail_on, inviter, schedule
):
    interview = schedule()
    actions.report_problem(interview, "Wrong day?", by="candidate")
    email = sent(interview, "problem")
    assert (email["To"], email["Reply-To"]) == (GRACE, None)


def test_report_is_queued_once(mail_on, inviter, take_home):
    actions.report_problem(take_home, "Help!", by="candidate")
    plan_changes.queue_messages(fresh(take_home))
    assert len(messages(take_home, "problem")) == 1
    actions.report_problem(fresh(take_home), "Help again!", by="candidate")
    assert len(messages(take_home, "problem")) == 2


def test_report_is_queued_by_the_relay_if_the_process_died(
    mail_on, inviter, take_home, monkeypatch
):
    outbox.mark_relayed(fresh(take_home))
    with monkeypatch.context() as died:
        died.setattr(plan_changes, "queue_messages", lambda interview: None)
        actions.report_problem(fresh(take_home), "Help!", by="candidate")
    assert (messages(take_home), fresh(take_home).outbox) == ([], "1")
    plan_changes.queue_messages_or_fail(fresh(take_home))
    assert len(messages(take_home, "problem")) == 1


@pytest.mark.parametrize("gone", ["no account", "inactive", "no address"])
def test_report_to_nobody_is_only_in_the_timeline(mail_on, inviter, take_home, gone):
    if gone == "no account":
        inviter.delete()
    else:
        inviter.is_active = gone != "inactive"
        inviter.email = "" if gone == "no address" else GRACE
        inviter.save()
    actions.report_problem(take_home, "Help!", by="candidate")
    assert messages(take_home) == []
    assert fresh(take_home).timeline[-1].text == "Help!"


def test_report_without_mail_is_only_in_the_timeline(inviter, take_home):
    actions.report_problem(take_home, "Help!", by="candidate")
    assert messages(take_home) == []


def test_submission_is_confirmed_once(submitted):
    plan_changes.queue_messages(submitted)
    (message,) = messages(submitted, "submitted")
    assert message.to == ADDRESS
    email = sent(submitted, "submitted")
    assert email["Subject"] == "Submitted: your take-home test: Word count"
    link = f"https://tests.example.com/take-home/{submitted.passcode}/"
    for part in (link, submitted.id, "We've received your take-home test", "Word count", "UTC"):
        assert part in text(email), part
        assert part in html(email), part
    assert list(email.iter_attachments()) == []


def test_confirmation_is_sent_when_the_files_are_saved_already(submitted):
    over = run_until_idle(submitted)
    (message,) = messages(over, "submitted")
    before = len(mail.outbox)
    sender.send_message(message.pk)
    assert len(mail.outbox) == before + 1


def test_end_by_staff_or_by_time_is_not_confirmed(mailed, engine):
    for reason, by in ((EndReason.ENDED_BY_STAFF, "boss"), (EndReason.TIME_UP, "schedule")):
        interview = mailed()
        actions.activate(interview, by="candidate")
        interview = run_until_idle(interview)
        actions.end(interview, by=by, reason=reason)
        plan_changes.queue_messages(fresh(interview))
        assert messages(interview, "submitted") == []


@pytest.fixture
def start(mailed, engine, time_machine):
    """Call it with the seconds that the workspace is waited for after Start."""

    def call(seconds):
        time_machine.move_to(START, tick=False)
        interview = mailed()
        actions.activate(interview, by="candidate")
        time_machine.shift(seconds)
        return run_until_idle(interview)

    return call


def test_who_waited_long_is_told_once_that_the_time_runs(start):
    running = start(120)
    plan_changes.queue_messages(running)
    plan_changes.queue_messages(running)
    (message,) = messages(running, "ready")
    assert message.to == ADDRESS
    email = sent(running, "ready")
    assert email["Subject"] == "Ready: your take-home test: Word count"
    link = f"https://tests.example.com/take-home/{running.passcode}/"
    assert f"{running.auto_destroy_at:%H:%M} UTC" == "10:02 UTC"
    for part in (link, "your time has started", "Word count", "10:02 UTC"):
        assert part in text(email), part
        assert part in html(email), part


def test_a_start_as_usual_is_not_told(start):
    running = start(119)
    plan_changes.queue_messages(running)
    assert messages(running, "ready") == []


def test_a_reopened_test_that_is_ready_at_once_is_not_told(start):
    first = start(120)
    plan_changes.queue_messages(first)
    actions.end(first, by="boss", reason=EndReason.ENDED_BY_STAFF)
    ended = run_until_idle(first)
    actions.reopen(ended, minutes=30, by="boss")
    reopened = run_until_idle(ended)
    plan_changes.queue_messages(reopened)
    assert reopened.status == Status.ACTIVE
    assert len(messages(reopened, "ready")) == 1


def test_who_left_after_a_failed_start_is_told_of_the_next(mailed, use_engine, time_machine):
    use_engine(Broken())
    time_machine.move_to(START, tick=False)
    interview = mailed()
    actions.activate(interview, by="candidate")
    failed = run_until_idle(interview)
    assert failed.status == Status.ERROR
    time_machine.shift(3600)
    use_engine(FakeProvisioner())
    actions.retry(failed, by="boss")
    running = run_until_idle(failed)
    plan_changes.queue_messages(running)
    assert running.status == Status.ACTIVE
    assert len(messages(running, "ready")) == 1


def test_that_a_workspace_is_ready_is_not_sent_once_the_test_is_over(start):
    running = start(120)
    plan_changes.queue_messages(running)
    (message,) = messages(running, "ready")
    actions.submit(running, by="candidate")
    sender.send_message(message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == ("skipped", "The test was over.")
