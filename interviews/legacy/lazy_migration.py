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

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from pynamodb.constants import NULL
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from interviews.challenges.library import challenge_name
from interviews.dynamodb import is_condition_failure, now, update_actions
from interviews.legacy import ids, is_enabled, models, old_items
from interviews.legacy.mapping import is_migrated, to_interview
from interviews.legacy.models import (
    ACTIVATED,
    ACTIVE,
    COPYING,
    Takehome,
    interview_id_of,
)
from interviews.legacy.stored_rows import get_joined, get_stored, read_takehome
from interviews.models import OUTBOX_PENDING, Interview, StaleWriteError
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
            if _reserve(old, joined.id):
                _mark_activated(old)
                return Outcome.ALREADY_MIGRATED
        else:
            interview = to_interview(old, joined)
            if joined is None and is_starting(old):
                return Outcome.DEFERRED
            if _reserve(old, interview.id):
                # Index it first, so that a search finds every existing interview.
                index.index_interview(interview, name_of(interview.challenge))
                is_written = (
                    _complete_interview(joined, interview)
                    if joined
                    else _put_interview(interview, old)
                )
                if is_written:
                    _mark_activated(old)
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


def _reserve(old: Takehome, interview_id: str) -> bool:
    """Do step 1; return False if the row changed since it was read."""
    changes = {}
    if old.interview_id != interview_id:
        changes["interview_id"] = interview_id
    if old.status == ACTIVE:
        changes["status"] = COPYING
    return not changes or _update_takehome(old, changes)


def _mark_activated(old: Takehome) -> None:
    """Do step 3; a concurrent caller does the same."""
    if old.status == COPYING:
        _update_takehome(old, {"status": ACTIVATED})


def _update_takehome(old: Takehome, changes: dict[str, Any]) -> bool:
    """Update an old row; return False if it changed since it was read."""
    as_read = _unchanged(Takehome.status, old.status) & _unchanged(
        Takehome.interview_id, old.interview_id
    )
    return _conditional_update(old, update_actions(Takehome, changes), as_read)


def _put_interview(interview: Interview, old: Takehome) -> bool:
    """Do step 2 if the old portal made no row; return False if another writer made one."""
    if old.is_created_here:
        # Its creation was not relayed yet.
        interview.outbox, interview.outbox_done = OUTBOX_PENDING, None
    interview.write_id = secrets.token_hex(8)
    try:
        interview.save(Interview.id.does_not_exist())
    except PutError as error:
        if not is_condition_failure(error):
            raise
        row = get_stored(interview.id)
        return row is not None and row.write_id == interview.write_id
    return True


def _complete_interview(row: Interview, interview: Interview) -> bool:
    """Do step 2 if there is a row: write the attributes in which the interview differs from it.

    Returns False if the row changed since it was read.
    """
    before, after = row.attribute_values, interview.attribute_values
    names = (before.keys() | after.keys()) - {"id"}
    changes = {name: after.get(name) for name in names if before.get(name) != after.get(name)} | {
        "write_id": secrets.token_hex(8)
    }
    # Remove these if they are stored as NULL, since every later write has a condition on them.
    changes |= {name: None for name in ("operation_id", "time_changes") if after.get(name) is None}
    as_read = Interview.id.exists() & _unchanged(Interview.status, row.status)
    for attribute, value in (
        (Interview.list_key, row.list_key),
        (Interview.operation_id, row.operation_id),
        (Interview.access_url, row.access_url),
        (Interview.auto_destroy_at, row.auto_destroy_at),
    ):
        as_read &= _unchanged(attribute, value)
    if _conditional_update(row, update_actions(Interview, changes), as_read):
        return True
    current = get_stored(interview.id)
    return current is not None and current.write_id == changes["write_id"]


def _unchanged(attribute: Any, value: Any) -> Condition:
    """Return the condition that an attribute is stored as it was read.

    NULL was read as None, and a time was truncated to seconds.
    """
    condition: Condition
    if value is None:
        condition = attribute.does_not_exist() | Path([attribute.attr_name]).is_type(NULL)
    elif isinstance(value, datetime):
        condition = attribute.between(value, value + timedelta(seconds=1))
    else:
        condition = attribute == value
    return condition


def _conditional_update(row: Interview | Takehome, actions: Any, condition: Condition) -> bool:
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        return False
    return True


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
    if not _complete_interview(row, interview):
        raise StaleWriteError(interview.id)
    interview.on_first_write = None


def is_starting(old: Takehome) -> bool:
    """True if the old portal activated the row but may not have written its interview yet."""
    activated_at = old.activated_at
    return (
        old.status == ACTIVATED and activated_at is not None and activated_at > now() - START_GRACE
    )
