"""What is written about a change of the plan, and to whom."""

from datetime import timedelta

import pytest

from interviews import outbox as changes_outbox
from interviews.challenges import library, versions
from interviews.dynamodb import now
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from operations.mail import changes, outbox, plan_changes, resend
from operations.webhooks import periodic
from tests.conftest import fresh, run_until_idle
from tests.operations.mail.conftest import ADDRESS, messages
from tests.operations.mail.plan_changes.reading import OTHER, edit, entry, kinds, send_waiting, text


def html(email):
    return email.get_body(("html",)).get_content()


@pytest.fixture
def other_challenge(challenge):
    versions.put_challenge(
        "line-count",
        name="Line count",
        description="",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Lines"},
    )
    return library.get_challenge("line-count")


def test_whole_life_of_a_calendar_entry(mail_on, schedule):
    interview = schedule(
        send_email=True, candidate_email=ADDRESS, scheduled_at=now() + timedelta(days=10)
    )
    life = send_waiting(interview)
    moved_to = interview.scheduled_at + timedelta(days=2)
    actions.reschedule(fresh(interview), at=moved_to, by="grace")
    life += send_waiting(interview)
    actions.extend(fresh(interview), 30, by="grace")
    life += send_waiting(interview)
    actions.revoke(fresh(interview), by="boss")
    life += send_waiting(interview)
    entries = [entry(email) for email in life]
    assert [method for method, _ in entries] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    events = [event for _, event in entries]
    assert {str(each["UID"]) for each in events} == {f"{interview.id}@tests.example.com"}
    # An update with another organizer is ignored, whoever makes the change.
    assert {str(each["ORGANIZER"]) for each in events} == {"mailto:tests@example.com"}
    assert {str(each["ATTENDEE"]) for each in events} == {f"mailto:{ADDRESS}"}
    assert [each["SEQUENCE"] for each in events] == [0, 1, 2, 3]
    assert [str(each["STATUS"]) for each in events] == [*["CONFIRMED"] * 3, "CANCELLED"]
    starts = [each.decoded("DTSTART") for each in events]
    lengths = [each.decoded("DTEND") - each.decoded("DTSTART") for each in events]
    assert starts == [interview.scheduled_at, *[moved_to] * 3]
    assert lengths == [timedelta(minutes=minutes) for minutes in (60, 60, 90, 90)]
    # RFC 5546, 3.2.5: a cancellation has no alarm.
    assert [len(each.walk("VALARM")) for each in events] == [1, 1, 1, 0]


def test_deadline_is_published_and_cancelled(invited):
    edit(invited, valid_until=now() + timedelta(days=20))
    (moved,) = send_waiting(invited)
    actions.revoke(fresh(invited), by="boss")
    (withdrawn,) = send_waiting(invited)
    (method, before), (end, after) = entry(moved), entry(withdrawn)
    assert (method, end, str(after["STATUS"])) == ("PUBLISH", "CANCEL", "CANCELLED")
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert before["UID"] == after["UID"]
    assert before.decoded("DTSTART") == fresh(invited).valid_until
    assert "ATTENDEE" not in before


def test_resend_after_a_change_has_a_higher_sequence(planned):
    actions.reschedule(planned, at=now() + timedelta(days=12), by="grace")
    (moved,) = send_waiting(planned)
    resend.resend_invitation(fresh(planned), by="grace")
    (again,) = send_waiting(planned)
    assert entry(again)[1]["SEQUENCE"] > entry(moved)[1]["SEQUENCE"]


def test_email_about_a_move_says_so(planned):
    actions.reschedule(planned, at=now() + timedelta(days=9), by="grace")
    (email,) = send_waiting(planned)
    assert email["Subject"].startswith("Changed: your interview on ")
    assert "was moved to a new time" in text(email)
    assert "updates the interview in your calendar" in text(email)
    assert f"https://tests.example.com/interview/{planned.passcode}/" in text(email)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_until": True}, "The deadline to start your take-home test has changed."),
        ({"duration_minutes": 90}, "The time limit of your take-home test has changed."),
        ({"allowance_percent": 50}, "The time limit of your take-home test has changed."),
        (
            {"valid_until": True, "duration_minutes": 90, "allowance_percent": 50},
            "Your take-home test has changed: deadline, time limit.",
        ),
    ],
)
def test_email_about_an_edit_says_what_changed(invited, fields, words):
    if "valid_until" in fields:
        fields = fields | {"valid_until": now() + timedelta(days=20)}
    edit(invited, **fields)
    (email,) = send_waiting(invited)
    assert words in text(email)
    assert words.removesuffix(".") in html(email)
    assert email["Subject"] == "Changed: your take-home test: Word count"


def test_cancellation_says_so_without_a_link(planned):
    actions.revoke(planned, by="boss")
    (email,) = send_waiting(planned)
    assert email["Subject"].startswith("Cancelled: your interview on ")
    assert "was cancelled" in text(email)
    assert planned.passcode not in email.as_string()


def test_revoked_running_test_is_told_once(invited, engine):
    actions.activate(invited, by="candidate")
    run_until_idle(invited)
    actions.revoke(fresh(invited), by="boss")
    run_until_idle(invited)
    periodic.relay_and_dispatch()
    assert [each["Subject"] for each in send_waiting(invited)] == [
        "Withdrawn: your take-home test: Word count"
    ]


