"""What interviewers get, and when it changes."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from interviews.models import Interview
from operations import actions
from operations.webhooks import periodic
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages
from tests.operations.mail.interviewers.plans import (
    GRACE,
    JOAN,
    MARY,
    Plan,
    edit,
    move,
    recipients,
    records,
)
from tests.operations.mail.plan_changes.reading import entry, send_waiting, text


def sent_until_it_is_cancelled(interview: Interview) -> list[Any]:
    """All e-mails about an interview that is planned, moved and cancelled."""
    life: list[Any] = send_waiting(interview)
    move(interview, days=12)
    life += send_waiting(interview)
    actions.revoke(fresh(interview), by="boss")
    life += send_waiting(interview)
    return life


def day_of(interview: Interview) -> str:
    """Where the interview is: late in the evening of UTC it's the next day there."""
    at = interview.scheduled_at.astimezone(ZoneInfo(interview.time_zone))
    return f"{at.day} {at:%B}"


def test_each_interviewer_gets_the_entry_with_the_candidates_name(plan: Plan) -> None:
    interview = plan(candidate_email=ADDRESS, send_email=True)
    by_address = {str(email["To"]): email for email in send_waiting(interview)}
    assert sorted(by_address) == sorted([ADDRESS, GRACE, MARY])
    for address in (GRACE, MARY):
        method, event = entry(by_address[address])
        assert (method, str(event["SUMMARY"])) == ("REQUEST", "Interview with Rita")
        assert str(event["ATTENDEE"]) == f"mailto:{address}"
        assert event.decoded("DTSTART") == interview.scheduled_at
        assert event["UID"] == entry(by_address[ADDRESS])[1]["UID"]
    assert by_address[GRACE]["Subject"] == f"Interview with Rita on {day_of(interview)}"
    assert "(Europe/Berlin, UTC" in text(by_address[GRACE])


def test_their_link_leads_to_the_dashboard_and_opens_nothing_by_itself(plan: Plan) -> None:
    interview = plan(candidate_email=ADDRESS, send_email=True)
    life = sent_until_it_is_cancelled(interview)
    theirs = [email for email in life if email["To"] != ADDRESS]
    assert len(theirs) == 6
    for email in theirs:
        whole = "".join(part.get_content() for part in email.walk() if not part.is_multipart())
        for secret in (interview.passcode, interview.password, ADDRESS):
            assert str(secret) not in whole
    link = f"https://tests.example.com{reverse('dashboard:interview', args=[interview.id])}"
    assert str(entry(theirs[0])[1]["URL"]) == link
    assert link in text(theirs[0])


def test_candidates_email_does_not_name_them(plan: Plan) -> None:
    interview = plan(candidate_email=ADDRESS, send_email=True)
    life = sent_until_it_is_cancelled(interview)
    own = [email for email in life if email["To"] == ADDRESS]
    assert len(own) == 3
    for email in own:
        whole = "".join(part.get_content() for part in email.walk() if not part.is_multipart())
        assert GRACE not in whole + str(email.items())


def test_interview_that_begins_now_has_no_entry(plan: Plan, engine: Any) -> None:
    interview = plan(scheduled_at=None, interviewers=[GRACE])
    (email,) = send_waiting(interview)
    assert "It starts now." in text(email)
    assert list(email.iter_attachments()) == []


def test_there_is_no_reminder_beside_the_alarm(told: Interview) -> None:
    move(told, days=12)
    assert {each.kind for each in messages(told)} == {"scheduled", "changed"}
    assert len(entry(send_waiting(told)[0])[1].walk("VALARM")) == 1


def test_two_emails_to_two_people_have_two_message_ids(plan: Plan) -> None:
    assert len({email["Message-ID"] for email in send_waiting(plan())}) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: move(row, days=12), "was moved to a new time"),
        (
            lambda row: actions.extend(fresh(row), 30, by="recruiter"),
            "The length of the interview has changed",
        ),
        (lambda row: edit(row, candidate_name="Rita Levi"), "The candidate's name has changed"),
        (lambda row: actions.revoke(fresh(row), by="recruiter"), "was cancelled"),
    ],
)
def test_everybody_is_told_once_what_changed(told: Interview, change: Any, words: str) -> None:
    change(told)
    periodic.relay_and_dispatch()
    emails = send_waiting(told)
    assert recipients(emails) == [GRACE, MARY]
    assert words in text(emails[0])
    assert send_waiting(told) == []


