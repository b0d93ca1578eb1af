"""Migrate an old row on the first write to it; `migration.migrate` does the same for all rows.

Each step is one conditional write on one row, in this order:

1. The old row decides races, since the old portal reads nothing else. A row that may still be
   started goes from `active` to `copying`, if it is still `active`, and gets the id of its
   interview. The old portal only starts `active` rows, so from then on only this platform can start
   it. If the old portal was first, the write fails, and the old portal's interview counts. A row
   that cannot be started any more only gets the id.
2. The row in `interviews` is put if none has that id, so that one of two concurrent writers
   succeeds. A row that the old portal made gets its missing attributes, if it is unchanged.
3. `copying` becomes `activated`: with the id, the old portal shows the state of the interview.

A process killed after step 1 leaves a `copying` row without a copy. It still is an invitation,
so its passcode keeps working, and the next write or the periodic job finishes the migration. After
step 2 the copy counts, and the next caller does step 3. An old row is only deleted together with
its interview (`delete_takehome`).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import StrEnum
from functools import partial

from pynamodb.exceptions import DeleteError, PutError

from interviews.challenges.library import challenge_name
from interviews.dynamodb import is_condition_failure, now
from interviews.legacy import ids, is_enabled, models, old_items
from interviews.legacy.mapping import is_migrated, to_interview
from interviews.legacy.migration_steps import (
    complete_interview,
    mark_activated,
    put_interview,
    reserve,
)
from interviews.legacy.models import (
    ACTIVATED,
    COPYING,
    Takehome,
    interview_id_of,
)
from interviews.legacy.stored_rows import get_joined, read_takehome
from interviews.models import Interview, StaleWriteError
from interviews.search import index

# How long after activating a row the old portal may still write its interview.
START_GRACE = timedelta(minutes=2)
# Give up after this many lost races.
MAX_RACES = 10


class Outcome(StrEnum):
    """The result of `copy_takehome`."""

    COPIED = "copied"
    # The old portal's row of `interviews` got its missing attributes.
    JOINED = "joined"
    # It was migrated already.
    ALREADY_MIGRATED = "there"
    # The old portal is starting it right now; nothing was written.
    DEFERRED = "later"


def copy_takehome(old: Takehome, *, name_of: Callable[[str], str] = challenge_name) -> Outcome:
    """Migrate an old row to `interviews`. Idempotent, and safe against concurrent writers.

    Raises:
        UnreadableRowError: if the row is invalid; then nothing is written.
        Takehome.DoesNotExist: if the row was deleted.
        StaleWriteError: if it lost MAX_RACES races.
    """
    for _ in range(MAX_RACES):
        models.check_row(old)
        joined = get_joined(old)
        if joined is not None and is_migrated(joined):
            if reserve(old, joined.id):
                mark_activated(old)
                return Outcome.ALREADY_MIGRATED
        else:
            interview = to_interview(old, joined)
            if joined is None and is_starting(old):
                return Outcome.DEFERRED
            if reserve(old, interview.id):
                # Index it first, so that a search finds every existing interview.
                index.index_interview(interview, name_of(interview.challenge))
                is_written = (
                    complete_interview(joined, interview)
                    if joined
                    else put_interview(interview, old)
                )
                if is_written:
                    mark_activated(old)
                    return Outcome.JOINED if joined else Outcome.COPIED
        old = Takehome.get(old.passcode, consistent_read=True)
    raise StaleWriteError(interview_id_of(old))


def lazy_from_takehome(old: Takehome, joined: Interview | None) -> Interview:
    """Return the interview of an old row; the first write to it migrates it.

    Raises:
        UnreadableRowError: if the row is invalid.
    """
    interview = to_interview(old, joined)
    interview.on_first_write = partial(_migrate_old_takehome, old.passcode)
    return interview


def lazy_from_row(row: Interview, as_read: Interview) -> Interview:
    """Return `as_read`, the interview of an old row of `interviews`, with its migration hook."""
    as_read.on_first_write = partial(_migrate_old_row, row)
    return as_read


def migrate_on_write(interview: Interview) -> None:
    """Migrate the interview if it is not migrated yet.

    Raises:
        StaleWriteError: if its old row changed since it was read.
    """
    if interview.on_first_write is not None:
        interview.on_first_write(interview)


def create_takehome(interview: Interview) -> None:
    """Write a new take-home test to the old table; its passcode is derived from its id.

    Raises:
        StaleWriteError: if the id or the passcode is taken.
    """
    item = old_items.to_old_item(interview)
    row = Takehome.from_raw_data(item)
    try:
        # `save` would write only the attributes that the old table's model has.
        Takehome._get_connection().put_item(
            row.passcode, condition=Takehome.passcode.does_not_exist(), attributes=item
        )
    except PutError as error:
        if not is_condition_failure(error):
            raise
        raise StaleWriteError(interview.id) from None
    as_read = lazy_from_takehome(row, None)
    interview.attribute_values = as_read.attribute_values
    interview.on_first_write = as_read.on_first_write
    interview.announce()


def delete_takehome(interview: Interview) -> bool:
    """Delete the old row of an interview before the interview, which it would bring back.

    Returns whether there was one.
    """
    if not is_enabled() or not interview.is_take_home or interview.passcode is None:
        return False
    try:
        Takehome(interview.passcode).delete(Takehome.interview_id == interview.id)
    except DeleteError as error:
        # There is no such row, or it belongs to another interview.
        if not is_condition_failure(error):
            raise
        return False
    return True


def unfinished_migrations() -> Iterator[str]:
    """Yield the ids of rows whose migration was interrupted; nearly always none.

    The ids are derived from the passcodes, since passcodes must not appear in logs.
    """
    if is_enabled():
        rows_left = Takehome.status_index.query(COPYING, limit=100)
        yield from (ids.id_for_passcode(row.passcode) for row in rows_left)


def finish_migration(id_: str) -> None:
    """Finish the interrupted migration of the row with this derived id."""
    row = read_takehome(ids.passcode_from_id(id_) or "-")
    if row is not None and row.status == COPYING:
        copy_takehome(row)


def _migrate_old_takehome(passcode: str, interview: Interview) -> None:
    """Migrate an interview that was read from the old table, before the first write to it.

    Raises:
        StaleWriteError: if the old row became another interview since.
    """
    old = read_takehome(passcode)
    try:
        if old is None or copy_takehome(old) is Outcome.DEFERRED:
            raise StaleWriteError(interview.id)
    except (Takehome.DoesNotExist, models.UnreadableRowError):
        raise StaleWriteError(interview.id) from None
    current = read_takehome(passcode)
    if current is not None and interview_id_of(current) != interview.id:
        raise StaleWriteError(interview.id)
    interview.on_first_write = None


def _migrate_old_row(row: Interview, interview: Interview) -> None:
    """Migrate an old row of `interviews`, before the first write to it.

    Raises:
        StaleWriteError: if the row changed since it was read.
    """
    index.index_interview(interview, challenge_name(interview.challenge))
    if not complete_interview(row, interview):
        raise StaleWriteError(interview.id)
    interview.on_first_write = None


def is_starting(old: Takehome) -> bool:
    """True if the old portal activated the row but may not have written its interview yet."""
    activated_at = old.activated_at
    return (
        old.status == ACTIVATED and activated_at is not None and activated_at > now() - START_GRACE
    )