def test_candidate_who_was_not_written_to_gets_nothing(mail_on, schedule):
    interview = schedule(candidate_email=ADDRESS)
    actions.reschedule(interview, at=now() + timedelta(days=3), by="grace")
    actions.revoke(fresh(interview), by="boss")
    periodic.relay_and_dispatch()
    assert messages(interview) == []


def test_nobody_is_written_to_if_that_is_not_wanted(planned):
    actions.reschedule(planned, at=now() + timedelta(days=3), by="grace", notify=False)
    actions.extend(fresh(planned), 15, by="grace", notify=False)
    actions.revoke(fresh(planned), by="boss", notify=False)
    periodic.relay_and_dispatch()
    assert send_waiting(planned) == []


def test_change_of_name_or_instructions_alone_is_not_written_about(invited):
    edit(invited, candidate_name="Ada King", custom_instructions="Bring tea.")
    assert send_waiting(invited) == []


def test_invitation_that_still_waits_has_the_change_and_no_second_email(mail_on, schedule):
    interview = schedule(send_email=True, candidate_email=ADDRESS)
    actions.reschedule(interview, at=now() + timedelta(days=3), by="grace")
    periodic.relay_and_dispatch()
    (email,) = send_waiting(interview)
    row = fresh(interview)
    assert entry(email)[1].decoded("DTSTART") == row.scheduled_at
    assert email["Subject"].endswith(f"{row.scheduled_at.day} {row.scheduled_at:%B}")
    # The relay comes after the invitation was sent: its decision is the same.
    changes_outbox.mark_relayed(row)
    plan_changes.queue_messages(row)
    assert send_waiting(interview) == []


def test_invitation_that_is_being_sent_counts_as_written(mail_on, schedule):
    interview = schedule(send_email=True, candidate_email=ADDRESS)
    assert messages(interview)[0].acquire(now())
    actions.reschedule(interview, at=now() + timedelta(days=3), by="grace")
    assert ("changed", 1, "queued") in kinds(interview)


def test_second_move_replaces_the_email_about_the_first(planned):
    actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
    actions.reschedule(fresh(planned), at=now() + timedelta(days=4), by="grace")
    (email,) = send_waiting(planned)
    assert entry(email)[1].decoded("DTSTART") == fresh(planned).scheduled_at
    assert [each for each in kinds(planned) if each[0] == "changed"] == [
        ("changed", 1, "skipped"),
        ("changed", 2, "sent"),
    ]


def test_email_says_what_the_ones_that_it_replaces_would_have_said(planned):
    actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
    actions.extend(fresh(planned), 30, by="grace")
    (email,) = send_waiting(planned)
    assert "Your interview has changed: time, length." in text(email)
    # What was said once is not said again.
    actions.extend(fresh(planned), 30, by="grace")
    (email,) = send_waiting(planned)
    assert "The length of your interview has changed." in text(email)


def test_new_address_gets_an_invitation_even_if_another_change_follows(invited):
    edit(invited, candidate_email=OTHER)
    edit(invited, duration_minutes=90)
    (email,) = send_waiting(invited)
    assert (email["To"], email["Subject"]) == (OTHER, "Your take-home test: Word count")
    assert "You're invited to a take-home test" in text(email)


def test_other_challenge_of_a_live_interview_is_not_written_about(planned, other_challenge):
    """Candidates learn of the challenge when it begins."""
    edit(planned, challenge=other_challenge.id)
    assert send_waiting(planned) == []


def test_other_challenge_of_a_test_is_written_about(invited, other_challenge):
    edit(invited, challenge=other_challenge.id)
    (email,) = send_waiting(invited)
    assert "The task of your take-home test has changed." in text(email)
    assert f"Test: {other_challenge.name}" in text(email)


def test_email_about_more_time_of_a_running_test_does_not_ask_to_start_it(invited, engine):
    actions.activate(invited, by="candidate")
    run_until_idle(invited)
    actions.extend(fresh(invited), 30, by="grace")
    (email,) = send_waiting(invited)
    assert "Time limit: 1 hour 30 minutes" in text(email)
    for body in (text(email), html(email)):
        assert "Start by" not in body
        assert "What to expect" not in body


def test_without_mail_server_nothing_is_queued(planned, settings):
    settings.MAIL_IS_ON = False
    before = kinds(planned)
    actions.reschedule(planned, at=now() + timedelta(days=3), by="grace")
    assert kinds(planned) == before


def test_interview_that_starts_now_says_now(mail_on, schedule, engine):
    interview = schedule(scheduled_at=None, send_email=True, candidate_email=ADDRESS)
    (email,) = send_waiting(interview)
    body = " ".join(text(email).split())
    assert "Please open this page now. The link is for you only." in body
    html = " ".join(email.get_body(("html",)).get_content().split())
    for part in (body, html):
        assert "page then" not in part
        assert "shortly before" not in part


@pytest.mark.parametrize("reason", [changes.REPLACED, "A newer e-mail replaced it."])
def test_change_that_was_not_told_yet_is_told_with_the_next(mailed, reason):
    """Also one whose message an earlier version replaced."""
    interview = mailed()
    edits = ({"duration_minutes": 90}, {"valid_until": now() + timedelta(days=9)})
    for number, fields in enumerate(edits, start=1):
        interview = fresh(interview)
        actions.edit_invitation(interview, InvitationEdit(**fields), by="grace", notify=False)
        if number == 1:
            outbox.create_message(
                interview, "changed", "UTC", "grace", now(), 1, state="skipped", error=reason
            )
    names = changes.changed_attributes(fresh(interview), 2)
    assert names == {"durationMinutes", "validUntil"}
