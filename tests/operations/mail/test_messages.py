"""What an e-mail says, and that nothing in a name can make it say something else."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import icalendar
import pytest
from django.contrib.auth.models import User
from django.core import mail

from interviews.challenges import versions
from interviews.dynamodb import now
from operations import actions
from operations.mail import formatting, outbox, sender
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages

AT = datetime(2031, 11, 7, 17, 0, tzinfo=UTC)


def sent(interview, kind="invitation"):
    """The last e-mail of a kind, as a mail program reads it."""
    sender.send_message(messages(interview, kind)[-1].pk)
    raw = mail.outbox[-1].message().as_bytes()
    return message_from_bytes(raw, policy=policy.default)


def text(letter):
    return letter.get_body(("plain",)).get_content()


def html(letter):
    return letter.get_body(("html",)).get_content()


def entry(letter):
    (attached,) = letter.iter_attachments()
    (event,) = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
    return event


def test_it_says_the_link_the_deadline_the_time_and_whom_to_ask(mailed, staff):
    staff.email = "grace@example.com"
    staff.save()
    interview = mailed(duration_minutes=90, time_zone="Europe/Berlin")
    interview.change(valid_until=AT)
    letter = sent(interview)
    link = f"https://tests.example.com/take-home/{interview.passcode}/"
    deadline = "Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is 17:00 UTC"
    for said in (link, deadline, "1 hour 30 minutes", "Word count", "Ada", "grace@example.com"):
        assert said in text(letter), said
        assert said in html(letter), said
    assert letter["From"] == "Example Ltd <tests@example.com>"
    assert letter["To"] == ADDRESS
    assert letter["Reply-To"] == "grace@example.com"
    assert letter["Subject"] == "Your take-home test: Word count"


def test_an_address_for_answers_comes_before_the_inviters(mailed, staff, settings):
    settings.EMAIL_REPLY_TO = "Hiring <hiring@example.com>"
    User.objects.update(email="grace@example.com")
    letter = sent(mailed())
    assert letter["Reply-To"] == "Hiring <hiring@example.com>"
    assert "it reaches hiring@example.com." in text(letter)


def test_without_an_address_for_answers_it_says_so(mailed):
    letter = sent(mailed())
    assert letter["Reply-To"] is None
    assert "Nobody reads answers" in text(letter)


@pytest.mark.parametrize(
    "name",
    ["Bjørk Guðmundsdóttir", "李小龙", "عمر خيام", "Владимир", "🎉 Zoë", "=cmd|' /C calc'!A0"],
)
def test_a_name_of_any_script_is_written_as_it_is(mailed, name):
    letter = sent(mailed(candidate_name=name))
    assert f"Hello {name}," in text(letter)


def test_a_name_is_no_html(mailed):
    letter = sent(mailed(candidate_name="<b>Ada</b> & Co"))
    assert "<b>Ada" not in html(letter)
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in html(letter)
    assert "Hello <b>Ada</b> & Co," in text(letter)


def test_no_name_begins_another_header(mailed, challenge):
    versions.put(
        challenge.id,
        name="Count\r\nBcc: everybody@example.com",
        description="",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Count"},
    )
    letter = sent(mailed(candidate_name="Ada\nBcc: everybody@example.com"))
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Your take-home test: Count Bcc: everybody@example.com"
    assert mail.outbox[-1].recipients() == [ADDRESS]


def test_nothing_is_fetched_from_anywhere_and_nobody_is_counted(mailed):
    interview = mailed()
    letter = html(sent(interview))
    assert "<img" not in letter
    assert "<link" not in letter
    assert "@import" not in letter
    assert "url(" not in letter
    addresses = {part.split('"')[0] for part in letter.split('href="')[1:]}
    assert addresses == {f"https://tests.example.com/take-home/{interview.passcode}/"}


def test_a_second_try_has_the_same_id_and_a_new_message_another(mailed):
    interview = mailed()
    first = sent(interview)["Message-ID"]
    assert first == f"<{interview.id}.invitation.0@tests.example.com>"
    outbox.send_again(interview, by="grace")
    assert sent(interview)["Message-ID"] == f"<{interview.id}.invitation.1@tests.example.com>"


def test_the_last_moment_to_start_goes_into_the_calendar(mailed):
    interview = mailed()
    event = entry(sent(interview))
    assert event["UID"] == f"{interview.id}@tests.example.com"
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == fresh(interview).valid_until
    assert "DTEND" not in event
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["URL"] == f"https://tests.example.com/take-home/{interview.passcode}/"
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == -timedelta(days=1)


def test_sent_again_the_entry_replaces_the_one_of_before(mailed):
    interview = mailed()
    before = entry(sent(interview))
    outbox.send_again(interview, by="grace")
    after = entry(sent(interview))
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], 1)


def test_a_live_interview_is_an_appointment_with_its_link(mail_on, schedule):
    interview = schedule(send_email=True, candidate_email=ADDRESS)
    letter = sent(interview, "scheduled")
    link = f"https://tests.example.com/interview/{interview.passcode}/"
    event = entry(letter)
    assert event.decoded("DTSTART") == interview.scheduled_at
    assert event.decoded("DTEND") == interview.scheduled_at + timedelta(hours=1)
    assert (event["LOCATION"], event["URL"], event["SUMMARY"]) == (link, link, "Interview")
    assert link in text(letter)
    # The page shows the password once there is something to open with it.
    assert interview.password
    assert interview.password not in letter.as_string()
    # Nor does a candidate learn the challenge before it begins.
    assert "Word count" not in text(letter) + html(letter)


def test_a_live_interview_that_begins_now_has_no_entry(mail_on, schedule, engine):
    interview = schedule(scheduled_at=None, send_email=True, candidate_email=ADDRESS)
    letter = sent(interview, "scheduled")
    assert letter["Subject"] == "Your interview begins now"
    assert list(letter.iter_attachments()) == []


def test_a_reminder_says_that_it_is_one(mailed):
    interview = mailed()
    (reminder,) = messages(interview, "reminder")
    reminder.send_at = now()
    reminder.save()
    letter = sent(interview, "reminder")
    assert letter["Subject"] == "Reminder: your take-home test: Word count"
    assert "still waiting for you" in text(letter)
    assert list(letter.iter_attachments()) == []


def test_the_time_is_the_one_that_the_candidate_really_has(mailed):
    interview = mailed(duration_minutes=60, allowance_percent=25)
    actions.extend(interview, 15, by="grace")
    assert "1 hour 30 minutes" in text(sent(interview))


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "Friday, 7 November 2031, 17:00 UTC"),
        ("Europe/London", "Friday, 7 November 2031, 17:00 (Europe/London, the same as UTC)"),
        (
            "Asia/Kolkata",
            "Friday, 7 November 2031, 22:30 (Asia/Kolkata, UTC+05:30), which is 17:00 UTC",
        ),
        (
            "Pacific/Auckland",
            "Saturday, 8 November 2031, 06:00 (Pacific/Auckland, UTC+13:00), "
            "which is 17:00 UTC on Friday, 7 November 2031",
        ),
    ],
)
def test_a_moment_names_its_zone_its_offset_and_utc(zone, said):
    assert formatting.moment(AT, zone) == said
