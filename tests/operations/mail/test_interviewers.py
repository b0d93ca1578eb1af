"""Who holds a live interview is written to: each of them once, with an entry of the same meeting.

None of their e-mails opens the candidate's page, and none of the candidate's names them.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.urls import reverse

from interviews import outbox as changes_outbox
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from operations.mail import outbox, plan_changes
from operations.mail.models import Message
from operations.webhooks import periodic
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS, messages
from tests.operations.mail.test_plan_changes import entry, send_waiting, text

GRACE, MARY, JOAN = "grace@example.com", "mary@example.com", "joan@example.com"
LATER = timedelta(days=10)

Plan = Callable[..., Interview]


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


def recipients(emails: list[Any]) -> list[str]:
    return sorted(str(email["To"]) for email in emails)


def edit(interview: Interview, *, notify: bool = True, **fields: Any) -> None:
    actions.edit_invitation(
        fresh(interview), InvitationEdit(**fields), by="recruiter", notify=notify
    )


def move(interview: Interview, *, days: int, notify: bool = True) -> None:
    at = now() + timedelta(days=days)
    actions.reschedule(fresh(interview), at=at, by="recruiter", notify=notify)


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


def records(interview: Interview, address: str) -> list[tuple[str, int, str]]:
    rows = [each for each in messages(interview) if each.interviewer == address]
    return [(each.kind, each.number, each.state) for each in rows]


# -- What they get ---------------------------------------------------------------------------------


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


# -- Changes ---------------------------------------------------------------------------------------


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


# -- What goes wrong -------------------------------------------------------------------------------


def test_process_that_dies_after_planning_is_made_up_for_once(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        interview = plan()
    assert send_waiting(interview) == []
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert recipients(send_waiting(interview)) == [GRACE, MARY]
    assert list(changes_outbox.pending_ids(10)) == []


def test_process_that_dies_after_an_edit_is_made_up_for_once(
    told: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two edits and a move that nobody told of, in one go."""
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        edit(told, interviewers=[GRACE])
        move(told, days=12)
        edit(told, interviewers=[GRACE, JOAN])
    for _ in range(2):
        periodic.relay_and_dispatch()
    emails = {str(email["To"]): entry(email)[0] for email in send_waiting(told)}
    assert emails == {GRACE: "REQUEST", MARY: "CANCEL", JOAN: "REQUEST"}
    assert {address: len(records(told, address)) for address in (GRACE, MARY, JOAN)} == {
        GRACE: 2,
        MARY: 2,
        JOAN: 1,
    }


def test_process_that_dies_between_two_people_forgets_nobody(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message is written, and the database is gone: all or none is kept."""
    create = outbox.create_message

    def fails_for_mary(*args: Any, **fields: Any) -> Message:
        if fields.get("interviewer") == MARY:
            raise DatabaseError
        return create(*args, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "create_message", fails_for_mary)
        interview = plan()
    assert messages(interview) == []
    periodic.relay_and_dispatch()
    assert recipients(send_waiting(interview)) == [GRACE, MARY]


def test_late_look_at_an_older_row_decides_nothing(told: Interview) -> None:
    """A process is slow between its write and its messages: its row does not know the next edit."""
    edit(told, interviewers=[GRACE], notify=False)
    as_removed = fresh(told)
    edit(told, interviewers=[GRACE, MARY])
    plan_changes.queue_messages(as_removed)
    assert [(entry(email)[0], email["To"]) for email in send_waiting(told)] == [("REQUEST", MARY)]
    move(told, days=12)
    assert recipients(send_waiting(told)) == [GRACE, MARY]


def test_late_removal_is_not_sent_and_made_up_for(
    told: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        edit(told, interviewers=[GRACE])
    as_removed = fresh(told)
    edit(told, interviewers=[GRACE, MARY])
    plan_changes.queue_messages(as_removed)
    periodic.relay_and_dispatch()
    assert {entry(email)[0] for email in send_waiting(told)} == {"REQUEST"}
    move(told, days=12)
    assert recipients(send_waiting(told)) == [GRACE, MARY]


def test_message_that_waits_is_not_sent_to_somebody_who_was_removed(plan: Plan) -> None:
    """As when a slow process invites somebody whom the next edit removed."""
    interview = plan()
    fresh(interview).change(interviewers=[GRACE])
    assert recipients(send_waiting(interview)) == [GRACE]
    assert records(interview, MARY) == [("scheduled", 0, "skipped")]


def test_cancellation_that_waits_is_not_sent_to_somebody_who_was_named_again(
    told: Interview,
) -> None:
    edit(told, interviewers=[GRACE])
    fresh(told).change(interviewers=[GRACE, MARY])
    assert send_waiting(told) == []


def test_interview_that_is_over_invites_nobody(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plan_changes, "queue_messages", lambda interview: None)
        interview = plan()
        actions.revoke(interview, by="boss")
    periodic.relay_and_dispatch()
    assert messages(interview) == []


def test_without_mail_server_nobody_is_written_to_and_the_interview_is_planned(
    schedule: Plan, settings: Any, db: None
) -> None:
    settings.MAIL_IS_ON = False
    interview = schedule(interviewers=[GRACE])
    assert fresh(interview).interviewers == [GRACE]
    assert Message.objects.count() == 0


def test_failed_email_to_an_interviewer_is_not_the_candidates(told: Interview) -> None:
    Message.objects.filter(interview_id=told.id).update(state="failed")
    assert outbox.undelivered_interview_ids([told.id]) == set()


def test_no_address_of_theirs_is_in_an_event(told: Interview, stream: Any) -> None:
    edit(told, interviewers=[JOAN])
    assert stream.entries
    assert all("example.com" not in str(each) for each in stream.entries)


def test_user_name_is_the_address_of_the_account(plan: Plan) -> None:
    User.objects.create_user("grace", email=GRACE)
    interview = plan(interviewers=["grace", GRACE.upper(), MARY])
    assert fresh(interview).interviewers == [GRACE, MARY]
