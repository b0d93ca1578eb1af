"""What staff changes before the start: an invitation, the time of an interview, a deadline."""

import json
from collections import Counter
from datetime import timedelta

from interviews.dynamodb import now
from interviews.pagination.history import Filters
from interviews.schemas.invitations import LiveInvitation
from interviews.search import lookup
from operations import actions
from operations.mail import sender
from operations.mail.models import Message
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.world import CHALLENGE, STAFF, Case, World, nothing_dispatched, row


def told(world: World) -> Case:
    """A live interview to which the candidate has the invitation, and that was moved since."""
    address, webhook = f"{world.new_key()}@example.com", world.new_webhook()
    invitation = LiveInvitation(
        candidate_name="Rita",
        challenge=CHALLENGE,
        scheduled_at=now() + timedelta(days=20),
        send_email=True,
        candidate_email=address,
    )
    with nothing_dispatched():
        interview = actions.schedule_live(invitation, by=STAFF)
        sender.send_message(Message.objects.get(interview_id=interview.id, kind="scheduled").pk)
        actions.reschedule(interview, at=now() + timedelta(days=21), by=STAFF)
    return {"id": interview.id, "webhook": webhook.pk, "to": address}


def held(world: World) -> Case:
    """A live interview whose two interviewers have the entry."""
    stays, goes, comes = (f"{world.new_key()}@example.com" for _ in range(3))
    invitation = LiveInvitation(
        candidate_name="Rita",
        challenge=CHALLENGE,
        scheduled_at=now() + timedelta(days=20),
        interviewers=[stays, goes],
    )
    with nothing_dispatched():
        interview = actions.schedule_live(invitation, by=STAFF)
        for message in Message.objects.filter(interview_id=interview.id):
            sender.send_message(message.pk)
    return {"id": interview.id, "stays": stays, "goes": goes, "comes": comes}


def not_told(world: World) -> Case:
    """An invitation whose e-mail was not sent yet."""
    address, webhook = f"{world.new_key()}@example.com", world.new_webhook()
    name = world.new_key()
    with nothing_dispatched():
        interview = world.invite(candidate_name=name, candidate_email=address, send_email=True)
    until = (now() + timedelta(days=20)).isoformat()
    case = {"id": interview.id, "webhook": webhook.pk, "to": address, "until": until}
    return {**case, "name": name}


def expired(world: World) -> Case:
    interview = world.invite()
    interview.change(valid_until=now())
    actions.expire(row(interview.id))
    return {"id": interview.id, "until": (now() + timedelta(days=20)).isoformat()}


def reschedule(world: World, case: Case) -> None:
    body = {"scheduledLocal": f"{now() + timedelta(days=30):%Y-%m-%d}T10:00", "timeZone": "UTC"}
    world.press(world.staff, f"/api/interviews/{case['id']}/reschedule", body)


def edit(world: World, case: Case) -> None:
    name = f"Ada {case['to'].partition('@')[0]}"
    _patch(world, case, candidateName=name, validUntil=case["until"], durationMinutes=90)


def send_elsewhere(world: World, case: Case) -> None:
    """To an address with the name of the case, which no other interview has."""
    body = {"candidateEmail": f"{case['name']}@example.org"}
    world.press(world.staff, f"/api/interviews/{case['id']}/messages", body)


def name_another(world: World, case: Case) -> None:
    _patch(world, case, interviewers=[case["stays"], case["comes"]])


def renew(world: World, case: Case) -> None:
    _patch(world, case, validUntil=case["until"])


def _patch(world: World, case: Case, **body: object) -> None:
    path = f"/api/interviews/{case['id']}"
    world.staff.patch(path, json.dumps(body), content_type="application/json")


def is_moved(world: World, case: Case) -> bool:
    """The candidate was told of the new time in one e-mail, which may have been sent twice."""
    interview = row(case["id"])
    ids = [each for each in world.sent_to(case["to"]) if ".changed." in each]
    moved = interview.scheduled_local == f"{now() + timedelta(days=30):%Y-%m-%d}T10:00"
    last = len(interview.timeline) - 1
    return moved and Counter(ids)[f"<{interview.id}.changed.{last}@{_host(ids)}>"] in (1, 2)


def is_named(world: World, case: Case) -> bool:
    """Each has one e-mail of each kind that is theirs, which may have been sent twice."""
    kinds = {
        who: sorted(each.split(".")[1] for each in set(world.sent_to(case[who])))
        for who in ("stays", "goes", "comes")
    }
    return kinds == {
        "stays": ["scheduled"],
        "goes": ["cancelled", "scheduled"],
        "comes": ["scheduled"],
    }


def _host(ids: list[str]) -> str:
    return ids[0].rpartition("@")[2].rstrip(">") if ids else ""


def is_edited(world: World, case: Case) -> bool:
    """The new name alone finds it, and the candidate has one e-mail with it: the invitation, or one
    after it if it was sent before the name changed."""
    found = [
        [each.id for each in lookup.search_page(name, Filters()).items]
        for name in (case["to"].partition("@")[0], case["name"])
    ]
    is_found = found == [[case["id"]], []]
    ids = Counter(world.sent_to(case["to"]))
    changed = [each for each in ids if ".changed." in each]
    return is_found and len(ids) - len(changed) == 1 and len(changed) <= 1


def is_sent_elsewhere(world: World, case: Case) -> bool:
    """The new address alone finds it, and the invitation went there."""
    to = f"{case['name']}@example.org"
    found = [
        [each.id for each in lookup.search_page(address, Filters()).items]
        for address in (to, case["to"])
    ]
    return found == [[case["id"]], []] and bool(world.sent_to(to))


def is_renewed(world: World, case: Case) -> bool:
    return row(case["id"]).status == "available"


SCENARIOS = [
    Scenario("press reschedule", told, reschedule, is_moved, True),
    Scenario("press edit", not_told, edit, is_edited, True),
    Scenario("press send to another address", not_told, send_elsewhere, is_sent_elsewhere, True),
    Scenario("name another interviewer", held, name_another, is_named, True),
    Scenario("new deadline", expired, renew, is_renewed, True),
]
