"""Find the submission of an interview, and make its index: after the end, or when it is opened.

The row names the archives, and an index belongs to one of them. Making it again is harmless: it has
the same content at the same key.
"""

import shutil
import threading
from contextlib import closing, suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO

import structlog
from django.core.files import File
from django.core.files.storage import default_storage

from interviews import queries
from interviews.challenges.storage import BrokenChallengeError
from interviews.events import SubmissionFailed, publish
from interviews.models import Interview
from operations.archives import archive
from operations.archives.archive import CHUNK, STORAGE_ERRORS
from operations.provisioners.temporary_folder import temporary_folder
from operations.queue import dispatch
from operations.submissions.entries import BudgetExceededError
from operations.submissions.index import build_index
from operations.submissions.index.database import BrokenIndexError
from operations.submissions.index.records import Summary
from operations.submissions.keys import index_key
from operations.submissions.starting import StartingVersion
from operations.submissions.stored_file import open_stored
from operations.submissions.submission import Submission

logger = structlog.get_logger(__name__)

# What a request may unpack for an index that is not there yet: a fraction of a second.
REQUEST_BUDGET = 32 * 1024 * 1024
# Interviews whose indexes a worker process makes at once. A large archive takes a processor for
# many seconds, and starts need the same threads.
MAX_AT_ONCE = 2
# When a process that makes so many, or these already, is asked again.
BUSY_RETRY_DELAY = timedelta(seconds=2)
# Archives that were too large for a request of this process, by their keys.
MAX_REMEMBERED = 1_000


_being_indexed: set[str] = set()
_lock = threading.Lock()
_too_large: set[str] = set()


class SubmissionNotReadyError(Exception):
    """A worker is making the index of a large archive. Its interview is announced after that."""


class SubmissionMissingError(Exception):
    """The store does not have the archive, or there is no such archive."""


def archive_keys(interview: Interview) -> list[str]:
    """The archives of an interview, oldest first; a submission is named by its place in it."""
    return [each.key for each in archive.earlier_archives(interview)]


def open_submission(interview: Interview, place: int) -> Submission:
    """Open the submission at this place, and make its index now if that is quick.

    Raises:
        SubmissionMissingError: if the archive is not stored.
        SubmissionNotReadyError: if its index takes longer; a worker makes it.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    keys = archive_keys(interview)
    if not 0 <= place < len(keys):
        raise SubmissionMissingError
    with suppress(FileNotFoundError, BrokenIndexError):
        return Submission.open(keys[place], _index_key(interview, keys[place]))
    try:
        if keys[place] not in _too_large:
            _make_index(interview, keys[place], budget=REQUEST_BUDGET)
            return Submission.open(keys[place], _index_key(interview, keys[place]))
    except FileNotFoundError:
        raise SubmissionMissingError from None
    except BudgetExceededError:
        _remember_too_large(keys[place])
    except BrokenIndexError:
        pass
    dispatch.enqueue_submission_index(interview.id)
    raise SubmissionNotReadyError


def open_indexed(interview: Interview) -> Submission | None:
    """Open the latest submission if it has its index; none is made.

    Raises:
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    keys = archive_keys(interview)
    with suppress(FileNotFoundError, BrokenIndexError, IndexError):
        return Submission.open(keys[-1], _index_key(interview, keys[-1]))
    return None


def _remember_too_large(key: str) -> None:
    """Whoever asks again meanwhile is not worth another try, which ends like the first."""
    if len(_too_large) >= MAX_REMEMBERED:
        _too_large.clear()
    _too_large.add(key)


def summary_of(interview: Interview, place: int = -1) -> Summary | None:
    """The totals of a submission, the latest by default, if it is there and has its index."""
    keys = archive_keys(interview)
    with suppress(BrokenIndexError, IndexError, *STORAGE_ERRORS):
        return _read_summary(keys[place], _index_key(interview, keys[place]))
    return None


@lru_cache(maxsize=1000)
def _read_summary(key: str, stored_index: str) -> Summary:
    """The same again for a page that is refreshed. Errors are not kept."""
    with Submission.open(key, stored_index) as submission:
        return submission.summary()


def delete_index(interview: Interview, place: int) -> None:
    """Delete an index that cannot be read, so that it is made again."""
    default_storage.delete(_index_key(interview, archive_keys(interview)[place]))


def index_submissions(interview_id: str) -> None:
    """Make the missing indexes of an interview, and announce which are made and which failed.

    A process that makes these already, or MAX_AT_ONCE others, is asked again a little later:
    everybody who opens a submission asks, and most find then that the indexes are there.
    """
    with _lock:
        is_busy = interview_id in _being_indexed or len(_being_indexed) >= MAX_AT_ONCE
        if not is_busy:
            _being_indexed.add(interview_id)
    if is_busy:
        dispatch.enqueue_submission_index(interview_id, delay=BUSY_RETRY_DELAY)
        return
    try:
        _make_missing_indexes(interview_id)
    finally:
        _being_indexed.discard(interview_id)


def _make_missing_indexes(interview_id: str) -> None:
    interview = queries.get_interview(interview_id)
    if interview is None:
        return
    made = False
    for place, key in enumerate(archive_keys(interview)):
        try:
            if not _has_index(interview, key):
                _make_index(interview, key)
                made = True
        except (BrokenChallengeError, *STORAGE_ERRORS) as error:
            # It is made when somebody opens it. Who waits for it now can ask again.
            logger.warning("submission_not_indexed", interview=interview_id, reason=str(error))
            publish(SubmissionFailed(interview_id=interview_id, opening=place))
    if made:
        interview.announce()


def _index_key(interview: Interview, key: str) -> str:
    return index_key(archive.archive_folder(interview.id), key)


def _has_index(interview: Interview, key: str) -> bool:
    try:
        Submission.open(key, _index_key(interview, key)).close()
    except (FileNotFoundError, BrokenIndexError):
        return False
    return True


def _make_index(interview: Interview, key: str, *, budget: int | None = None) -> None:
    """Make and store the index of an archive.

    Raises:
        FileNotFoundError: if the archive is not stored.
        BudgetExceededError: if more than `budget` bytes would have to be unpacked.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    version = StartingVersion.of(interview)
    try:
        starting = version.files() if version is not None else None
    except BrokenChallengeError as error:
        logger.warning("submission_not_compared", interview=interview.id, reason=str(error))
        starting = None
    with temporary_folder() as folder:
        path = folder / "index"
        with _local_copy(key, folder / "archive", budget) as file:
            build_index(file, path, starting, budget=budget)
        stored = _index_key(interview, key)
        with path.open("rb") as file:
            default_storage.save(stored, File(file))
    # A deletion removes the archive first and then looks for what is beside it: one of the two sees
    # that the other was here.
    if not default_storage.exists(key):
        default_storage.delete(stored)
        raise FileNotFoundError(key)
    logger.info("submission_indexed", interview=interview.id, key=stored)


def _local_copy(key: str, path: Path, budget: int | None) -> IO[bytes]:
    """The archive as a local file. One that is too large for a request is not copied.

    Raises:
        BudgetExceededError: if the packed archive alone exceeds the budget.
    """
    source = open_stored(key)
    with suppress(NotImplementedError):
        default_storage.path(key)
        return source
    with closing(source):
        if budget is not None and source.seek(0, 2) > budget:
            raise BudgetExceededError
        source.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(source, copy, CHUNK)
    return path.open("rb")
