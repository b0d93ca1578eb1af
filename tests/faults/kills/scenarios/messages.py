"""What is sent to people and programs, and what staff brings in: e-mails, webhooks, files of
candidates, challenges, and the tests of an earlier portal."""

import json
from collections import Counter
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from interviews import queries
from interviews.challenges import library, versions
from interviews.challenges.models import ChallengeDetails
from interviews.dynamodb import now
from interviews.legacy import lazy_migration
from interviews.legacy.stored_rows import read_takehome
from interviews.models import OUTBOX_PENDING, Interview
from operations import actions, tasks
from operations.bulk_import import runner as bulk_import
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults
from operations.bulk_import.models import Batch, RowStatus
from operations.mail import sender
from operations.mail.models import Message, MessageStatus
from operations.notices.models import NoticeEvent, NoticePreference, StaffNotice
from operations.reaper.models import Orphan
from operations.submissions import service as service_of_submissions
from operations.webhooks import delivery, outbox_relay, periodic, submission_ready
from operations.webhooks.models import SUBMISSION_READY, Delivery, DeliveryStatus, Webhook
from tests import legacy_rows
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.scenarios.workers import unneeded
from tests.faults.kills.world import CHALLENGE, STAFF, Case, World, nothing_dispatched, row

CSV = "candidate_name,candidate_email,challenge\nAda,{key}-a@example.com,{challenge}\n"
CSV += "Grace,{key}-g@example.com,{challenge}\n"


def not_invited(world: World) -> Case:
    return {"key": world.new_key()}


def invite(world: World, case: Case) -> None:
    """A program invites, and repeats its request with the same key until it is answered."""
    body = {"candidateName": "Ada", "challenge": CHALLENGE, "durationMinutes": 60}
    body |= {"candidateEmail": f"{case['key']}@example.com", "sendEmail": True}
    answer = world.press(
        world.staff, "/api/takehome", body, headers={"Idempotency-Key": case["key"]}
    )
    case["id"] = answer.json()["interview"]["id"]


def is_invited_once(world: World, case: Case) -> bool:
    address = f"{case['key']}@example.com"
    found = [each for each in Interview.scan() if each.candidate_email == address]
    messages = Message.objects.filter(to=address, kind="invitation", state=MessageStatus.SENT)
    return len(found) == 1 and messages.count() == 1


def schedule(world: World, case: Case) -> None:
    """As `invite`, for a live interview that begins now."""
    body = {"candidateName": "Rita", "challenge": CHALLENGE, "durationMinutes": 60}
    answer = world.press(
        world.staff, "/api/interviews", body, headers={"Idempotency-Key": case["key"]}
    )
    case["id"] = answer.json()["interview"]["id"]


def is_scheduled_once(world: World, case: Case) -> bool:
    return "id" in case and row(case["id"]).status == "active"


def with_email(world: World) -> Case:
    address = f"{world.new_key()}@example.com"
    with nothing_dispatched():
        interview = world.invite(candidate_email=address, send_email=True)
    message = Message.objects.get(interview_id=interview.id, kind="invitation")
    return {"id": interview.id, "message": message.pk, "to": address}


def send_email(world: World, case: Case) -> None:
    sender.send_message(case["message"])


def dispatch_emails(world: World, case: Case) -> None:
    sender.dispatch_due_messages()


def is_sent(world: World, case: Case) -> bool:
    """At least once, and if twice then with one Message-ID."""
    state = Message.objects.get(pk=case["message"]).state
    ids = Counter(world.sent_to(case["to"]))
    return state == MessageStatus.SENT and len(ids) == 1 and max(ids.values()) <= 2


def with_webhook(world: World) -> Case:
    webhook = world.new_webhook()
    interview = world.invite()
    return {"id": interview.id, "webhook": webhook.pk}


def with_delivery(world: World) -> Case:
    case = with_webhook(world)
    outbox_relay.relay_changes(case["id"])
    return case | {"delivery": str(_deliveries(case).get().pk)}


