"""The steps of migrating one old row, each one conditional write; the order: `lazy_migration`."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from pynamodb.constants import NULL
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from interviews.dynamodb import is_condition_failure, update_actions
from interviews.legacy.models import (
    ACTIVATED,
    ACTIVE,
    COPYING,
    Takehome,
)
from interviews.legacy.stored_rows import get_stored
from interviews.models import OUTBOX_PENDING, Interview


def reserve(old: Takehome, interview_id: str) -> bool:
    """Do step 1; return False if the row changed since it was read."""
    changes = {}
    if old.interview_id != interview_id:
        changes["interview_id"] = interview_id
    if old.status == ACTIVE:
        changes["status"] = COPYING
    return not changes or _update_takehome(old, changes)


def mark_activated(old: Takehome) -> None:
    """Do step 3; a concurrent caller does the same."""
    if old.status == COPYING:
        _update_takehome(old, {"status": ACTIVATED})


def _update_takehome(old: Takehome, changes: dict[str, Any]) -> bool:
    """Update an old row; return False if it changed since it was read."""
    as_read = _unchanged(Takehome.status, old.status) & _unchanged(
        Takehome.interview_id, old.interview_id
    )
    return _conditional_update(old, update_actions(Takehome, changes), as_read)


def put_interview(interview: Interview, old: Takehome) -> bool:
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


def complete_interview(row: Interview, interview: Interview) -> bool:
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
