"""Bringing a workspace up: for the first time, after an error, after a reopening, after a crash."""

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
from operations.models import LeaseLostError, OperationType
from operations.provisioners import get as provisioner
from operations.provisioners.base import Provisioner, ProvisionError, Spec
from operations.queue import enqueue
from operations.start_times import statistics
from operations.worker import fencing
from operations.worker.handler import (
    INTERRUPTIONS,
    UNEXPECTED,
    OperationHandler,
    WorkerShutdown,
    shutting_down,
    workspace_of,
)
from operations.worker.lease import STEP_LIMIT

logger = structlog.get_logger(__name__)

# A workspace that has not answered for this long after its infrastructure was up has failed.
READY_WITHIN = timedelta(minutes=5)
PROVISION_AGAIN = timedelta(seconds=20)


class ProvisionHandler(OperationHandler):
    """A create or a restart operation."""

    def handle(self, interview: Interview) -> None:
        if interview.state is Status.ERROR or interview.state in FINAL:
            raise LeaseLostError(self.operation.id)
        if interview.state is Status.ACTIVE and self.operation.type == OperationType.CREATE:
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
            self.report("provisioning_failed")
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
        self.step("provision", "Provisioning the workspace")
        with self._spec(interview) as spec:
            self._provision(interview, engine, spec)
            self.step("configure", "Waiting until the workspace answers")
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
        self._measured(interview)

    def _provision(self, interview: Interview, engine: Provisioner, spec: Spec) -> None:
        """Have it there, and write down where: it may have moved since the last time."""
        workspace = engine.provision(spec, self.log)
        fencing.ensure_still_owner(self.operation, self.token, interview)
        found: dict[str, Any] = {"access_url": workspace.url, "workspace_state": workspace.state}
        if interview.state is Status.INITIALIZING:
            interview.move_to(Status.CONFIGURING, by="worker", **found)
        elif found != {name: getattr(interview, name) for name in found}:
            interview.change(**found)

    @contextlib.contextmanager
    def _spec(self, interview: Interview) -> Iterator[Spec]:
        with tempfile.TemporaryDirectory(prefix="takehome-") as folder:
            version = library.get_version(interview.challenge, _number(interview))
            memory_mb = version.memory_mb if version is not None else None
            # What a candidate works in is never begun anew.
            files, saved = None, None
            if self.operation.type != OperationType.RESTART:
                files = _starting_files(interview, version)
                saved = _saved_files(interview, Path(folder))
            yield Spec(
                interview_id=interview.workspace_name,
                password=str(interview.password),
                files=files,
                ends_at=interview.auto_destroy_at or now(),
                archive=saved,
                cpus=version.cpus if version is not None else None,
                memory_mb=int(memory_mb) if memory_mb is not None else None,
            )

    def _measured(self, interview: Interview, problem: str | None = None) -> None:
        """What a start took: nobody waits for it, so what fails here fails nothing else."""
        if self.operation.type != OperationType.CREATE:
            return
        took = (self.operation.done_at or now()) - (self.operation.queued_at or now())
        try:
            if problem is None:
                statistics.record_start_time(self.operation, interview)
            if interview.is_dry_run:
                library.record_dry_run(
                    interview.challenge,
                    _number(interview),
                    took.total_seconds() if problem is None else None,
                    interview.id,
                    problem,
                )
        except Exception:
            logger.exception("start_not_measured", operation=self.operation.id)

    def _wait_until_ready(self, interview: Interview, engine: Provisioner, spec: Spec) -> None:
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
                    self._provision(interview, engine, spec)
            except ProvisionError as error:
                unseen = f" ({error.sentence})"
            if shutting_down.wait(pause):
                raise WorkerShutdown
            pause = min(pause * 1.3, 10)
            fencing.ensure_still_owner(self.operation, self.token, interview)
        minutes = int(READY_WITHIN.total_seconds() // 60)
        raise ProvisionError(
            "configure", f"The workspace did not answer within {minutes} minutes{unseen}."
        )

    def _failed(self, interview: Interview, step: str, sentence: str) -> None:
        sentence = self.masked(sentence)
        self.log(f"Failed at {step}: {sentence}", level="error")
        # Only while it is ours: this write is refused where another worker took over, who may have
        # brought it up long ago.
        self.operation.begin(self.token, step)
        if interview.state is Status.ACTIVE:
            # Its clock stands still, and the next look tries again; staff sees what is wrong.
            interview.change(failed_step=step, problem=sentence)
        # Only what no candidate has worked in yet.
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
        self._measured(interview, problem=sentence)


def _number(interview: Interview) -> int | None:
    return None if interview.challenge_version is None else int(interview.challenge_version)


def _starting_files(interview: Interview, version: models.Version | None) -> dict[str, bytes]:
    if interview.reopened:
        return {}
    if version is None:
        raise ProvisionError("provision", "The challenge is no longer in the library.")
    try:
        return library.read_files(version)
    except storage.BrokenChallengeError as error:
        raise ProvisionError("provision", str(error)) from None


def _saved_files(interview: Interview, folder: Path) -> Path | None:
    """What was saved at the end before, for a test that was opened again."""
    if not interview.reopened or not interview.history_s3_key:
        return None
    try:
        return archive.fetch(interview, folder / "files.tar.gz")
    except archive.ArchiveNotStoredError as error:
        raise ProvisionError("provision", str(error)) from None
