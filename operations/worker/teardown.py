"""The end of a workspace: save the files, have the store confirm them, destroy."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview
from operations import archive
from operations.models import LeaseLostError
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import ProvisionError
from operations.worker import fencing
from operations.worker.handler import (
    INTERRUPTIONS,
    UNEXPECTED,
    OperationHandler,
    workspace_of,
)

BACK_OFF = (5, 10, 30, 60, 120, 300, 600)  # seconds between the tries of a teardown


class TeardownHandler(OperationHandler):
    """A destroy operation: tried again until it is done."""

    def handle(self, interview: Interview) -> None:
        if interview.state in FINAL:
            interview.announce()
            self.operation.succeed(self.token)
            return
        try:
            self._save_files(interview)
            if interview.provisioner:
                self.step("destroy", "Destroying the workspace")
                provisioner(interview.provisioner).destroy(workspace_of(interview), self.log)
        except INTERRUPTIONS:
            raise
        except ProvisionError as error:
            self._try_later(interview, error.step, error.sentence)
        except (archive.ArchiveNotStoredError, ImproperlyConfigured) as error:
            self._try_later(interview, self.operation.step or "destroy", str(error))
        except Exception:  # noqa: BLE001 - reported, with its traceback
            self.report("teardown_failed")
            self._try_later(interview, self.operation.step or "destroy", UNEXPECTED)
        else:
            self._gone(interview)

    def _gone(self, interview: Interview) -> None:
        url = interview.access_url
        revoked = interview.end_reason == EndReason.REVOKED
        interview.move_to(
            Status.REVOKED if revoked else Status.COMPLETED,
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
            self.log(_left_alone(url), level="error")
        self.operation.succeed(self.token)

    def _save_files(self, interview: Interview) -> None:
        """Only a workspace that was shown to a candidate holds anything of theirs."""
        if interview.ready_at is None or not interview.save_files or interview.is_saved:
            return
        if not interview.provisioner:
            return
        self.step("save", "Saving the candidate's files")
        engine = provisioner(str(interview.provisioner))
        key = archive.key_of(interview.id, f"{self.operation.id}-{self.token}")
        stored = archive.save(engine, workspace_of(interview), key)
        try:
            fencing.ensure_still_owner(self.operation, self.token, interview)
        except LeaseLostError:
            # Somebody else saved it, or it was deleted: nobody will ever ask for this one.
            default_storage.delete(stored.key)
            raise
        interview.change(**archive.as_last(interview, stored))
        self.log(f"Saved and verified: {stored.bytes} bytes.")

    def _try_later(self, interview: Interview, step: str, sentence: str) -> None:
        delay = BACK_OFF[min(int(self.operation.failures), len(BACK_OFF) - 1)]
        sentence = self.masked(sentence)
        self.log(f"Failed at {step}: {sentence} Trying again in {delay} s.", level="error")
        interview.change(failed_step=step, problem=sentence)
        self.operation.requeue(self.token, until=now() + timedelta(seconds=delay), error=sentence)


def _left_alone(url: str | None) -> str:
    """Of a workspace that another portal started, which nothing here can reach."""
    where = f" at {url}" if url else ""
    return (
        f"The workspace{where} was not started by this platform, so it was neither saved nor "
        "destroyed here. If it still runs, end it where it was started."
    )
