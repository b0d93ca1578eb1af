"""What a worker does with one operation. Every step may be repeated by the next worker."""

import contextlib
import tempfile
import threading
import time
import traceback
from datetime import timedelta
from pathlib import Path

import structlog
from django.core.exceptions import ImproperlyConfigured
from pynamodb.exceptions import PynamoDBException

from interviews import challenges, queries
from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview, LostRace
from interviews.tables import now
from operations import actions, archive, bell, models, turns
from operations.lease import STEP_LIMIT, Lease
from operations.models import NotMine, Operation, Type
from operations.provisioners import get as provisioner
from operations.provisioners.base import Provisioner, ProvisionError, Spec, Workspace

logger = structlog.get_logger(__name__)

# Set when this worker is asked to stop: work in hand is given back for the next one.
stopping = threading.Event()

# A workspace that has not answered for this long after its infrastructure was up has failed.
READY_WITHIN = timedelta(minutes=5)
PROVISION_AGAIN = timedelta(seconds=20)
BACK_OFF = (5, 10, 30, 60, 120, 300, 600)  # seconds between the tries of a teardown
UNEXPECTED = "An unexpected error; the worker's log has it."


class Stopping(Exception):
    """The worker is going down."""


# Not failures of the work: somebody else decides, or nobody can write anything now.
INTERRUPTIONS = (Stopping, NotMine, LostRace, PynamoDBException)


def run(operation_id: str) -> None:
    """Claim the operation and do it, or find that there is nothing to do."""
    operation = models.get(operation_id)
    if operation is None:
        return
    try:
        token = operation.claim()
    except NotMine:
        return
    with Lease(operation_id, token) as lease:
        Work(operation, token, lease).do()
    _ring_next(operation)


