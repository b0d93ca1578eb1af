"""The content of e-mails, also with names that contain HTML, headers or any script."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html import escape

import icalendar
import pytest
from django.contrib.auth.models import User
from django.core import mail

from interviews.challenges import versions
from interviews.challenges.models import ChallengeDetails
from interviews.challenges.policy import Stance
from interviews.dynamodb import now
from operations import actions
from operations.branding import change_brand, forget_brand
from operations.branding.changes import BrandInput
from operations.branding.colors import light_palette
from operations.mail import formatting, resend, sender
from operations.mail.texts.changes import save_text, version_of
from operations.mail.texts.kinds import BY_KEY
from operations.mail.texts.standard import Text
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages

AT = datetime(2031, 11, 7, 17, 0, tzinfo=UTC)


def sent(interview, kind="invitation"):
    """Send the last message of a kind, and parse it like a mail program."""
    sender.send_message(messages(interview, kind)[-1].pk)
    raw = mail.outbox[-1].message().as_bytes()
    return message_from_bytes(raw, policy=policy.default)


def text(email):
    return email.get_body(("plain",)).get_content()


def html(email):
    return email.get_body(("html",)).get_content()


def calendar_entry(email):
    (attached,) = email.iter_attachments()
    (event,) = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
    return event


def test_email_contains_link_deadline_duration_and_contact(mailed, staff):
    staff.email = "grace@example.com"
    staff.save()
    interview = mailed(duration_minutes=90, time_zone="Europe/Berlin")
    interview.change(valid_until=AT)
    email = sent(interview)
    link = f"https://tests.example.com/take-home/{interview.passcode}/"
    deadline = "Friday, 7 November 2031, 18:00 (Europe/Berlin, UTC+01:00), which is 17:00 UTC"
    for part in (link, deadline, "1 hour 30 minutes", "Word count", "Ada", "grace@example.com"):
        assert part in text(email), part
        assert part in html(email), part
    assert email["From"] == "Example Ltd <tests@example.com>"
    assert email["To"] == ADDRESS
    assert email["Reply-To"] == "grace@example.com"
    assert email["Subject"] == "Your take-home test: Word count"


def test_email_has_the_companys_name_color_and_contact(mailed):
    forget_brand()
    change_brand(BrandInput("Acme & Co", "jobs@acme.example", "#00aa55"))
    email = sent(mailed())
    assert "Acme &amp; Co</bdi>" in html(email)
    assert f"background: {light_palette('#00aa55').accent}; color: #ffffff" in html(email)
    assert email["Reply-To"] == "jobs@acme.example"
    assert "jobs@acme.example" in text(email)


def test_email_leads_to_the_accessibility_statement(mailed, settings):
    interview = mailed()
    email = sent(interview)
    ours = "https://tests.example.com/accessibility/"
    assert f"Accessibility and extra time: {ours}" in text(email)
    assert f'href="{ours}"' in html(email)
    settings.ACCESSIBILITY_URL = "https://example.com/for-all"
    interview = mailed()
    assert "Accessibility and extra time: https://example.com/for-all" in text(sent(interview))
    actions.revoke(interview, by="grace")
    cancelled = sent(interview, "cancelled")
    assert "for-all" not in text(cancelled) + html(cancelled)


def test_reply_to_setting_overrides_the_inviters_address(mailed, staff, settings):
    settings.EMAIL_REPLY_TO = "Hiring <hiring@example.com>"
    User.objects.update(email="grace@example.com")
    email = sent(mailed())
    assert email["Reply-To"] == "Hiring <hiring@example.com>"
    assert "it reaches hiring@example.com." in text(email)


def test_email_without_reply_address_says_so(mailed):
    email = sent(mailed())
    assert email["Reply-To"] is None
    assert "This mailbox isn't monitored." in text(email)


@pytest.mark.parametrize(
    "name",
    ["Bjørk Guðmundsdóttir", "李小龙", "عمر خيام", "Владимир", "🎉 Zoë", "=cmd|' /C calc'!A0"],
)
def test_name_in_any_script_is_unchanged(mailed, name):
    email = sent(mailed(candidate_name=name))
    assert f"Hello {name}," in text(email)


def test_name_is_escaped_in_html(mailed):
    email = sent(mailed(candidate_name="<b>Ada</b> & Co"))
    assert "<b>Ada" not in html(email)
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in html(email)
    assert "Hello <b>Ada</b> & Co," in text(email)


def test_name_cannot_inject_a_header(mailed, challenge):
    versions.put_challenge(
        challenge.id,
        name="Count\r\nBcc: everybody@example.com",
        description="",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Count"},
    )
    email = sent(mailed(candidate_name="Ada\nBcc: everybody@example.com"))
    assert email["Bcc"] is None
    assert email["Subject"] == "Your take-home test: Count Bcc: everybody@example.com"
    assert mail.outbox[-1].recipients() == [ADDRESS]


def test_html_loads_nothing_and_has_no_tracking(mailed):
    interview = mailed()
    email = html(sent(interview))
    assert "<img" not in email
    assert "<link" not in email
    assert "@import" not in email
    assert "url(" not in email
    addresses = {part.split('"')[0] for part in email.split('href="')[1:]}
    paths = (f"take-home/{interview.passcode}/", "accessibility/")
    assert addresses == {f"https://tests.example.com/{path}" for path in paths}


def test_message_id_changes_only_when_resent(mailed):
    interview = mailed()
    first = sent(interview)["Message-ID"]
    assert first == f"<{interview.id}.invitation.0@tests.example.com>"
    resend.resend_invitation(interview, by="grace")
    assert sent(interview)["Message-ID"] == f"<{interview.id}.invitation.1@tests.example.com>"


def test_deadline_to_start_is_a_calendar_event(mailed):
    interview = mailed()
    event = calendar_entry(sent(interview))
    assert event["UID"] == f"{interview.id}@tests.example.com"
    assert event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == fresh(interview).valid_until
    assert "DTEND" not in event
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["URL"] == f"https://tests.example.com/take-home/{interview.passcode}/"
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == -timedelta(days=1)


def test_resent_calendar_event_replaces_the_previous_one(mailed):
    interview = mailed()
    before = calendar_entry(sent(interview))
    resend.resend_invitation(interview, by="grace")
    after = calendar_entry(sent(interview))
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], 1)


def test_live_interview_is_a_calendar_event_with_its_link(mail_on, schedule):
    interview = schedule(send_email=True, candidate_email=ADDRESS)
    email = sent(interview, "scheduled")
    link = f"https://tests.example.com/interview/{interview.passcode}/"
    event = calendar_entry(email)
    assert event.decoded("DTSTART") == interview.scheduled_at
    assert event.decoded("DTEND") == interview.scheduled_at + timedelta(hours=1)
    assert (event["LOCATION"], event["URL"], event["SUMMARY"]) == (link, link, "Interview")
    assert link in text(email)
    # Only the page shows the password, once the workspace is ready.
    assert interview.password
    assert interview.password not in email.as_string()
    # The e-mail does not reveal the challenge before the interview either.
    assert "Word count" not in text(email) + html(email)


def test_calendar_event_and_email_have_the_offset_of_the_planned_time(mail_on, schedule):
    interview = schedule(send_email=True, candidate_email=ADDRESS, time_zone="Asia/Kathmandu")
    email = sent(interview, "scheduled")
    event = calendar_entry(email)
    assert event["DTSTART"].to_ical().endswith(b"Z")
    planned = formatting.format_planned_time(interview)
    assert "(Asia/Kathmandu, UTC+05:45), which is" in planned
    for words in (event["DESCRIPTION"], text(email), html(email)):
        assert planned in " ".join(words.split())


def test_live_interview_that_starts_now_has_no_calendar_event(mail_on, schedule, engine):
    interview = schedule(scheduled_at=None, send_email=True, candidate_email=ADDRESS)
    email = sent(interview, "scheduled")
    assert email["Subject"] == "Your interview starts now"
    assert list(email.iter_attachments()) == []


def test_reminder_has_its_own_subject_and_text(mailed):
    interview = mailed()
    (reminder,) = messages(interview, "reminder")
    reminder.send_at = now()
    reminder.save()
    email = sent(interview, "reminder")
    assert email["Subject"] == "Reminder: your take-home test: Word count"
    assert "still waiting for you" in text(email)
    assert list(email.iter_attachments()) == []


def test_duration_includes_extra_time(mailed):
    interview = mailed(duration_minutes=60, allowance_percent=25)
    actions.extend(interview, 15, by="grace")
    assert "1 hour 30 minutes" in text(sent(interview))


@pytest.mark.parametrize(
    ("zone", "expected"),
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
def test_format_time_names_zone_offset_and_utc(zone, expected):
    assert formatting.format_time(AT, zone) == expected


@pytest.mark.parametrize("company", ["", "Example & Co"])
def test_email_says_who_invited(mailed, staff, settings, company):
    settings.COMPANY_NAME = company
    forget_brand()
    staff.first_name, staff.last_name = "Grace", "<Hopper>"
    staff.save()
    email = sent(mailed())
    where = f", {company}" if company else ""
    assert f"\nInvited by Grace <Hopper>{where}\n" in text(email)
    where = f", <bdi>{escape(company)}</bdi>" if company else ""
    assert f"Invited by <bdi>Grace &lt;Hopper&gt;</bdi>{where}." in html(email)


def test_email_of_an_unknown_inviter_names_nobody(mailed, staff):
    assert "Invited by" not in text(sent(mailed()))


def test_email_to_an_interviewer_does_not_say_who_invited(mail_on, staff, schedule):
    staff.first_name = "Grace"
    staff.save()
    interview = schedule(interviewers=["mary@example.com"])
    assert "Invited by" not in text(sent(interview, "scheduled"))


def test_invitation_says_what_is_allowed_also_below_an_edited_text(mailed, challenge):
    about = ChallengeDetails("Strict", "", "", 60, internet=Stance.NOT_ALLOWED, policy_note="<Ask>")
    versions.create_challenge("strict", about, {"README.md": b"#"}, by="ada")
    email = sent(mailed(challenge="strict"))
    for part in ("What's allowed", "- Internet: not allowed", "- <Ask>"):
        assert part in text(email), part
    assert "Internet: not allowed" in html(email)
    assert "&lt;Ask&gt;" in html(email)
    plain = sent(mailed())
    assert "What's allowed" not in text(plain)
    kind = BY_KEY["test-invitation"]
    edited = Text("Mine", "Hi {name}, start {test} by {deadline}:\n\n{link}")
    save_text(kind, "en", edited, based_on=version_of(kind, "en"))
    assert "- Internet: not allowed" in text(sent(mailed(challenge="strict")))


def test_invitation_says_that_the_engine_gives_no_internet(mailed, settings):
    about = ChallengeDetails("Open", "", "", 60, internet=Stance.ALLOWED)
    versions.create_challenge("open", about, {"README.md": b"#"}, by="ada")
    note = "Your workspace has no internet access. You may use the internet outside of it."
    assert note not in text(sent(mailed(challenge="open")))
    settings.PROVISIONER, settings.DOCKER_INTERNET = "docker", "false"
    email = sent(mailed(challenge="open"))
    assert f"- {note}" in text(email)
    assert note in html(email)
