"""Delete kept progress together with its interview."""

import contextlib

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews import queries
from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS, StoreUnavailableError
from operations.progress.keys import TOP_FOLDER, folder_of, number_of
from operations.progress.models import ProgressState, ProgressWatch

logger = structlog.get_logger(__name__)


def count_progress_of(interview_id: str) -> int:
    """How many states are kept of the interview."""
    return ProgressState.objects.filter(interview_id=interview_id).count()


def delete_progress_of(interview_id: str) -> int:
    """Delete all kept states, and return how many there were.

    The watch comes first: a worker that keeps one meanwhile finds its claim gone, and deletes what
    it stored.

    Raises:
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    ProgressWatch.objects.filter(pk=interview_id).delete()
    deleted = ProgressState.objects.filter(interview_id=interview_id).delete()[0]
    _delete_folder(interview_id)
    return deleted


def delete_progress_of_sitting(interview: Interview) -> None:
    """Delete what was kept in this sitting: staff chose that its files are not saved.

    What an earlier sitting has refers to nothing that was stored later. As the watch goes first, a
    worker that keeps a state meanwhile deletes what it stored, or has written its row before. If
    states stay, a new watch counts what they have in the store: a later sitting gets no more room.

    Raises:
        StoreUnavailableError: if the storage fails. What is left is deleted by calling it again.
    """
    sitting = int(interview.reopened or 0) + 1
    states = ProgressState.objects.filter(interview_id=interview.id)
    ProgressWatch.objects.filter(pk=interview.id).delete()
    states.filter(sitting=sitting).delete()
    last = states.last()
    try:
        left_bytes = _delete_folder(interview.id, after=last.number if last is not None else 0)
    except STORAGE_ERRORS as error:
        logger.warning("progress_not_deleted", interview=interview.id, reason=str(error))
        raise StoreUnavailableError from error
    if last is not None:
        ProgressWatch.objects.update_or_create(
            pk=interview.id, defaults={"due_at": timezone.now(), "stored_bytes": left_bytes}
        )


def delete_left_progress() -> None:
    """Delete what workers stored that died while their interview was deleted."""
    try:
        with contextlib.suppress(FileNotFoundError):
            for interview_id in default_storage.listdir(TOP_FOLDER)[0]:
                is_known = ProgressWatch.objects.filter(pk=interview_id).exists()
                if not is_known and queries.get_interview(interview_id) is None:
                    _delete_folder(interview_id)
                    logger.info("left_progress_deleted", interview=interview_id)
    except Exception:
        logger.exception("left_progress_not_deleted")


def _delete_folder(interview_id: str, *, after: int = 0) -> int:
    """Delete the folder, or the files in it that were stored with a later state than that.

    Return the bytes of the files that stay.
    """
    folder = folder_of(interview_id)
    # Lists that were replaced had once the number of the next state.
    left = ProgressState.objects.filter(interview_id=interview_id)
    keys = set(left.values_list("key", flat=True)) if after else set()
    left_bytes = 0
    with contextlib.suppress(FileNotFoundError):
        for name in default_storage.listdir(folder)[1]:
            key = f"{folder}/{name}"
            if not after or (number_of(name) > after and key not in keys):
                default_storage.delete(key)
            else:
                left_bytes += default_storage.size(key)
        if not after:
            default_storage.delete(folder)
    return left_bytes