def _deliveries(case: Case) -> QuerySet[Delivery]:
    """Those of the case: other interviews may be told of to the same webhook."""
    return Delivery.objects.filter(webhook_id=case["webhook"], interview_id=case["id"])


def with_notice(world: World) -> Case:
    """An invitation that has expired, and somebody who wants to be told of that."""
    key = world.new_key()
    user = get_user_model().objects.create_user(
        key, f"{key}@example.com", is_staff=True, is_superuser=True
    )
    NoticePreference.objects.create(
        user=user, events=[NoticeEvent.EXPIRED], since=now() - timedelta(minutes=1)
    )
    with nothing_dispatched():
        interview = world.invite()
        # Theirs: another case's person wants to be told of none of it.
        interview.change(valid_until=now(), created_by=key)
        actions.expire(row(interview.id))
    return {"id": interview.id, "user": user.pk, "to": user.email}


def is_noticed(world: World, case: Case) -> bool:
    """One e-mail tells of it, which may have been sent twice."""
    notices = StaffNotice.objects.filter(interview_id=case["id"], user=case["user"])
    states = [each.message.state for each in notices if each.message is not None]
    return states == [MessageStatus.SENT] and bool(world.sent_to(case["to"]))


def relay(world: World, case: Case) -> None:
    outbox_relay.relay_changes(case["id"])


def dispatch_deliveries(world: World, case: Case) -> None:
    periodic.dispatch_due_deliveries(case["webhook"])


def deliver(world: World, case: Case) -> None:
    delivery.attempt_delivery(case["delivery"])


def is_delivered(world: World, case: Case) -> bool:
    """The receiver has got each message, at most twice, and the log says so."""
    rows = _deliveries(case)
    received = Counter(world.received(case["webhook"]))
    is_told = all(each.state == DeliveryStatus.DELIVERED for each in rows)
    return is_told and all(1 <= received[str(each.pk)] <= 2 for each in rows)


def with_submission(world: World) -> Case:
    """A submission that a webhook was not told of yet, and whose files are not listed."""
    case = with_indexed_submission(world)
    interview = row(case["id"])
    service_of_submissions.delete_index(interview, 0)
    service_of_submissions._read_summary.cache_clear()
    return case


def with_indexed_submission(world: World) -> Case:
    webhook = world.new_webhook()
    Webhook.objects.filter(pk=webhook.pk).update(sends_reviews=True)
    interview = world.completed()
    # As if nothing had been told of it yet.
    Delivery.objects.filter(webhook=webhook).delete()
    interview.change(outbox=OUTBOX_PENDING, outbox_done=None)
    return {"id": interview.id, "webhook": webhook.pk}


def with_waiting_message(world: World) -> Case:
    case = with_submission(world)
    outbox_relay.relay_changes(case["id"])
    created_at = timezone.now() - timedelta(minutes=2)
    _deliveries(case).filter(event=SUBMISSION_READY).update(created_at=created_at)
    return case


def list_submission(world: World, case: Case) -> None:
    tasks.index_submissions(case["id"])


def ask_for_indexes(world: World, case: Case) -> None:
    submission_ready.ask_for_indexes()


def is_told_of_submission(world: World, case: Case) -> bool:
    """One message tells of it, with the totals, and was received."""
    bodies = [json.loads(each.body) for each in _deliveries(case).filter(event=SUBMISSION_READY)]
    return is_delivered(world, case) and [each["submission"]["files"] for each in bodies] == [3]


def imported(world: World) -> Case:
    text = CSV.format(key=world.new_key(), challenge=CHALLENGE)
    batch = service.import_file("candidates.csv", text.encode(), Defaults(), by=STAFF)
    return {"batch": batch.pk}


def queued(world: World) -> Case:
    case = imported(world)
    with nothing_dispatched():
        service.queue_rows(Batch.objects.get(pk=case["batch"]), by=STAFF)
    return case


def press_invite(world: World, case: Case) -> None:
    world.press(world.staff, f"/api/invitations/batch/{case['batch']}/invite")


def run_batch(world: World, case: Case) -> None:
    bulk_import.run_batch(case["batch"])


