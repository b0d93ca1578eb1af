"""Create and restart operations: provision a workspace and wait until it is ready.

No worker waits for long: a run that finds the workspace not ready soon releases the operation until
the next readiness check, which is another run.
"""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

from interviews.challenges import library, models
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from operations import deadlines, practice
from operations.admission import gate
from operations.archives import archive
from operations.lifecycle import OperationType
from operations.models import LeaseLostError, Operation
from operations.progress import restore
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import (
    MachineDownError,
    NoRoomError,
    Provisioner,
    ProvisionError,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.queue import dispatch, enqueue
from operations.start_times import statistics
from operations.worker import breaker, fencing, relocation
from operations.worker.handler import (
    INTERRUPTIONS,
    UNEXPECTED_ERROR,
    OperationHandler,
    WorkerShutdown,
    shutdown_requested,
    workspace_of,
)
from operations.worker.lease import STEP_TIMEOUT, Lease
from operations.worker.workspace_spec import limits_of, version_number, workspace_spec

logger = structlog.get_logger(__name__)

# While it does not answer, it is provisioned again this often, in case a part of it died.
PROVISION_AGAIN_AFTER = timedelta(seconds=20)
# So long a start waits for a store of files that does not respond, and so long between two tries.
STORE_PATIENCE = timedelta(minutes=2)
STORE_RETRY_DELAY = timedelta(seconds=5)
# A start for which the engine has no room is tried again after this, where there is no line.
ROOM_RETRY_DELAY = timedelta(seconds=10)
# So long the run that provisioned the workspace waits for it itself, as a fast editor answers then.
BRIEF_WAIT = timedelta(seconds=3)
# The time until the next readiness check: each is longer by a share of the time waited so far.
FIRST_CHECK_DELAY = timedelta(seconds=0.1)
CHECK_DELAY_SHARE = 0.3
MAX_CHECK_DELAY = timedelta(seconds=10)
# A check that is later than this finds a workspace that may have ended with the platform: it is
# provisioned and waited for anew. A worker that died is replaced much sooner.
MAX_CHECK_LATENESS = timedelta(minutes=1)


class ProvisionHandler(OperationHandler):
    """Runs a create or a restart operation."""

    def __init__(self, operation: Operation, token: str, lease: Lease) -> None:
        super().__init__(operation, token, lease)
        self._provisioned_at: datetime = operation.provisioned_at or datetime.now(UTC)
        self._waiting_reason: str | None = operation.waiting_reason
        self._version: models.Version | None = None

    def handle(self, interview: Interview) -> None:
        if interview.state is Status.ERROR or interview.state in FINAL:
            raise LeaseLostError(self.operation.id)
        if interview.state is Status.ACTIVE and self.operation.type == OperationType.CREATE:
            # The previous worker died after it moved the interview and before it closed the
            # operation.
            interview.announce()
            self._record_practised(interview)
            self.operation.succeed(self.token)
            return
        try:
            self._start_workspace(interview, provisioner(str(interview.provisioner)))
        except INTERRUPTIONS:
            raise
        except archive.StoreUnavailableError as error:
            self._retry_later(interview, str(error))
        except breaker.StartsPausedError as error:
            # With a place it may wait for the end of the pause; others wait for nothing.
            if not gate.wait_again(self.operation, self.token, interview):
                self._fail(interview, error.step, error.sentence, was_tried=False)
        except (NoRoomError, MachineDownError) as error:
            self._wait_for_room(interview, error)
        except ProvisionError as error:
            self._fail(interview, error.step, error.sentence)
        except ImproperlyConfigured as error:
            self._fail(interview, "provision", str(error))
        except Exception:  # noqa: BLE001 - logged with its traceback
            self.log_exception("provisioning_failed")
            self._fail(interview, self.operation.step or "provision", UNEXPECTED_ERROR)

    def _retry_later(self, interview: Interview, sentence: str) -> None:
        """Nothing was provisioned yet, so that the start is tried again as if it began now."""
        if (self.operation.started_at or now()) + STORE_PATIENCE < now():
            self._fail(interview, "provision", sentence)
            return
        delay = STORE_RETRY_DELAY
        self.log(f"{sentence} Retrying in {delay.seconds} s.", level="error")
        self.operation.requeue(self.token, until=now() + delay)

    def _wait_for_room(self, interview: Interview, error: NoRoomError | MachineDownError) -> None:
        """Wait in line, where there is one; otherwise try again within the engine's patience.

        A restart waits for the machine of its files like this, too.
        """
        # Until then nothing was made for it.
        is_new = interview.state is Status.ACTIVATED
        self._tell_reason(error.sentence)
        reason = self._waiting_reason
        if is_new and gate.wait_for_room(self.operation, self.token, interview, reason):
            return
        waited = datetime.now(UTC) - self.operation.begun_at
        if interview.is_practice or waited >= provisioner(str(interview.provisioner)).patience:
            self._fail(interview, error.step, error.sentence, was_tried=not is_new)
            return
        until = now() + ROOM_RETRY_DELAY
        if isinstance(error, MachineDownError) and error.lost_at is not None:
            # Rows have whole seconds.
            until = min(until, max(error.lost_at, now()) + timedelta(seconds=1))
        self.operation.requeue(self.token, until=until, waiting_reason=reason)

    def _fail_if_hung(self) -> None:
        started_at = self.operation.started_at
        if started_at is not None and started_at + STEP_TIMEOUT < now():
            minutes = int(STEP_TIMEOUT.total_seconds() // 60)
            step = self.operation.step or "provision"
            raise ProvisionError(step, f"It wasn't done within {minutes} minutes.")

    def _start_workspace(self, interview: Interview, engine: Provisioner) -> None:
        if not self._is_provisioned(interview):
            self._fail_if_hung()
            if interview.state is Status.ACTIVATED:
                self._end_what_it_replaces(interview)
                breaker.check(interview, requested_by=self.operation.requested_by)
                self._reserve(interview, engine, interview.workspace_name)
                interview.move_to(
                    Status.INITIALIZING, by="worker", **self._time_after_wait(interview)
                )
            self.begin_step("provision", "Creating the workspace")
            self._provision(interview, engine)
            self.begin_step("configure", "Waiting for the workspace to respond")
        if self._check_readiness(interview, engine):
            self._complete(interview)

    def _reserve(self, interview: Interview, engine: Provisioner, workspace_name: str) -> None:
        """Have the engine keep room, while the interview can still go back to where it was."""
        cpus, memory_mb = limits_of(self._read_version(interview))
        engine.reserve(workspace_name, cpus, memory_mb, self.log)

    def _time_after_wait(self, interview: Interview) -> dict[str, Any]:
        """A start that waited in line for a place has the whole allowance from now on."""
        if self.operation.admitted_at is None:
            return {}
        return {"auto_destroy_at": enqueue.provisioning_ends_at(interview, now())}

    def _end_what_it_replaces(self, interview: Interview) -> None:
        """End the candidate's practice workspaces, without waiting for that, before their interview
        starts. A practice workspace whose interview has begun meanwhile ends itself.

        Raises:
            LeaseLostError: if this practice workspace is no longer wanted.
        """
        if not interview.is_practice:
            practice.end_practices_of(interview, by="schedule")
        elif not practice.is_still_wanted(interview):
            practice.end_practice(interview, by="schedule")
            raise LeaseLostError(self.operation.id)

    def _is_provisioned(self, interview: Interview) -> bool:
        """Whether an earlier run provisioned the workspace, and this one only checks it again."""
        check_at = self.operation.check_at
        return (
            check_at is not None
            and datetime.now(UTC) - check_at < MAX_CHECK_LATENESS
            and self.operation.step == "configure"
            and interview.state in (Status.CONFIGURING, Status.ACTIVE)
        )

    def _check_readiness(self, interview: Interview, engine: Provisioner) -> bool:
        """Return whether the workspace answers; if not, release the operation until the next check.

        Raises:
            ProvisionError: if it did not answer within the engine's patience.
        """
        waiting_since: datetime = self.operation.steps[-1].at
        while not self._is_ready(interview, engine, waiting_since):
            waited = datetime.now(UTC) - waiting_since
            delay = min(FIRST_CHECK_DELAY + CHECK_DELAY_SHARE * waited, MAX_CHECK_DELAY)
            if waited + delay > BRIEF_WAIT:
                self._release_until_check(delay)
                return False
            # Who lost the operation meanwhile notices it at the next write, which comes soon.
            if shutdown_requested.wait(delay.total_seconds()):
                raise WorkerShutdown
        return True

    def _is_ready(self, interview: Interview, engine: Provisioner, waiting_since: datetime) -> bool:
        last_error = ""
        try:
            readiness = engine.is_ready(workspace_of(interview))
            if readiness.ready:
                return True
            self._tell_reason(readiness.reason)
            last_error = f" ({readiness.reason})" if readiness.reason else ""
            if shutdown_requested.is_set():
                raise WorkerShutdown
            if datetime.now(UTC) - self._provisioned_at > PROVISION_AGAIN_AFTER:
                # The engine keeps the parts that run and starts those that died.
                self._provision(interview, engine)
        except MachineDownError:
            raise
        except ProvisionError as error:
            last_error = f" ({error.sentence})"
        if datetime.now(UTC) - waiting_since >= engine.patience:
            minutes = int(engine.patience.total_seconds() // 60)
            raise ProvisionError(
                "configure", f"The workspace didn't respond within {minutes} minutes{last_error}."
            )
        return False

    def _tell_reason(self, reason: str | None) -> None:
        """Tell staff why the workspace does not answer, once until the reason changes."""
        told = self.mask_secrets(reason) if reason is not None else None
        if told is not None and told != self._waiting_reason:
            self.log(told)
        self._waiting_reason = told

    def _release_until_check(self, delay: timedelta) -> None:
        check_at = datetime.now(UTC) + delay
        self.operation.check_again(
            self.token,
            at=check_at,
            provisioned_at=self._provisioned_at,
            reason=self._waiting_reason,
        )
        type_ = OperationType(self.operation.type)
        dispatch.enqueue_operation(self.operation.id, type_, delay=delay)

    def _complete(self, interview: Interview) -> None:
        if interview.state is Status.CONFIGURING:
            ready_at = now()
            interview.move_to(
                Status.ACTIVE,
                by="worker",
                ready_at=ready_at,
                last_healthy_at=ready_at,
                auto_destroy_at=enqueue.ends_at(interview, ready_at),
            )
            self._record_practised(interview)
        elif interview.restarting or interview.problem:
            deadlines.resume(interview)
        self.log("The workspace is responding.")
        self.operation.succeed(self.token)
        self._record_start(interview)

    def _record_practised(self, interview: Interview) -> None:
        """Tell staff that the candidate practised. An error here is logged and ends no practice."""
        if not interview.is_practice:
            return
        try:
            practice.record_practised(interview)
        except Exception:
            logger.exception("practice_not_recorded", interview=interview.id)

    def _provision(self, interview: Interview, engine: Provisioner) -> None:
        """Provision the workspace and record its address, which may have changed."""
        try:
            workspace = self._provision_or_restore(interview, engine)
            if workspace.id != interview.workspace_name:
                # Its address would let this candidate into somebody else's workspace.
                raise ProvisionError("provision", "The engine responded for another workspace.")
        finally:
            self._provisioned_at = datetime.now(UTC)
        fencing.ensure_still_owner(self.operation, self.token, interview)
        location: dict[str, Any] = {"access_url": workspace.url, "workspace_state": workspace.state}
        if interview.state is Status.INITIALIZING:
            interview.move_to(Status.CONFIGURING, by="worker", **location)
        elif interview.restoring_state is not None:
            restore.record_restored(interview, **location)
        elif location != {name: getattr(interview, name) for name in location}:
            interview.change(**location)

    def _provision_or_restore(self, interview: Interview, engine: Provisioner) -> Workspace:
        """Provision the workspace; one whose files are lost gets those that were kept last.

        One on a machine that is down for long gets them on another machine.
        """
        try:
            with self._spec(interview) as spec:
                return engine.provision(spec, self.log)
        except WorkspaceGoneError:
            if not restore.begin_restore(interview):
                raise
        except MachineDownError as error:
            restoring_state = relocation.state_to_restore(interview, error)
            # Without room elsewhere it waits as it is: its own machine may be the first to be back.
            self._reserve(interview, engine, interview.next_workspace_name)
            fencing.ensure_still_owner(self.operation, self.token, interview)
            relocation.leave_machine(interview, restoring_state)
            self.workspace = workspace_of(interview)
            self.log(f"{error.sentence} The workspace is started on another machine.")
        with self._spec(interview) as spec:
            return engine.provision(spec, self.log)

    def _spec(self, interview: Interview) -> AbstractContextManager[WorkspaceSpec]:
        is_restart = self.operation.type == OperationType.RESTART
        version = self._read_version(interview)
        return workspace_spec(interview, version, is_restart=is_restart, log=self.log)

    def _read_version(self, interview: Interview) -> models.Version | None:
        """The version of the challenge, which is read once in a run."""
        if self._version is None:
            number = version_number(interview)
            self._version = library.get_version(interview.challenge, number)
        return self._version

    def _record_start(self, interview: Interview, problem: str | None = None) -> None:
        """Record how long a start took. An error here is logged and fails nothing else."""
        if self.operation.type != OperationType.CREATE or interview.is_practice:
            return
        if problem is None:
            breaker.record_success(interview)
        else:
            breaker.record_failure(interview, problem)
        operation = self.operation
        duration = (operation.finished_at_precise or now()) - operation.begun_at
        try:
            if problem is None:
                statistics.record_start_time(self.operation, interview)
            if interview.is_dry_run:
                library.record_dry_run(
                    interview.challenge,
                    version_number(interview),
                    duration.total_seconds() if problem is None else None,
                    interview.id,
                    problem,
                )
        except Exception:
            logger.exception("start_not_measured", operation=self.operation.id)

    def _fail(
        self, interview: Interview, step: str, sentence: str, *, was_tried: bool = True
    ) -> None:
        """Record the failure. A start that was not tried is none of the candidate's attempts."""
        sentence = self.mask_secrets(sentence)
        self.log(f"Failed at {step}: {sentence}", level="error")
        # This write fails if another worker took over, which may have started the workspace.
        self.operation.begin_step(self.token, step)
        if interview.state is Status.ACTIVE:
            # The candidate's clock is paused, and the next health check restarts the workspace.
            interview.change(failed_step=step, problem=sentence)
        # Destroy the workspace only if no candidate has worked in it yet.
        is_clean = True
        if interview.state in PROVISIONING:
            if was_tried:
                is_clean = self.clean_up(str(interview.provisioner), workspace_of(interview))
            interview.move_to(
                Status.ERROR,
                by="worker",
                attempts=int(interview.attempts) - (not was_tried),
                failed_step=step,
                problem=sentence,
                **enqueue.changes_after_failure(interview),
            )
        self.operation.fail(self.token, sentence, is_left=not is_clean)
        if was_tried:
            self._record_start(interview, problem=sentence)
