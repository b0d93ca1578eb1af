"""Create and restart operations: provision a workspace and wait until it is ready."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

from interviews.challenges import library, models, storage
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from operations import archive, deadlines
from operations.lifecycle import OperationType
from operations.models import LeaseLostError
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import Provisioner, ProvisionError, WorkspaceSpec
from operations.queue import enqueue
from operations.start_times import statistics
from operations.worker import fencing
from operations.worker.handler import (
    INTERRUPTIONS,
    UNEXPECTED_ERROR,
    OperationHandler,
    WorkerShutdown,
    shutdown_requested,
    workspace_of,
)
from operations.worker.lease import STEP_TIMEOUT

logger = structlog.get_logger(__name__)

# A workspace fails if it does not answer within this time after it was provisioned.
READY_TIMEOUT = timedelta(minutes=5)
# While it does not answer, it is provisioned again this often, in case a part of it died.
PROVISION_AGAIN_AFTER = timedelta(seconds=20)


class ProvisionHandler(OperationHandler):
    """Runs a create or a restart operation."""

    def handle(self, interview: Interview) -> None:
        if interview.state is Status.ERROR or interview.state in FINAL:
            raise LeaseLostError(self.operation.id)
        if interview.state is Status.ACTIVE and self.operation.type == OperationType.CREATE:
            # The previous worker died after it moved the interview and before it closed the
            # operation.
            interview.announce()
            self.operation.succeed(self.token)
            return
        try:
            self._fail_if_hung()
            self._start_workspace(interview, provisioner(str(interview.provisioner)))
        except INTERRUPTIONS:
            raise
        except ProvisionError as error:
            self._fail(interview, error.step, error.sentence)
        except ImproperlyConfigured as error:
            self._fail(interview, "provision", str(error))
        except Exception:  # noqa: BLE001 - logged with its traceback
            self.log_exception("provisioning_failed")
            self._fail(interview, self.operation.step or "provision", UNEXPECTED_ERROR)

    def _fail_if_hung(self) -> None:
        started_at = self.operation.started_at
        if started_at is not None and started_at + STEP_TIMEOUT < now():
            minutes = int(STEP_TIMEOUT.total_seconds() // 60)
            step = self.operation.step or "provision"
            raise ProvisionError(step, f"It was not done within {minutes} minutes.")

    def _start_workspace(self, interview: Interview, engine: Provisioner) -> None:
        if interview.state is Status.ACTIVATED:
            interview.move_to(Status.INITIALIZING, by="worker")
        self.begin_step("provision", "Provisioning the workspace")
        with self._workspace_spec(interview) as spec:
            self._provision(interview, engine, spec)
            self.begin_step("configure", "Waiting until the workspace answers")
            self._wait_until_ready(interview, engine, spec)
        if interview.state is Status.CONFIGURING:
            ready_at = now()
            interview.move_to(
                Status.ACTIVE,
                by="worker",
                ready_at=ready_at,
                last_healthy_at=ready_at,
                auto_destroy_at=enqueue.ends_at(interview, ready_at),
            )
        elif interview.restarting or interview.problem:
            deadlines.resume(interview)
        self.log("The workspace answers.")
        self.operation.succeed(self.token)
        self._record_start(interview)

    def _provision(self, interview: Interview, engine: Provisioner, spec: WorkspaceSpec) -> None:
        """Provision the workspace and record its address, which may have changed."""
        workspace = engine.provision(spec, self.log)
        fencing.ensure_still_owner(self.operation, self.token, interview)
        location: dict[str, Any] = {"access_url": workspace.url, "workspace_state": workspace.state}
        if interview.state is Status.INITIALIZING:
            interview.move_to(Status.CONFIGURING, by="worker", **location)
        elif location != {name: getattr(interview, name) for name in location}:
            interview.change(**location)

    @contextlib.contextmanager
    def _workspace_spec(self, interview: Interview) -> Iterator[WorkspaceSpec]:
        with tempfile.TemporaryDirectory(prefix="takehome-") as folder:
            version = library.get_version(interview.challenge, _version_number(interview))
            memory_mb = version.memory_mb if version is not None else None
            # A restart passes no files: the candidate's work must not be overwritten.
            files, saved_files = None, None
            if self.operation.type != OperationType.RESTART:
                files = _challenge_files(interview, version)
                saved_files = _saved_files(interview, Path(folder))
            yield WorkspaceSpec(
                workspace_name=interview.workspace_name,
                password=str(interview.password),
                files=files,
                ends_at=interview.auto_destroy_at or now(),
                archive=saved_files,
                cpus=version.cpus if version is not None else None,
                memory_mb=int(memory_mb) if memory_mb is not None else None,
            )

    def _record_start(self, interview: Interview, problem: str | None = None) -> None:
        """Record how long a start took. An error here is logged and fails nothing else."""
        if self.operation.type != OperationType.CREATE:
            return
        operation = self.operation
        duration = (operation.finished_at_precise or now()) - (operation.queued_at or now())
        try:
            if problem is None:
                statistics.record_start_time(self.operation, interview)
            if interview.is_dry_run:
                library.record_dry_run(
                    interview.challenge,
                    _version_number(interview),
                    duration.total_seconds() if problem is None else None,
                    interview.id,
                    problem,
                )
        except Exception:
            logger.exception("start_not_measured", operation=self.operation.id)

    def _wait_until_ready(
        self, interview: Interview, engine: Provisioner, spec: WorkspaceSpec
    ) -> None:
        delay, last_error = 0.25, ""
        deadline = time.monotonic() + READY_TIMEOUT.total_seconds()
        provision_at = time.monotonic() + PROVISION_AGAIN_AFTER.total_seconds()
        while time.monotonic() < deadline:
            try:
                if engine.is_ready(workspace_of(interview)):
                    return
                last_error = ""
                if time.monotonic() > provision_at:
                    # The engine keeps the parts that run and starts those that died.
                    provision_at = time.monotonic() + PROVISION_AGAIN_AFTER.total_seconds()
                    self._provision(interview, engine, spec)
            except ProvisionError as error:
                last_error = f" ({error.sentence})"
            if shutdown_requested.wait(delay):
                raise WorkerShutdown
            delay = min(delay * 1.3, 10)
            fencing.ensure_still_owner(self.operation, self.token, interview)
        minutes = int(READY_TIMEOUT.total_seconds() // 60)
        raise ProvisionError(
            "configure", f"The workspace did not answer within {minutes} minutes{last_error}."
        )

    def _fail(self, interview: Interview, step: str, sentence: str) -> None:
        sentence = self.mask_secrets(sentence)
        self.log(f"Failed at {step}: {sentence}", level="error")
        # This write fails if another worker took over, which may have started the workspace.
        self.operation.begin_step(self.token, step)
        if interview.state is Status.ACTIVE:
            # The candidate's clock is paused, and the next health check restarts the workspace.
            interview.change(failed_step=step, problem=sentence)
        # Destroy the workspace only if no candidate has worked in it yet.
        if interview.state in PROVISIONING:
            self.clean_up(str(interview.provisioner), workspace_of(interview))
            interview.move_to(
                Status.ERROR,
                by="worker",
                failed_step=step,
                problem=sentence,
                **enqueue.changes_after_failure(interview),
            )
        self.operation.fail(self.token, sentence)
        self._record_start(interview, problem=sentence)


def _version_number(interview: Interview) -> int | None:
    return None if interview.challenge_version is None else int(interview.challenge_version)


def _challenge_files(interview: Interview, version: models.Version | None) -> dict[str, bytes]:
    if interview.reopened:
        return {}
    if version is None:
        raise ProvisionError("provision", "The challenge is no longer in the library.")
    try:
        return library.read_files(version)
    except storage.BrokenChallengeError as error:
        raise ProvisionError("provision", str(error)) from None


def _saved_files(interview: Interview, folder: Path) -> Path | None:
    """The archive of the previous opening, for a reopened test."""
    if not interview.reopened or not interview.history_s3_key:
        return None
    try:
        return archive.fetch_archive(interview, folder / "files.tar.gz")
    except archive.ArchiveNotStoredError as error:
        raise ProvisionError("provision", str(error)) from None
