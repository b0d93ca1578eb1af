"""One claimed operation in the hands of one worker: what every kind of work has in common."""

import contextlib
import threading
import traceback
from datetime import timedelta

import structlog
from pynamodb.exceptions import PynamoDBException

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview, StaleWriteError
from operations import operation_log
from operations.models import LeaseLostError, Operation, OperationType
from operations.provisioners import get as provisioner
from operations.provisioners.base import ProvisionError, Workspace
from operations.worker import fencing
from operations.worker.lease import Lease

logger = structlog.get_logger(__name__)

# Set when this worker is asked to stop: work in hand is given back for the next one.
shutting_down = threading.Event()

UNEXPECTED = "An unexpected error; the worker's log has it."


class WorkerShutdown(Exception):
    """The worker is going down."""


# Not failures of the work: somebody else decides, or nobody can write anything now.
INTERRUPTIONS = (WorkerShutdown, LeaseLostError, StaleWriteError, PynamoDBException)


class OperationHandler:
    """One claimed operation. Every step may be repeated by the next worker."""

    def __init__(self, operation: Operation, token: str, lease: Lease) -> None:
        self.operation = operation
        self.token = token
        self.lease = lease
        self.secrets: list[str] = []
        # Of the opening that this worker began on: the row may be at another one when it ends.
        self.engine: str | None = None
        self.workspace: Workspace | None = None

    def run(self) -> None:
        """Carry it out, if it is this operation's turn; or leave it as the next one needs it."""
        try:
            interview = queries.get_interview(self.operation.interview_id)
            if interview is None or interview.operation_id != self.operation.id:
                fencing.discard_unreferenced(self.operation, self.token)
                return
            self.engine = interview.provisioner
            self.workspace = workspace_of(interview)
            self.secrets = [text for text in (interview.password, interview.passcode) if text]
            if fencing.predecessor_released(self.operation, self.token):
                self.handle(interview)
        except (WorkerShutdown, LeaseLostError, StaleWriteError):
            self._stop()
        except PynamoDBException:
            # Nothing can be written now. The lease runs out, and the schedule rings again.
            self.report("tables_away")

    def handle(self, interview: Interview) -> None:
        """The work itself; each kind has its own."""
        raise NotImplementedError

    def _stop(self) -> None:
        """Somebody decided otherwise, or this worker goes down: leave it as the next one needs it.

        Where the operation is still to be done it is given back, if it still is ours to give. Where
        it was voided with nobody coming after it, what it made is cleaned up here.
        """
        interview = queries.get_interview(self.operation.interview_id)
        is_current = interview is not None and interview.operation_id == self.operation.id
        if interview is not None and is_current and interview.state is not Status.ERROR:
            with contextlib.suppress(LeaseLostError):
                later = timedelta(0) if shutting_down.is_set() else fencing.BLOCKED_FOR
                self.operation.requeue(self.token, until=now() + later)
            return
        self.operation.cancel()
        if (
            self.workspace is None
            or not self.engine
            or self.operation.type == OperationType.DESTROY
        ):
            return
        with contextlib.suppress(LeaseLostError):
            is_of_now = (
                interview is not None
                and interview.state not in FINAL
                and interview.workspace_name == self.workspace.id
            )
            # What was made after the teardown, or for an opening that is over, is nobody's. In an
            # error it may be the next try's by now, unless the lease is still held.
            if is_of_now:
                if not is_current:
                    return
                self.operation.renew(self.token)
            self.clean_up(self.engine, self.workspace)

    def clean_up(self, engine: str, workspace: Workspace) -> None:
        try:
            provisioner(engine).destroy(workspace, self.log)
        except ProvisionError as error:
            # The next try adopts it, and the end of the interview tears it down again.
            self.log(f"Could not clean up: {error.sentence}", level="error")
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self.report("clean_up_failed")
            self.log(f"Could not clean up: {UNEXPECTED}", level="error")

    def log(self, message: str, level: str = "info") -> None:
        operation_log.add(self.operation, self.masked(message), level=level)

    def step(self, step: str, sentence: str) -> None:
        if shutting_down.is_set():
            raise WorkerShutdown
        self.operation.begin(self.token, step)
        self.lease.next_step()
        self.log(f"{sentence}.")

    def report(self, event: str) -> None:
        """The exception in hand, for whoever runs the platform; an engine's may quote a secret."""
        trace = self.masked(traceback.format_exc())
        logger.error(event, operation=self.operation.id, exception=trace)

    def masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "•••")
        return text


def workspace_of(interview: Interview) -> Workspace:
    """What the row knows of the interview's workspace."""
    return Workspace(
        id=interview.workspace_name,
        url=interview.access_url,
        password=interview.password,
        state=interview.workspace_state or {},
        ends_at=interview.auto_destroy_at,
    )
