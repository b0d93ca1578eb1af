"""What the scenarios act in: people with browsers, an engine, and the other processes."""

import io
import json
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.storage import default_storage
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview
from interviews.schemas.invitations import TakeHomeInvitation
from operations import actions, models
from operations.archives import archive
from operations.bulk_import.models import Batch
from operations.checks import preparation
from operations.checks.models import UNFINISHED as UNDONE
from operations.checks.models import CheckRun
from operations.mail.models import WAITING, Message
from operations.models import Operation
from operations.queue import dispatch
from operations.reaper.models import Orphan, open_orphans
from operations.submissions import service as submissions
from operations.webhooks import submission_ready
from operations.webhooks.models import DEFAULT_TYPES, UNFINISHED, Delivery, Webhook
from operations.webhooks.signing import new_secret
from operations.worker import runner
from takehome_platform.local_stack.config import LOOPBACK
from tests.checking import FakeRunner
from tests.fakes import AnswersLate
from tests.receiver import Receiver

WORK = ("work.txt", b"hours of it")
STAFF = "recruiter"
CHALLENGE = "word-count"

Case = dict[str, Any]
"""What a scenario prepared: ids and numbers, which can be sent to another process as JSON."""


class World:
    """The shared part; `InProcess` and `Processes` say how an engine and other workers are."""

    staff: Client
    candidate: Client

    def open_browsers(self, staff: User) -> None:
        self.staff, self.candidate = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
        self.staff.force_login(staff)

    def write_work(self, interview: Interview, work: tuple[str, bytes] = WORK) -> None:
        """The candidate saves a file in the workspace."""
        raise NotImplementedError

    def stop_workspace(self, interview: Interview) -> None:
        """The workspace's process dies, and its files stay."""
        raise NotImplementedError

    def lose_workspace(self, interview: Interview) -> None:
        """The workspace is gone with its files."""
        raise NotImplementedError

    def answer_late(self, interview: Interview) -> None:
        """The workspace will not answer at the first look."""
        raise NotImplementedError

    def leave_workspace(self, name: str) -> None:
        """A workspace of this name runs, whatever the rows say."""
        raise NotImplementedError

    def workspaces(self) -> set[str]:
        """The names of those that run, or whose files are on the engine."""
        raise NotImplementedError

    def left_of_checks(self) -> set[str]:
        """The names of the jobs of checks of which a program, a file or a folder is there."""
        raise NotImplementedError

    def settle(self, case: Case) -> None:
        """Return once everybody else has done what there is to do."""
        raise NotImplementedError

    def invite(self, **fields: Any) -> Interview:
        wanted = {"candidate_name": "Ada", "challenge": CHALLENGE, "duration_minutes": 60}
        return actions.invite(TakeHomeInvitation(**{**wanted, **fields}), by=STAFF)

    def running(self, **fields: Any) -> Interview:
        """A test in whose workspace the candidate has saved a file."""
        interview = self.invite(**fields)
        with nothing_dispatched():
            operation_id = actions.activate(interview, by="candidate")
        runner.run_operation(operation_id)
        self.settle({"id": interview.id})
        interview = row(interview.id)
        assert interview.state is Status.ACTIVE, interview.problem
        self.write_work(interview)
        return interview

    def completed(self, **fields: Any) -> Interview:
        """A test that its candidate handed in, with its files saved."""
        interview = self.running(**fields)
        with nothing_dispatched():
            operation_id = actions.submit(interview, by="candidate")
        runner.run_operation(operation_id)
        self.settle({"id": interview.id})
        interview = row(interview.id)
        assert interview.state is Status.COMPLETED, interview.problem
        return interview

    def press(self, client: Client, path: str, body: Any = None, **options: Any) -> Any:
        """Post JSON to the API, as a page or a program does."""
        text = json.dumps(body or {})
        return client.post(path, text, content_type="application/json", **options)

    def new_number(self) -> int:
        return secrets.randbelow(1 << 40)

    def new_key(self) -> str:
        """A word that nothing has yet."""
        return secrets.token_hex(8)

    def new_webhook(self) -> Webhook:
        """A webhook that sends to the receiver of this world."""
        raise NotImplementedError

    def received(self, webhook_id: int) -> list[str]:
        """The ids of the messages that the webhook's receiver has got."""
        raise NotImplementedError

    def sent_to(self, address: str) -> list[str]:
        """The Message-IDs of the e-mails that have reached this address."""
        raise NotImplementedError