class Work:
    """One claimed operation in the hands of one worker."""

    def __init__(self, operation: Operation, token: str, lease: Lease) -> None:
        self.operation = operation
        self.token = token
        self.lease = lease
        self.secrets: list[str] = []

    def do(self) -> None:
        try:
            interview = queries.get(self.operation.interview_id)
            if interview is None or interview.operation_id != self.operation.id:
                turns.set_aside(self.operation, self.token)
                return
            self.secrets = [text for text in (interview.password, interview.passcode) if text]
            if not turns.previous_let_go(self.operation, self.token):
                return
            if self.operation.type == Type.DESTROY:
                self._destroy(interview)
            else:
                self._create(interview)
        except (Stopping, NotMine, LostRace):
            self._stop()
        except PynamoDBException:
            # Nothing can be written now. The lease runs out, and the schedule rings again.
            self._report("tables_away")

    # -- create and restart ------------------------------------------------------------------------

    def _create(self, interview: Interview) -> None:
        if interview.state is Status.ERROR or interview.state in FINAL:
            raise NotMine(self.operation.id)
        if interview.state is Status.ACTIVE and self.operation.type == Type.CREATE:
            # The worker before this one died between moving the interview and closing up.
            interview.announce()
            self.operation.succeed(self.token)
            return
        try:
            self._give_up_when_it_hangs()
            self._bring_up(interview, provisioner(str(interview.provisioner)))
        except INTERRUPTIONS:
            raise
        except ProvisionError as error:
            self._failed(interview, error.step, error.sentence)
        except ImproperlyConfigured as error:
            self._failed(interview, "provision", str(error))
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self._report("provisioning_failed")
            self._failed(interview, self.operation.step or "provision", UNEXPECTED)

    def _give_up_when_it_hangs(self) -> None:
        began = self.operation.started_at
        if began is not None and began + STEP_LIMIT < now():
            minutes = int(STEP_LIMIT.total_seconds() // 60)
            step = self.operation.step or "provision"
            raise ProvisionError(step, f"It was not done within {minutes} minutes.")

    def _bring_up(self, interview: Interview, engine: Provisioner) -> None:
        if interview.state is Status.ACTIVATED:
            interview.move_to(Status.INITIALIZING, by="worker")
        self._step("provision", "Provisioning the workspace")
        self._provision(interview, engine)
        self._step("configure", "Waiting until the workspace answers")
        self._wait_until_ready(interview, engine)
        if interview.state is Status.CONFIGURING:
            ready_at = now()
            length = timedelta(minutes=int(interview.duration_minutes))
            begins_at = interview.scheduled_at or ready_at
            interview.move_to(
                Status.ACTIVE,
                by="worker",
                ready_at=ready_at,
                auto_destroy_at=begins_at + length,
            )
        elif interview.restarting:
            interview.change(restarting=None)
        self.log("The workspace answers.")
        self.operation.succeed(self.token)

    def _provision(self, interview: Interview, engine: Provisioner) -> None:
        """Have it there, and write down where: it may have moved since the last time."""
        workspace = engine.provision(self._spec(interview), self.log)
        turns.check(self.operation, self.token, interview)
        found = {"access_url": workspace.url, "workspace_state": workspace.state}
        if interview.state is Status.INITIALIZING:
            interview.move_to(Status.CONFIGURING, by="worker", **found)
        elif found != {name: getattr(interview, name) for name in found}:
            interview.change(**found)

    def _spec(self, interview: Interview) -> Spec:
        return Spec(
            interview_id=interview.id,
            password=str(interview.password),
            # What a candidate works in is never begun anew.
            files=None if self.operation.type == Type.RESTART else _starting_files(interview),
            ends_at=interview.auto_destroy_at or now(),
        )

    def _wait_until_ready(self, interview: Interview, engine: Provisioner) -> None:
        pause, unseen = 0.25, ""
        until = time.monotonic() + READY_WITHIN.total_seconds()
        again_at = time.monotonic() + PROVISION_AGAIN.total_seconds()
        while time.monotonic() < until:
            try:
                if engine.is_ready(workspace_of(interview)):
                    return
                unseen = ""
                if time.monotonic() > again_at:
                    # What is there is returned as it is; what died meanwhile is started again.
                    again_at = time.monotonic() + PROVISION_AGAIN.total_seconds()
                    self._provision(interview, engine)
            except ProvisionError as error:
                unseen = f" ({error.sentence})"
            if stopping.wait(pause):
                raise Stopping
            pause = min(pause * 1.3, 10)
            turns.check(self.operation, self.token, interview)
        minutes = int(READY_WITHIN.total_seconds() // 60)
        raise ProvisionError(
            "configure", f"The workspace did not answer within {minutes} minutes{unseen}."
        )

    def _failed(self, interview: Interview, step: str, sentence: str) -> None:
        sentence = self._masked(sentence)
        self.log(f"Failed at {step}: {sentence}", level="error")
        # Only what no candidate has worked in yet, and only while it is ours: this write is refused
        # where another worker took over, who may have brought it up long ago.
        if interview.state in PROVISIONING:
            self.operation.begin(self.token, step)
            self._clean_up(interview)
            interview.move_to(
                Status.ERROR,
                by="worker",
                failed_step=step,
                problem=sentence,
                **actions.after_failure(interview),
            )
        self.operation.fail(self.token, sentence)

    def _clean_up(self, interview: Interview) -> None:
        try:
            provisioner(str(interview.provisioner)).destroy(workspace_of(interview), self.log)
        except ProvisionError as error:
            # The next try adopts it, and the end of the interview tears it down again.
            self.log(f"Could not clean up: {error.sentence}", level="error")
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self._report("clean_up_failed")
            self.log(f"Could not clean up: {UNEXPECTED}", level="error")

    # -- destroy -----------------------------------------------------------------------------------

    def _destroy(self, interview: Interview) -> None:
        if interview.state in FINAL:
            interview.announce()
            self.operation.succeed(self.token)
            return
        try:
            self._save_files(interview)
            if interview.provisioner:
                self._step("destroy", "Destroying the workspace")
                provisioner(interview.provisioner).destroy(workspace_of(interview), self.log)
        except INTERRUPTIONS:
            raise
        except ProvisionError as error:
            self._try_later(interview, error.step, error.sentence)
        except (archive.NotStored, ImproperlyConfigured) as error:
            self._try_later(interview, self.operation.step or "destroy", str(error))
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self._report("teardown_failed")
            self._try_later(interview, self.operation.step or "destroy", UNEXPECTED)
        else:
            self._gone(interview)

    def _gone(self, interview: Interview) -> None:
        revoked = interview.end_reason == EndReason.REVOKED
        interview.move_to(
            Status.REVOKED if revoked else Status.COMPLETED,
            by="worker",
            completed_at=now(),
            destroyed_at=now(),
            access_url=None,
            password=None,
            workspace_state=None,
            failed_step=None,
            problem=None,
        )
        self.log("The workspace is gone.")
        self.operation.succeed(self.token)

    def _save_files(self, interview: Interview) -> None:
        """Only a workspace that was shown to a candidate holds anything of theirs."""
        if interview.ready_at is None or not interview.save_files or interview.history_s3_key:
            return
        self._step("save", "Saving the candidate's files")
        engine = provisioner(str(interview.provisioner))
        with tempfile.TemporaryDirectory(prefix="takehome-") as folder:
            path = Path(folder) / "files.tar.gz"
            engine.export(workspace_of(interview), path)
            # A key of this try alone: a late worker must not write over what was verified.
            key = archive.key_of(interview.id, f"{self.operation.id}-{self.token}")
            stored = archive.store(path, key)
        turns.check(self.operation, self.token, interview)
        interview.change(
            history_s3_key=stored.key,
            archive_bytes=stored.bytes,
            archive_sha256=stored.sha256,
        )
        self.log(f"Saved and verified: {stored.bytes} bytes.")

    def _try_later(self, interview: Interview, step: str, sentence: str) -> None:
        delay = BACK_OFF[min(int(self.operation.failures), len(BACK_OFF) - 1)]
        sentence = self._masked(sentence)
        self.log(f"Failed at {step}: {sentence} Trying again in {delay} s.", level="error")
        interview.change(failed_step=step, problem=sentence)
        self.operation.put_back(self.token, until=now() + timedelta(seconds=delay), error=sentence)

    # -- stopping half-way -------------------------------------------------------------------------

    def _stop(self) -> None:
        """Somebody decided otherwise, or this worker goes down: leave it as the next one needs it.

        Where the operation is still to be done it is given back, if it still is ours to give. Where
        it was voided with nobody coming after it, what it made is cleaned up here.
        """
        interview = queries.get(self.operation.interview_id)
        is_current = interview is not None and interview.operation_id == self.operation.id
        if interview is not None and is_current and interview.state is not Status.ERROR:
            with contextlib.suppress(NotMine):
                later = timedelta(0) if stopping.is_set() else turns.BLOCKED_FOR
                self.operation.put_back(self.token, until=now() + later)
            return
        self.operation.cancel()
        if interview is None or not interview.provisioner or self.operation.type == Type.DESTROY:
            return
        with contextlib.suppress(NotMine):
            # Final: whatever this worker made after the teardown is nobody's. Error: it may be the
            # next try's by now, unless the lease is still held.
            if interview.state not in FINAL:
                if not is_current:
                    return
                self.operation.renew(self.token)
            self._clean_up(interview)

    # -- what staff reads --------------------------------------------------------------------------

    def log(self, message: str, level: str = "info") -> None:
        models.log(self.operation, self._masked(message), level=level)

    def _step(self, step: str, sentence: str) -> None:
        if stopping.is_set():
            raise Stopping
        self.operation.begin(self.token, step)
        self.lease.next_step()
        self.log(f"{sentence}.")

    def _report(self, event: str) -> None:
        """The exception in hand, for whoever runs the platform; an engine's may quote a secret."""
        trace = self._masked(traceback.format_exc())
        logger.error(event, operation=self.operation.id, exception=trace)

    def _masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "•••")
        return text


def workspace_of(interview: Interview) -> Workspace:
    """What the row knows of the interview's workspace."""
    return Workspace(
        id=interview.id,
        url=interview.access_url,
        password=interview.password,
        state=interview.workspace_state or {},
    )


def _starting_files(interview: Interview) -> dict[str, bytes]:
    challenge = challenges.get(interview.challenge)
    if challenge is None:
        raise ProvisionError("provision", "The challenge is no longer in the library.")
    try:
        return challenges.files(challenge)
    except challenges.BrokenChallenge as error:
        raise ProvisionError("provision", str(error)) from None


def _ring_next(operation: Operation) -> None:
    """Whoever waited for this operation's lease need not wait for the schedule's tick."""
    interview = queries.get(operation.interview_id)
    if interview is None or interview.operation_id in (None, operation.id):
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        bell.ring(str(interview.operation_id))