def is_imported(world: World, case: Case) -> bool:
    """Each row has one interview."""
    rows = Batch.objects.get(pk=case["batch"]).rows.all()
    if any(each.state != RowStatus.DONE for each in rows):
        return False
    emails = Counter(each.candidate_email for each in Interview.scan())
    addresses = [(each.invitation or {})["candidate_email"] for each in rows]
    return all(emails[address] == 1 for address in addresses)


def a_challenge(world: World) -> Case:
    challenge_id = f"challenge-{world.new_key()}"
    about = ChallengeDetails("A challenge", "Its text.", "Python", 60)
    versions.create_challenge(challenge_id, about, {"README.md": b"# One\n"}, by=STAFF)
    return {"challenge": challenge_id}


def save_version(world: World, case: Case) -> None:
    about = ChallengeDetails("A challenge", "Its other text.", "Python", 60)
    challenge = library.get_challenge(case["challenge"])
    assert challenge is not None and challenge.number is not None
    versions.save_version(
        case["challenge"], about, {"README.md": b"# Two\n"}, base=int(challenge.number), by=STAFF
    )


def is_saved_once(world: World, case: Case) -> bool:
    """The challenge has its second version, whole."""
    challenge = library.get_challenge(case["challenge"])
    found = library.get_version(case["challenge"], None)
    assert challenge is not None and found is not None
    files = library.read_files(found)
    assert files == {"README.md": b"# One\n" if challenge.number == 1 else b"# Two\n"}
    return challenge.number == 2


def old_invitation(world: World) -> Case:
    """An invitation of an earlier portal, which nobody has started."""
    passcode = legacy_rows.passcode(world.new_number())
    client = Interview._get_connection().connection.client
    legacy_rows.put(client, legacy_rows.TAKEHOME, [legacy_rows.take_home(passcode, at=now())])
    return {"passcode": passcode}


def migrate(world: World, case: Case) -> None:
    found = read_takehome(case["passcode"])
    assert found is not None
    lazy_migration.copy_takehome(found)


def is_migrated(world: World, case: Case) -> bool:
    """The passcode leads to one interview, which can be started."""
    interview = queries.get_by_passcode(case["passcode"])
    assert interview is not None, "the candidate's link is dead"
    migrate(world, case)
    found = [each for each in Interview.scan() if each.passcode == case["passcode"]]
    return len(found) == 1 and interview.status == "available"


def keep_orphan(world: World, case: Case) -> None:
    world.press(world.staff, f"/api/workspaces/unneeded/{case['orphan']}/keep")


def is_kept(world: World, case: Case) -> bool:
    orphan = Orphan.objects.get(pk=case["orphan"])
    return orphan.kept_by == STAFF and case["id"] in world.workspaces()


SCENARIOS = [
    Scenario("invite with a key", not_invited, invite, is_invited_once, True),
    Scenario("live interview now", not_invited, schedule, is_scheduled_once, True),
    Scenario("e-mail", with_email, send_email, is_sent),
    Scenario("dispatch of e-mails", with_email, dispatch_emails, is_sent),
    Scenario("relay of changes", with_webhook, relay, is_delivered),
    Scenario("relay of a notice", with_notice, relay, is_noticed),
    Scenario("relay of a submission", with_indexed_submission, relay, is_told_of_submission),
    Scenario("list a submission", with_waiting_message, list_submission, is_told_of_submission),
    Scenario("ask for a submission", with_waiting_message, ask_for_indexes, is_told_of_submission),
    Scenario("dispatch of deliveries", with_delivery, dispatch_deliveries, is_delivered),
    Scenario("webhook delivery", with_delivery, deliver, is_delivered),
    Scenario("press invite of a file", imported, press_invite, is_imported, True),
    Scenario("bulk import", queued, run_batch, is_imported),
    Scenario("save a challenge", a_challenge, save_version, is_saved_once, True),
    Scenario("migration", old_invitation, migrate, is_migrated),
    Scenario("keep an orphan", unneeded, keep_orphan, is_kept, True),
]