class InProcess(World):
    """The other processes run in this one, as soon as they are waited for."""

    def __init__(
        self,
        engine: AnswersLate,
        runner: FakeRunner,
        enqueued: list[tuple[str, str]],
        receiver: Receiver,
    ) -> None:
        self.engine = engine
        self.runner = runner
        self.enqueued = enqueued
        self.receiver = receiver

    def write_work(self, interview: Interview, work: tuple[str, bytes] = WORK) -> None:
        name, content = work
        self.engine.running[interview.workspace_name][name] = content

    def stop_workspace(self, interview: Interview) -> None:
        del self.engine.running[interview.workspace_name]

    def lose_workspace(self, interview: Interview) -> None:
        self.stop_workspace(interview)
        del self.engine.disks[interview.workspace_name]

    def answer_late(self, interview: Interview) -> None:
        self.engine.late.add(interview.workspace_name)

    def leave_workspace(self, name: str) -> None:
        self.engine.disks[name] = self.engine.running[name] = dict([WORK])

    def workspaces(self) -> set[str]:
        return {*self.engine.running, *self.engine.disks}

    def left_of_checks(self) -> set[str]:
        return {*self.runner.left, *(each.name for each in preparation.prepared_folders())}

    def new_webhook(self) -> Webhook:
        return make_webhook(f"http://{LOOPBACK}:{self.receiver.port}/{self.new_key()}")

    def received(self, webhook_id: int) -> list[str]:
        path = urlsplit(Webhook.objects.get(pk=webhook_id).url).path
        return [each.headers["webhook-id"] for each in self.receiver.received if each.path == path]

    def sent_to(self, address: str) -> list[str]:
        sent = (message for message in mail.outbox if address in message.to)
        return [str(message.extra_headers["Message-ID"]) for message in sent]

    def settle(self, case: Case) -> None:
        if not self.does_settle(case):
            pytest.fail(f"it does not settle: {describe(case)}")

    def does_settle(self, case: Case) -> bool:
        """Do everything that is due, again and again; whether nothing is left to do."""
        self.deliver_messages()
        for _ in range(12):
            expire_leases(case)
            for run in PERIODIC:
                tasks()[run].run()
            self.deliver_messages()
            if is_settled(case):
                return True
        return False

    def deliver_messages(self) -> None:
        """Run the tasks that were dispatched, as a worker that is there does."""
        for _ in range(MOST_MESSAGES):
            if not self.enqueued:
                return
            task, argument = self.enqueued.pop(0)
            tasks()[task].run(argument)
        pytest.fail(f"messages beget messages: {self.enqueued}")


# More than any case has: each is delivered at once here, also one that is due later.
MOST_MESSAGES = 500
# The tasks of beat that recover something.
PERIODIC = (
    *("operations.tick", "operations.watch", "operations.post", "operations.tell_webhooks"),
    "operations.run_checks",
)


@cache
def tasks() -> Any:
    """The Celery tasks, by name. Importing them sets up Django and its logging anew each time."""
    current_app.loader.import_default_modules()
    return current_app.tasks


@contextmanager
def nothing_dispatched() -> Iterator[None]:
    """The messages to workers are lost, so that none acts before this process does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "_send", lambda *args, **kwargs: None)
        yield


@contextmanager
def another_process() -> Iterator[None]:
    """What is remembered by a process that stands still is not known to the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions, "_being_indexed", set())
        yield


def row(interview_id: str) -> Interview:
    found = queries.get_interview(interview_id)
    assert found is not None, f"{interview_id} is gone"
    return found


def saved_files(interview: Interview) -> dict[str, bytes]:
    """The files in the interview's archive, by their names."""
    with default_storage.open(str(interview.history_s3_key), "rb") as file:
        content = file.read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {
            member.name.rpartition("/")[2]: member_file.read()
            for member in archive
            if (member_file := archive.extractfile(member)) is not None
        }


