"""The base class of the operation handlers."""

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
from operations.lifecycle import OperationType
from operations.models import LeaseLostError, Operation
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import ProvisionError, Workspace
from operations.reaper import classification
from operations.worker import fencing
from operations.worker.lease import Lease

logger = structlog.get_logger(__name__)

# Set when this worker process is asked to stop. Handlers then requeue their operation.
shutdown_requested = threading.Event()

UNEXPECTED_ERROR = "Unexpected error. See the worker's log."


class WorkerShutdown(Exception):
    """This worker process is shutting down."""


# These do not fail the operation: another process takes over, or the tables are unavailable.
INTERRUPTIONS = (WorkerShutdown, LeaseLostError, StaleWriteError, PynamoDBException)


class OperationHandler:
    """Runs one claimed operation. The next worker may repeat every step."""

    def __init__(self, operation: Operation, token: str, lease: Lease) -> None:
        self.operation = operation
        self.token = token
        self.lease = lease
        self.secrets: list[str] = []
        # The engine and workspace at the start of this run. The interview may have been reopened
        # in another workspace by the time the run ends.
        self.engine: str | None = None
        self.workspace: Workspace | None = None

    def run(self) -> None:
        """Run the operation if its predecessors have let go; otherwise requeue or cancel it."""
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
            self._abandon()
        except PynamoDBException:
            # Nothing can be written. The lease expires, and the reconciler dispatches it again.
            self.log_exception("tables_away")

    def handle(self, interview: Interview) -> None:
        """Do the work of this type of operation."""
        raise NotImplementedError

    def _abandon(self) -> None:
        """Requeue the operation if it is still wanted; otherwise cancel it and clean up.

        The operation was interrupted: another process changed the interview, or this worker is
        shutting down. A cancelled operation may have no successor, so its workspace is destroyed
        here.
        """
        interview = queries.get_interview(self.operation.interview_id)
        is_current = interview is not None and interview.operation_id == self.operation.id
        if interview is not None and is_current and interview.state is not Status.ERROR:
            with contextlib.suppress(LeaseLostError):
                delay = timedelta(0) if shutdown_requested.is_set() else fencing.PREDECESSOR_RECHECK
                self.operation.requeue(self.token, until=now() + delay)
            return
        self.operation.cancel()
        if (
            self.workspace is None
            or not self.engine
            or self.operation.type == OperationType.DESTROY
        ):
            return
        with contextlib.suppress(LeaseLostError):
            if interview is not None and self._is_left_behind(interview, self.workspace):
                # The reaper saves its files first.
                return
            is_workspace_in_use = (
                interview is not None
                and interview.state not in FINAL
                and interview.workspace_name == self.workspace.id
            )
            # A workspace that was created after the teardown, or for an earlier sitting, belongs to
            # no operation. After an error it may belong to the next attempt, unless this worker
            # still holds the lease.
            if is_workspace_in_use:
                if not is_current:
                    return
                self.operation.renew(self.token)
            is_done = self.clean_up(self.engine, self.workspace)
            self.operation.record_clean_up(self.token, is_done=is_done)

    @staticmethod
    def _is_left_behind(interview: Interview, workspace: Workspace) -> bool:
        """Whether the interview left it on a machine that was down, and so with files."""
        return classification.classify(workspace.id, {interview.id: interview}).is_left_behind

    def clean_up(self, engine: str, workspace: Workspace) -> bool:
        """Remove the workspace, and return whether that succeeded.

        If not, the next attempt reuses the workspace, and the teardown tries to destroy it again.
        """
        try:
            provisioner(engine).destroy(workspace, self.log)
        except ProvisionError as error:
            self.log(f"Couldn't clean up: {error.sentence}", level="error")
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self.log_exception("clean_up_failed")
            self.log(f"Couldn't clean up: {UNEXPECTED_ERROR}", level="error")
        else:
            return True
        return False

    def log(self, message: str, level: str = "info") -> None:
        operation_log.add_line(self.operation, self.mask_secrets(message), level=level)

    def begin_step(self, step: str, sentence: str) -> None:
        """Record and log the next step.

        Raises:
            WorkerShutdown: if this worker process is asked to stop.
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        if shutdown_requested.is_set():
            raise WorkerShutdown
        self.operation.begin_step(self.token, step)
        self.lease.restart_step_timeout()
        self.log(f"{sentence}.")

    def log_exception(self, event: str) -> None:
        """Log the current exception for operators. Mask secrets, as an engine may quote one."""
        trace = self.mask_secrets(traceback.format_exc())
        logger.error(event, operation=self.operation.id, exception=trace)

    def mask_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "•••")
        return text


def workspace_of(interview: Interview) -> Workspace:
    """The interview's workspace, from the attributes of its row."""
    return Workspace(
        id=interview.workspace_name,
        url=interview.access_url,
        password=interview.password,
        state=interview.workspace_state or {},
    )
