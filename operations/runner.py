"""What a worker does with one operation. Every step may be repeated by the next worker."""

import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import structlog
from pynamodb.exceptions import PynamoDBException

from interviews import challenges, queries
from interviews.lifecycle import FINAL, PROVISIONING, EndReason, Status
from interviews.models import Interview, LostRace
from interviews.tables import now
from operations import actions, archive, bell, models
from operations.lease import Lease
from operations.models import NotMine, Operation, Type
from operations.provisioners import get as provisioner
from operations.provisioners.base import Provisioner, ProvisionError, Spec, Workspace

logger = structlog.get_logger(__name__)

# Set when this worker is asked to stop: work in hand is given back for the next one.
stopping = threading.Event()

# A workspace that has not answered for this long after its infrastructure was up has failed.
READY_WITHIN = timedelta(minutes=5)
PROVISION_AGAIN = timedelta(seconds=20)
# An operation to which no interview points yet may have been written a moment ago.
VOID_AFTER = timedelta(minutes=10)
BLOCKED_FOR = timedelta(seconds=2)
BACK_OFF = (5, 10, 30, 60, 120, 300, 600)  # seconds between the tries of a teardown


class Stopping(Exception):
    """The worker is going down."""


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
                self._void()
                return
            self.secrets = [text for text in (interview.password, interview.passcode) if text]
            if not self._previous_let_go():
                return
            if self.operation.type == Type.DESTROY:
                self._destroy(interview)
            else:
                self._create(interview)
        except Stopping:
            self.operation.put_back(self.token, until=now())
        except (NotMine, LostRace):
            # Somebody decided otherwise meanwhile; what they queued waits for this lease.
            self._superseded()
        except PynamoDBException:
            # Nothing can be written now. The lease runs out, and the schedule rings again.
            logger.exception("tables_away", operation=self.operation.id)

    # -- create and restart ------------------------------------------------------------------------

    def _create(self, interview: Interview) -> None:
        if interview.state is Status.ERROR or interview.state in FINAL:
            self._superseded()
            return
        if interview.state is Status.ACTIVE and self.operation.type == Type.CREATE:
            # The worker before this one died between moving the interview and closing up.
            interview.announce()
            self.operation.succeed(self.token)
            return
        engine = provisioner(str(interview.provisioner))
        try:
            self._bring_up(interview, engine)
        except ProvisionError as error:
            self._failed(interview, engine, error.step, error.sentence)
        except (Stopping, NotMine, LostRace, PynamoDBException):
            raise
        except Exception:
            logger.exception("provisioning_failed", operation=self.operation.id)
            step = self.operation.step or "provision"
            self._failed(interview, engine, step, "An unexpected error; see the worker's log.")

    def _bring_up(self, interview: Interview, engine: Provisioner) -> None:
        if interview.state is Status.ACTIVATED:
            interview.move_to(Status.INITIALIZING, by="worker")
        self._step("provision", "Provisioning the workspace")
        workspace = engine.provision(self._spec(interview), self.log)
        self._still_mine(interview)
        found = {"access_url": workspace.url, "workspace_state": workspace.state}
        if interview.state is Status.INITIALIZING:
            interview.move_to(Status.CONFIGURING, by="worker", **found)
        else:
            interview.change(**found)
        self._step("configure", "Waiting until the workspace answers")
        self._wait_until_ready(interview, engine, workspace)
        if interview.state is Status.CONFIGURING:
            ready_at = now()
            length = timedelta(minutes=int(interview.duration_minutes))
            ends_at = ready_at + length
            if interview.scheduled_at is not None:
                ends_at = interview.scheduled_at + length
            interview.move_to(
                Status.ACTIVE, by="worker", ready_at=ready_at, auto_destroy_at=ends_at
            )
        self.log("The workspace answers.")
        self.operation.succeed(self.token)

    def _spec(self, interview: Interview) -> Spec:
        challenge = challenges.get(interview.challenge)
        if challenge is None:
            raise ProvisionError("provision", "The challenge is no longer in the library.")
        try:
            files = challenges.files(challenge)
        except challenges.BrokenChallenge as error:
            raise ProvisionError("provision", str(error)) from None
        return Spec(
            interview_id=interview.id,
            password=str(interview.password),
            files=files,
            ends_at=interview.auto_destroy_at or now(),
        )

    def _wait_until_ready(
        self, interview: Interview, engine: Provisioner, workspace: Workspace
    ) -> None:
        pause, unseen = 0.25, ""
        until = time.monotonic() + READY_WITHIN.total_seconds()
        again_at = time.monotonic() + PROVISION_AGAIN.total_seconds()
        while time.monotonic() < until:
            try:
                if engine.is_ready(workspace):
                    return
                unseen = ""
                if time.monotonic() > again_at:
                    # What is there is returned as it is; what died meanwhile is started again.
                    again_at = time.monotonic() + PROVISION_AGAIN.total_seconds()
                    engine.provision(self._spec(interview), self.log)
            except ProvisionError as error:
                unseen = f" ({error.sentence})"
            if stopping.wait(pause):
                raise Stopping
            pause = min(pause * 1.3, 10)
            self._still_mine(interview)
        minutes = int(READY_WITHIN.total_seconds() // 60)
        raise ProvisionError(
            "configure", f"The workspace did not answer within {minutes} minutes{unseen}."
        )

    def _failed(self, interview: Interview, engine: Provisioner, step: str, sentence: str) -> None:
        self.log(f"Failed at {step}: {sentence}", level="error")
        # Never a workspace that a candidate has worked in: only what was not shown yet.
        if interview.state in PROVISIONING:
            self._clean_up(engine, interview)
            interview.move_to(
                Status.ERROR,
                by="worker",
                failed_step=step,
                problem=self._masked(sentence),
                **actions.after_failure(interview),
            )
        self.operation.fail(self.token, self._masked(sentence))

    def _clean_up(self, engine: Provisioner, interview: Interview) -> None:
        try:
            engine.destroy(workspace_of(interview), self.log)
        except ProvisionError as error:
            # The next try adopts it, and the end of the interview tears it down again.
            self.log(f"Could not clean up: {error.sentence}", level="error")

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
        except (Stopping, NotMine, LostRace, PynamoDBException):
            raise
        except ProvisionError as error:
            self._try_later(interview, error.step, error.sentence)
            return
        except Exception as error:
            logger.exception("teardown_failed", operation=self.operation.id)
            reason = str(error) if isinstance(error, archive.NotStored) else type(error).__name__
            self._try_later(interview, self.operation.step or "destroy", reason)
            return
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
            stored = archive.store(path, archive.key_of(interview.id, self.operation.id))
        interview.change(
            history_s3_key=stored.key,
            archive_bytes=stored.bytes,
            archive_sha256=stored.sha256,
        )
        self.log(f"Saved and verified: {stored.bytes} bytes.")

    def _try_later(self, interview: Interview, step: str, sentence: str) -> None:
        delay = BACK_OFF[min(int(self.operation.attempts), len(BACK_OFF)) - 1]
        sentence = self._masked(sentence)
        self.log(f"Failed at {step}: {sentence} Trying again in {delay} s.", level="error")
        interview.change(failed_step=step, problem=sentence)
        self.operation.put_back(self.token, until=now() + timedelta(seconds=delay), error=sentence)

    # -- whose turn it is --------------------------------------------------------------------------

    def _previous_let_go(self) -> bool:
        """Void the operations that this one replaced; False: one's worker is still at it, so this
        operation was put back for a moment. Two never act on one workspace."""
        previous = models.get(self.operation.waits_for or "")
        while previous is not None:
            previous.cancel()
            previous.refresh(consistent_read=True)
            if previous.is_leased:
                self.operation.put_back(self.token, until=now() + BLOCKED_FOR)
                return False
            if previous.status != models.State.CANCELLED:
                break
            # One that was cancelled may never have waited for those before it.
            previous = models.get(previous.waits_for or "")
        return True

    def _still_mine(self, interview: Interview) -> None:
        """NotMine: the lease was lost, or the interview went on without this operation."""
        current = queries.get(interview.id)
        if (
            self.lease.lost
            or current is None
            or current.operation_id != self.operation.id
            or current.status != interview.status
        ):
            raise NotMine(self.operation.id)

    def _superseded(self) -> None:
        """Stop. What was cancelled with nobody coming after it is cleaned up here."""
        self.operation.cancel()
        interview = queries.get(self.operation.interview_id)
        if (
            interview is not None
            and interview.state is Status.ERROR
            and interview.operation_id == self.operation.id
            and interview.provisioner
            and not self.lease.lost
        ):
            self._clean_up(provisioner(interview.provisioner), interview)

    def _void(self) -> None:
        """No interview points here: the click that wrote it lost, or is about to point."""
        if self.operation.created_at + VOID_AFTER > now():
            self.operation.put_back(self.token, until=now() + models.RING_AGAIN)
        else:
            self.operation.cancel()

    # -- what staff reads --------------------------------------------------------------------------

    def log(self, message: str, level: str = "info") -> None:
        models.log(self.operation, self._masked(message), level=level)

    def _step(self, step: str, sentence: str) -> None:
        if stopping.is_set():
            raise Stopping
        self.operation.begin(self.token, step)
        self.log(f"{sentence}.")

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


def _ring_next(operation: Operation) -> None:
    """Whoever waited for this operation's lease need not wait for the schedule's tick."""
    interview = queries.get(operation.interview_id)
    if interview is None or interview.operation_id in (None, operation.id):
        return
    if interview.state is Status.DESTROYING or interview.state in PROVISIONING:
        bell.ring(str(interview.operation_id))
