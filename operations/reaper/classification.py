"""Find the interview of a workspace and decide if it is still needed; this only reads."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from interviews import queries
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations import models
from operations.lifecycle import OperationType
from operations.models import Operation
from operations.reaper.models import OrphanReason

# The names that `Interview.workspace_name` returns from the second sitting on.
REOPENED_NAME = re.compile(r"(.+)-([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Classification:
    """The interview of a workspace, if it is known, and why the workspace is no longer needed."""

    reason: OrphanReason | None
    """None if the workspace is needed."""
    interview: Interview | None = None
    reopened: int = 0
    """How often the interview had been reopened when the workspace was created."""

    @property
    def must_be_saved(self) -> bool:
        """Return whether it may hold a candidate's files that are not certainly in the store."""
        row = self.interview
        if row is None:
            return False
        if row.history_s3_key is not None and int(row.archive_of or 0) == self.reopened:
            return False
        if row.history_s3_key is None and row.earlier_archives:
            return False  # the interview is being deleted, including its files
        current = int(row.reopened or 0)
        if self.reopened == current:
            # As at every end: only if a candidate saw it, and staff did not give up its files.
            return row.ready_at is not None and bool(row.save_files)
        # The first sitting was saved before the reopening; for those in between it is unknown.
        return self.reopened != 0


def possible_ids(name: str) -> list[str]:
    """Return the ids of interviews that may own this name: an id may also end in `-2`."""
    match = REOPENED_NAME.fullmatch(name)
    ids = [name] + ([match[1]] if match and int(match[2]) > 1 else [])
    return [id_ for id_ in ids if queries.is_valid_id(id_)]


def read_interviews(names: Iterable[str], *extra_ids: str) -> dict[str, Interview]:
    """Read all interviews that may own these workspaces, and `extra_ids`, in one consistent batch.

    An interview that is not in the result does not exist.
    """
    ids = set(chain(extra_ids, *(possible_ids(name) for name in names)))
    if not ids:
        return {}
    return {row.id: row for row in Interview.batch_get(list(ids), consistent_read=True)}


def classify(name: str, rows: Mapping[str, Interview]) -> Classification:
    """Classify a workspace by the rows alone; in doubt it is needed."""
    owners = [rows[id_] for id_ in possible_ids(name) if id_ in rows]
    for row in owners:
        # Any other status counts as needed, also one that only another portal knows.
        if row.workspace_name == name and row.status not in FINAL:
            return Classification(None, row, int(row.reopened or 0))
    if not owners:
        return Classification(OrphanReason.UNKNOWN_INTERVIEW)
    row = owners[0]
    reopened = 0 if row.id == name else int(name.rpartition("-")[2]) - 1
    return Classification(
        OrphanReason.OVER if row.status in FINAL else OrphanReason.OTHER_OPENING, row, reopened
    )


def has_operation_in_progress(name: str, rows: Mapping[str, Interview]) -> bool:
    """Return whether an interview that may own it has an unfinished start or a leased operation.

    A lease counts even if its operation was replaced: the worker may be inside an engine call.
    """
    for id_ in possible_ids(name):
        operations = models.list_operations(id_)
        if id_ in rows:
            # The index may lag behind, so also read the operation that the row refers to.
            current = models.get_operation(rows[id_].operation_id or "")
            operations += [current] if current is not None else []
        if any(map(_is_in_progress, operations)):
            return True
    return False


def _is_in_progress(operation: Operation) -> bool:
    starts = operation.type != OperationType.DESTROY
    return operation.is_leased or (starts and operation.is_unfinished)


def reclassify(name: str) -> Classification | None:
    """Classify a workspace with fresh rows; return None if an operation on it is in progress."""
    rows = read_interviews([name])
    classification = classify(name, rows)
    if classification.reason and has_operation_in_progress(name, rows):
        return None
    return classification


def classify_unneeded(
    names: Collection[str], rows: Mapping[str, Interview]
) -> dict[str, Classification | None]:
    """Classify the workspaces, and return those that are not needed.

    The value is None if an operation on the workspace is in progress.
    """
    unneeded: dict[str, Classification | None] = {}
    for name in names:
        classification = classify(name, rows)
        if classification.reason is not None:
            is_busy = has_operation_in_progress(name, rows)
            unneeded[name] = None if is_busy else classification
    return unneeded