def test_change_of_the_candidates_address_alone_is_none_of_theirs(told: Interview) -> None:
    edit(told, candidate_email="new@example.com")
    assert send_waiting(told) == []


def test_nobody_is_told_of_a_change_if_that_is_not_wanted(told: Interview) -> None:
    move(told, days=12, notify=False)
    edit(told, interviewers=[GRACE], notify=False)
    actions.revoke(fresh(told), by="boss", notify=False)
    periodic.relay_and_dispatch()
    assert send_waiting(told) == []


def test_named_later_is_invited_and_the_others_hear_nothing(told: Interview) -> None:
    edit(told, interviewers=[GRACE, MARY, JOAN])
    periodic.relay_and_dispatch()
    (email,) = send_waiting(told)
    assert email["To"] == JOAN
    assert entry(email)[0] == "REQUEST"
    assert email["Subject"].startswith("Interview with Rita on ")


def test_naming_somebody_invites_them_even_if_nobody_else_is_to_be_told(told: Interview) -> None:
    edit(told, interviewers=[GRACE, MARY, JOAN], candidate_name="Rita Levi", notify=False)
    assert recipients(send_waiting(told)) == [JOAN]


def test_removed_is_told_and_hears_nothing_more(told: Interview) -> None:
    edit(told, interviewers=[GRACE])
    periodic.relay_and_dispatch()
    (email,) = send_waiting(told)
    method, event = entry(email)
    assert (email["To"], method) == (MARY, "CANCEL")
    assert "You're no longer interviewing Rita." in text(email)
    assert email["Subject"].startswith("You're no longer interviewing Rita on ")
    # RFC 5546, 3.2.5: the event goes on, without them.
    assert "STATUS" not in event
    move(told, days=12)
    actions.revoke(fresh(told), by="boss")
    assert recipients(send_waiting(told)) == [GRACE]


def test_removed_and_named_again_is_invited_again_and_told_of_moves_since(told: Interview) -> None:
    edit(told, interviewers=[GRACE])
    edit(told, interviewers=[GRACE, MARY])
    (email,) = send_waiting(told)
    assert (email["To"], entry(email)[0]) == (MARY, "REQUEST")
    move(told, days=12)
    assert recipients(send_waiting(told)) == [GRACE, MARY]
    assert ("cancelled", 1, "skipped") in records(told, MARY)


def test_removed_before_the_invitation_was_sent_gets_nothing(plan: Plan) -> None:
    interview = plan()
    edit(interview, interviewers=[GRACE])
    assert recipients(send_waiting(interview)) == [GRACE]
    assert records(interview, MARY) == [("scheduled", 0, "skipped"), ("cancelled", 1, "skipped")]


def test_other_case_is_the_same_person(told: Interview) -> None:
    edit(told, interviewers=[GRACE.upper(), MARY])
    move(told, days=12)
    assert [email["Subject"][:8] for email in send_waiting(told)] == ["Changed:"] * 2


def test_invitation_that_waits_has_the_move_and_no_second_email(plan: Plan) -> None:
    interview = plan(interviewers=[GRACE])
    move(interview, days=12)
    periodic.relay_and_dispatch()
    (email,) = send_waiting(interview)
    row = fresh(interview)
    assert entry(email)[1].decoded("DTSTART") == row.scheduled_at
    assert email["Subject"].endswith(day_of(row))


def test_sequence_is_not_that_of_resends_to_the_candidate(told: Interview) -> None:
    """The number of an interviewer's invitation is a place in the timeline."""
    for name in ("Rita L.", "Rita M.", "Rita N."):
        edit(told, candidate_name=name, notify=False)
    edit(told, interviewers=[GRACE, MARY, JOAN])
    (email,) = send_waiting(told)
    assert entry(email)[1]["SEQUENCE"] == 4
