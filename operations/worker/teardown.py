"""Destroy operations: save the candidate's files, verify the archive, destroy the workspace."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview
from operations import practice
from operations.archives import archive, not_saved
from operations.models import LeaseLostError
from operations.progress import cleanup, keep, restore
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import (
    MachineDownError,
    Provisioner,
    ProvisionError,
    WorkspaceGoneError,
)
from operations.provisioners.temporary_folder import temporary_folder
from operations.queue import dispatch
from operations.worker import fencing, relocation
from operations.worker.handler import (
    INTERRUPTIONS,
    UNEXPECTED_ERROR,
    OperationHandler,
    workspace_of,
)
from operations.worker.workspace_spec import write_starting_files

RETRY_DELAYS = (5, 10, 30, 60, 120, 300, 600)  # seconds between the attempts at a teardown


class TeardownHandler(OperationHandler):
    """Runs a destroy operation, which is retried until it succeeds."""

    def handle(self, interview: Interview) -> None:
        if interview.state in FINAL:
            # The previous worker moved the interview, and died or was refused before it closed the
            # operation.
            interview.announce()
            self._close(interview)
            return
        try:
            if interview.ready_at is None and not interview.is_practice:
                # It was ended before its start came to this.
                practice.end_practices_of(interview, by="schedule")
            self._save_files(interview)
            if interview.provisioner:
                self.begin_step("destroy", "Shutting down the workspace")
                provisioner(interview.provisioner).destroy(workspace_of(interview), self.log)
            if not interview.save_files and not interview.is_practice:
                cleanup.delete_progress_of_sitting(interview)
        except INTERRUPTIONS:
            raise
        except ProvisionError as error:
            self._retry_later(interview, error.step, error.sentence)
        except (archive.ArchiveNotStoredError, ImproperlyConfigured) as error:
            self._retry_later(interview, self.operation.step or "destroy", str(error))
        except Exception:  # noqa: BLE001 - logged with its traceback
            self.log_exception("teardown_failed")
            self._retry_later(interview, self.operation.step or "destroy", UNEXPECTED_ERROR)
        else:
            self._complete(interview)

    def _complete(self, interview: Interview) -> None:
        url = interview.access_url
        is_revoked = interview.end_reason == EndReason.REVOKED
        interview.move_to(
            Status.REVOKED if is_revoked else Status.COMPLETED,
            by="worker",
            completed_at=now(),
            destroyed_at=now() if interview.provisioner else None,
            access_url=None,
            password=None,
            workspace_state=None,
            failed_step=None,
            problem=None,
        )
        if interview.provisioner:
            self.log("The workspace is gone.")
        else:
            self.log(_not_ours_message(url), level="error")
        self._close(interview)

    def _close(self, interview: Interview) -> None:
        """Close the operation of an interview that is over."""
        self.operation.succeed(self.token)
        # Not before: from now on no attempt of this operation can write its key into the row.
        archive.delete_copies_of(interview, self.operation.id)
        if interview.history_s3_key:
            dispatch.enqueue_submission_index(interview.id)

    def _save_files(self, interview: Interview) -> None:
        """Save the files of a workspace that was ready: no candidate has worked in another one."""
        if interview.ready_at is None or not interview.save_files or interview.is_saved:
            return
        if not interview.provisioner:
            return
        self.begin_step("save", "Saving the candidate's files")
        # The minutes since the last turn are part of how the work grew.
        keep.keep_last(interview)
        engine = provisioner(str(interview.provisioner))
        key = archive.archive_key(interview.id, f"{self.operation.id}-{self.token}")
        stored = self._store_files(interview, engine, key)
        try:
            fencing.ensure_still_owner(self.operation, self.token, interview)
        except LeaseLostError:
            # Another worker saved the files, or the interview was deleted: no row has this key.
            default_storage.delete(stored.key)
            raise
        changes = archive.latest_archive_changes(interview, stored)
        if interview.restoring_state is None:
            interview.change(**changes)
        else:
            restore.record_restored(interview, **changes)
        self.log(f"Saved and verified: {stored.bytes} bytes.")
        for line in not_saved.log_lines(stored.not_saved):
            self.log(line)

    def _store_files(
        self, interview: Interview, engine: Provisioner, key: str
    ) -> archive.StoredArchive:
        """Store the workspace's files, or those that were kept last if the workspace is lost.

        Also where a restore was begun: its workspace may have started, and have newer work. Not
        where it left a machine for another one, at whose address no candidate was.
        """
        try:
            if not interview.has_left_machine:
                return archive.save_workspace(engine, workspace_of(interview), interview, key)
        except WorkspaceGoneError:
            if not restore.begin_restore(interview):
                raise
        except MachineDownError as error:
            state = relocation.state_to_restore(interview, error, is_over=True)
            fencing.ensure_still_owner(self.operation, self.token, interview)
            relocation.leave_machine(interview, state)
            self.log(f"{error.sentence} If it comes back, its files are saved beside these.")
        with temporary_folder() as folder:
            path = folder / "files.tar.gz"
            if interview.restoring_state == restore.STARTING_FILES:
                write_starting_files(interview, path)
            else:
                restore.write_archive(interview, path, self.log, step="save")
            return archive.store_archive(path, key)

    def _retry_later(self, interview: Interview, step: str, sentence: str) -> None:
        delay = RETRY_DELAYS[min(int(self.operation.failures), len(RETRY_DELAYS) - 1)]
        sentence = self.mask_secrets(sentence)
        self.log(f"Failed at {step}: {sentence} Retrying in {delay} s.", level="error")
        interview.change(failed_step=step, problem=sentence)
        self.operation.requeue(self.token, until=now() + timedelta(seconds=delay), error=sentence)


def _not_ours_message(url: str | None) -> str:
    """The log line for a workspace that the old portal started and that no engine here reaches."""
    where = f" at {url}" if url else ""
    return (
        f"The workspace{where} wasn't started by this platform, so it was neither saved nor "
        "shut down here. If it's still running, stop it where it was started."
    )