def is_settled(case: Case) -> bool:
    """Whether nothing is left to do for what the case names."""
    for interview in queries.get_interviews(interview_ids(case)).values():
        operation = models.get_operation(interview.operation_id or "")
        if interview.state in PROVISIONING | {Status.DESTROYING}:
            return False
        is_relayed = not interview.outbox or not {"webhook", "user"} & set(case)
        if interview.restarting or interview.paused_at or not is_relayed:
            return False
        if operation is not None and (operation.is_unfinished or operation.lease_owner):
            return False
    waiting = Message.objects.filter(state__in=WAITING, send_at__lte=now())
    if "id" in case and waiting.filter(interview_id=case["id"]).exists():
        return False
    # A notice to staff belongs to a person.
    if "user" in case and waiting.filter(user_id=case["user"]).exists():
        return False
    if Delivery.objects.filter(webhook_id=case.get("webhook", 0), state__in=UNFINISHED).exists():
        return False
    if CheckRun.objects.filter(challenge_id=case.get("challenge", "-"), state__in=UNDONE).exists():
        return False
    batch = Batch.objects.filter(pk=case.get("batch", 0)).first()
    return batch is None or not batch.rows.filter(state="wanted").exists()


def interview_ids(case: Case) -> list[str]:
    """Those of the case's interview, and of the workspaces beside it."""
    return [case[name] for name in ("id", "practice", "first") if name in case]


def expire_leases(case: Case) -> None:
    """As if the time of every lease and every dispatch had passed."""
    past = now() - timedelta(seconds=1)
    sql_past = timezone.now() - timedelta(seconds=1)
    for operation in chain.from_iterable(map(models.list_operations, interview_ids(case))):
        changes: list[Any] = [Operation.due_at.set(past)] if operation.is_unfinished else []
        if operation.lease_owner:
            changes.append(Operation.lease_until.set(past))
        if operation.check_at is not None:
            changes.append(Operation.check_at.set(datetime.now(UTC)))
        if changes:
            operation.update(actions=changes)
    waiting = Message.objects.filter(state__in=WAITING)
    waiting.filter(rung_at__isnull=False).update(rung_at=sql_past - timedelta(hours=1))
    waiting.filter(attempts__gt=0, send_at__gt=sql_past).update(send_at=sql_past)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=sql_past)
    Delivery.objects.filter(rung_until__isnull=False).update(rung_until=sql_past)
    # Those that wait for an index that nobody makes any more.
    Delivery.objects.filter(state="pending", next_at=None).update(
        created_at=sql_past - submission_ready.ASK_AGAIN_AFTER
    )
    Batch.objects.filter(~Q(taken_until=None)).update(taken_until=sql_past)
    CheckRun.objects.filter(state__in=UNDONE).update(due_at=sql_past)
    CheckRun.objects.filter(lease_until__isnull=False).update(lease_until=sql_past)
    Orphan.objects.filter(lease_until__isnull=False).update(lease_until=sql_past)


def expire_long_leases() -> None:
    """As if the leases of e-mails, orphans and checks were over, which are minutes long."""
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(state__in=WAITING, attempts__gt=0).update(send_at=past)
    Message.objects.filter(state__in=WAITING).update(rung_at=None)
    CheckRun.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Orphan.objects.filter(lease_until__isnull=False).update(lease_until=past)


def describe(case: Case) -> str:
    """The rows of a case, for a test that failed."""
    interview = queries.get_interview(case["id"]) if "id" in case else None
    if interview is None:
        return str(case)
    seen = [str(case), f"{interview!r} {interview.problem} outbox={interview.outbox}"]
    for entry in interview.timeline:
        seen.append(f"  {entry.at:%T} {entry.status} by {entry.by} {entry.what or ''}")
    for each in models.list_operations(interview.id):
        seen.append(f"  {each!r} {each.step} lease={each.lease_owner} {each.error}")
    for message in Message.objects.filter(interview_id=interview.id):
        seen.append(f"  {message.kind} {message.number} {message.state} x{message.attempts}")
    return "\n".join(seen)


def make_orphan_due(name: str) -> None:
    """As if staff had seen the orphan for long enough."""
    open_orphans().filter(name=name).update(end_at=timezone.now() - timedelta(seconds=1))


def an_hour_later(case: Case) -> None:
    """As if the copies of archives that no row names were old enough to be deleted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "UNREFERENCED_LIFETIME", timedelta(seconds=-2))
        archive.delete_old_copies(row(case["id"]))


def make_webhook(url: str) -> Webhook:
    return Webhook.objects.create(
        name="ATS", url=url, secret=new_secret(), types=list(DEFAULT_TYPES), created_by=STAFF
    )
