"""The first action on an old row makes it one of ours; `migrate` does the same to all of them.

Each step is one conditional write on one row, in this order:

1. The old row is the arbiter, since it is all that the old portal looks at. What may still be
   started there goes from `active` to `copying` and is given the id of its interview, if it is
   `active` still. The old portal starts nothing that is not `active`, so from here on nobody starts
   it but us; and where the old portal was first, this fails, and its interview is the one that
   counts. Rows that nobody can start any more are only given the id.
2. The row in `interviews` is put, if there is none of that id: of two at once one does it. Where
   the old portal made one, it is given what it lacks, if it is as it was read.
3. `copying` becomes `activated`: with the id on it the old portal shows how the interview stands.

Killed after 1, a row is `copying` and has no copy: it reads as the invitation that it was, so its
passcode goes on working, and the next touch, or the schedule, does the rest. Killed after 2, the
copy is there and counts; 3 is done by whoever comes next. An old row is never deleted here, but
with its interview (`forget`).
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

from interviews.challenges import library
from interviews.dynamodb import is_condition_failure, now, update_actions
from interviews.legacy import ids, is_enabled, models
from interviews.legacy.mapping import is_migrated, to_interview
from interviews.legacy.models import (
    ACTIVATED,
    ACTIVE,
    COPYING,
    Takehome,
    interview_id_of,
)
from interviews.models import OUTBOX_PENDING, Interview, StaleWriteError
from interviews.search import index

# An old portal that has just activated a row is about to write the interview of it.
START_GRACE = timedelta(minutes=2)
# Nobody changes a row so often in a row.
MAX_RACES = 10


class Outcome(StrEnum):
    """What `copy` did."""

    COPIED = "copied"
    # The old portal's row of `interviews` was given what it lacked.
    JOINED = "joined"
    # It was ours already.
    THERE = "there"
    # The old portal is in the middle of starting it: nothing was written.
    LATER = "later"


def challenge_name(challenge_id: str) -> str:
    """What people call a challenge; its id, where the library has it no longer."""
    challenge = library.get_challenge(challenge_id)
    return str(challenge.name) if challenge is not None else challenge_id


def copy_takehome(old: Takehome, *, name_of: Callable[[str], str] = challenge_name) -> Outcome:
    """Make its interview one of ours; may be repeated, and anybody else may write meanwhile.

    Raises Unreadable, with nothing written, Takehome.DoesNotExist where the row went away, and
    StaleWriteError where others were faster again and again.
    """
    for _ in range(MAX_RACES):
        models.check_row(old)
        joined = get_joined(old)
        if joined is not None and is_migrated(joined):
            if _reserve(old, joined.id):
                _mark_activated(old)
                return Outcome.THERE
        else:
            interview = to_interview(old, joined)
            if joined is None and is_starting(old):
                return Outcome.LATER
            if _reserve(old, interview.id):
                # First, so that what exists can be found.
                index.index_interview(interview, name_of(interview.challenge))
                done = (
                    _complete_interview(joined, interview)
                    if joined
                    else _put_interview(interview, old)
                )
                if done:
                    _mark_activated(old)
                    return Outcome.JOINED if joined else Outcome.COPIED
        old = Takehome.get(old.passcode, consistent_read=True)
    raise StaleWriteError(interview_id_of(old))


def get_joined(old: Takehome) -> Interview | None:
    """Its row in `interviews` as stored: the one of its id, or another one of its passcode."""
    row = get_stored(interview_id_of(old))
    return get_stored_by_passcode(old.passcode) if row is None and old.interview_id is None else row


def get_stored_by_passcode(passcode: str) -> Interview | None:
    """A row of `interviews` with this passcode, as stored."""
    for found in Interview.passcode_index.query(passcode, limit=1):
        return get_stored(found.id)
    return None


def get_migrated(old: Takehome) -> Interview | None:
    """The interview of ours that stands for it, or None where there is none yet."""
    row = get_joined(old)
    return row if row is not None and is_migrated(row) else None


def get_stored(interview_id: str) -> Interview | None:
    """A row of `interviews` as it is, whoever wrote it (a consistent read)."""
    try:
        return Interview.get(interview_id, consistent_read=True)
    except Interview.DoesNotExist:
        return None


def lazy_from_takehome(old: Takehome, joined: Interview | None) -> Interview:
    """Its interview, to be read, and made ours by the first write to it. Raises Unreadable."""
    interview = to_interview(old, joined)
    interview.on_first_write = partial(_migrate_old_takehome, old.passcode)
    return interview


def lazy_from_row(row: Interview, as_read: Interview) -> Interview:
    """The same of an old row of `interviews`. `as_read`: what it stands for."""
    as_read.on_first_write = partial(_migrate_old_row, row)
    return as_read


def migrate_on_write(interview: Interview) -> None:
    """Make it one of ours if it is none yet. StaleWriteError: it is no longer what was read."""
    if interview.on_first_write is not None:
        interview.on_first_write(interview)


def create_takehome(interview: Interview) -> None:
    """Write a new take-home to the old table, as the old portal has them; its passcode follows
    from its id. StaleWriteError: the id or the passcode is taken."""
    row = Takehome.from_raw_data(models.to_old_item(interview))
    try:
        row.save(Takehome.passcode.does_not_exist())
    except PutError as error:
        if not is_condition_failure(error):
            raise
        raise StaleWriteError(interview.id) from None
    as_read = lazy_from_takehome(row, None)
    interview.attribute_values = as_read.attribute_values
    interview.on_first_write = as_read.on_first_write
    interview.announce()


def delete_takehome(interview: Interview) -> None:
    """The interview is being deleted for good: its old row goes first, or it would come back."""
    if not is_enabled() or not interview.is_take_home or interview.passcode is None:
        return
    try:
        Takehome(interview.passcode).delete(Takehome.interview_id == interview.id)
    except DeleteError as error:
        # There is none, or it stands for another.
        if not is_condition_failure(error):
            raise


def unfinished_migrations() -> Iterator[str]:
    """The ids of rows whose copying was cut short, as `ids.minted` makes them: passcodes are in no
    log. Nearly always none."""
    if is_enabled():
        rows_left = Takehome.status_index.query(COPYING, limit=100)
        yield from (ids.id_for_passcode(row.passcode) for row in rows_left)


def finish_migration(minted: str) -> None:
    """Copy the rest of a row whose copying was cut short."""
    row = read_takehome(ids.passcode_from_id(minted) or "-")
    if row is not None and row.status == COPYING:
        copy_takehome(row)


def read_takehome(passcode: str) -> Takehome | None:
    """The old row of a passcode (a consistent read)."""
    try:
        return Takehome.get(passcode, consistent_read=True)
    except Takehome.DoesNotExist:
        return None


def _reserve(old: Takehome, interview_id: str) -> bool:
    """Step 1; False: the row is no longer as it was read."""
    changes = {}
    if old.interview_id != interview_id:
        changes["interview_id"] = interview_id
    if old.status == ACTIVE:
        changes["status"] = COPYING
    return not changes or _update_takehome(old, changes)


def _mark_activated(old: Takehome) -> None:
    """Step 3; whoever was faster has done the same."""
    if old.status == COPYING:
        _update_takehome(old, {"status": ACTIVATED})


def _update_takehome(old: Takehome, changes: dict[str, Any]) -> bool:
    """Write to an old row that is as it was read; False: it is not."""
    as_read = _unchanged(Takehome.status, old.status) & _unchanged(
        Takehome.interview_id, old.interview_id
    )
    return _conditional_update(old, update_actions(Takehome, changes), as_read)


def _put_interview(interview: Interview, old: Takehome) -> bool:
    """Step 2, where the old portal made no row; False: somebody else made one."""
    if old.is_from_here:
        # Nobody was told yet that it was created.
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
    """Step 2, where there is a row: write what the interview has and the row has not."""
    before, after = row.attribute_values, interview.attribute_values
    names = (before.keys() | after.keys()) - {"id"}
    changes = {name: after.get(name) for name in names if before.get(name) != after.get(name)} | {
        "write_id": secrets.token_hex(8)
    }
    # Where they are NULL, they are from here on not there: every write of ours looks at them.
    changes |= {name: None for name in ("operation_id", "time_changes") if after.get(name) is None}
    as_read = Interview.id.exists() & _unchanged(Interview.status, row.status)
    for attribute, value in (
        (Interview.tab, row.tab),
        (Interview.operation_id, row.operation_id),
        (Interview.access_url, row.access_url),
        (Interview.auto_destroy_at, row.auto_destroy_at),
    ):
        as_read &= _unchanged(attribute, value)
    if _conditional_update(row, update_actions(Interview, changes), as_read):
        return True
    there = get_stored(interview.id)
    return there is not None and there.write_id == changes["write_id"]


def _unchanged(attribute: Any, value: Any) -> Condition:
    """Is it stored as it was read? NULL was read as nothing, and a time to the second."""
    found: Condition
    if value is None:
        found = attribute.does_not_exist() | Path([attribute.attr_name]).is_type(NULL)
    elif isinstance(value, datetime):
        found = attribute.between(value, value + timedelta(seconds=1))
    else:
        found = attribute == value
    return found


def _conditional_update(row: Interview | Takehome, actions: Any, condition: Condition) -> bool:
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        return False
    return True


def _migrate_old_takehome(passcode: str, interview: Interview) -> None:
    """The hook of what is read of the old table. StaleWriteError: it has become another
    interview."""
    old = read_takehome(passcode)
    try:
        if old is None or copy_takehome(old) is Outcome.LATER:
            raise StaleWriteError(interview.id)
    except (Takehome.DoesNotExist, models.UnreadableRowError):
        raise StaleWriteError(interview.id) from None
    there = read_takehome(passcode)
    if there is not None and interview_id_of(there) != interview.id:
        raise StaleWriteError(interview.id)
    interview.on_first_write = None


def _migrate_old_row(row: Interview, interview: Interview) -> None:
    """The hook of an old row of `interviews`. StaleWriteError: it is no longer as it was read."""
    index.index_interview(interview, challenge_name(interview.challenge))
    if not _complete_interview(row, interview):
        raise StaleWriteError(interview.id)
    interview.on_first_write = None


def is_starting(old: Takehome) -> bool:
    begun = old.activated_at
    return old.status == ACTIVATED and begun is not None and begun > now() - START_GRACE
