"""Find the interview of a workspace and decide if it is still needed; this only reads."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from interviews import queries
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations import models
from operations.lifecycle import OperationType
from operations.models import Operation
from operations.reaper.models import OrphanReason

# The names that `Interview.workspace_name` returns from the second sitting on, and after the first
# machine that was lost.
REOPENED_NAME = re.compile(r"(.+)-([1-9][0-9]{0,5})")
MOVED_NAME = re.compile(r"(.+)-m([1-9][0-9]{0,2})")


@dataclass(frozen=True)
class Classification:
    """The interview of a workspace, if it is known, and why the workspace is no longer needed."""

    reason: OrphanReason | None
    """None if the workspace is needed."""
    interview: Interview | None = None
    name: str = ""
    """The workspace's."""
    reopened: int = 0
    """How often the interview had been reopened when the workspace was created."""
    machines_lost: int = 0
    """How many machines it had lost then."""

    @property
    def is_left_behind(self) -> bool:
        """Whether its interview left it on a machine that was down."""
        row = self.interview
        return row is not None and self.machines_lost < int(row.machines_lost or 0)

    @property
    def must_be_saved(self) -> bool:
        """Return whether it may hold a candidate's files that are not certainly in the store."""
        row = self.interview
        if row is None or self.machines_lost > int(row.machines_lost or 0):
            return False  # of the latter, the interview never came to have it
        if row.history_s3_key is None and not all(
            each.is_left_behind for each in row.earlier_archives
        ):
            return False  # the interview is being deleted, including its files
        if self.is_left_behind:
            # Whatever was saved of the sitting, it is not what this workspace had in the end.
            is_saved = any(each.left_behind == self.name for each in row.earlier_archives)
            return bool(row.save_files) and not is_saved
        if row.history_s3_key is not None and int(row.archive_of or 0) == self.reopened:
            return False
        current = int(row.reopened or 0)
        if self.reopened == current:
            # As at every end: only if a candidate saw it, and staff did not give up its files.
            return row.ready_at is not None and bool(row.save_files)
        # The first sitting was saved before the reopening; for those in between it is unknown.
        return self.reopened != 0


def possible_ids(name: str) -> list[str]:
    """Return the ids of interviews that may own this name: an id may also end in `-2` or `-m1`."""
    return [id_ for id_ in _owners(name) if queries.is_valid_id(id_)]


def _owners(name: str) -> dict[str, tuple[int, int]]:
    """How often each possible owner of the name was reopened, and how many machines it had lost,
    by its id."""
    found = {name: (0, 0)}
    moved = MOVED_NAME.fullmatch(name)
    for sitting, lost in ((name, 0), *([(moved[1], int(moved[2]))] if moved else [])):
        found.setdefault(sitting, (0, lost))
        reopened = REOPENED_NAME.fullmatch(sitting)
        if reopened and int(reopened[2]) > 1:
            found.setdefault(reopened[1], (int(reopened[2]) - 1, lost))
    return found


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
            lost = int(row.machines_lost or 0)
            return Classification(None, row, name, int(row.reopened or 0), lost)
    if not owners:
        return Classification(OrphanReason.UNKNOWN_INTERVIEW)
    row = owners[0]
    reason = OrphanReason.OVER if row.status in FINAL else OrphanReason.OTHER_OPENING
    found = Classification(reason, row, name, *_owners(name)[row.id])
    return replace(found, reason=OrphanReason.LEFT_BEHIND) if found.is_left_behind else found


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
    return None if _is_busy(name, classification, rows) else classification


def _is_busy(name: str, found: Classification, rows: Mapping[str, Interview]) -> bool:
    """Whether an operation may still need the workspace, or be about to.

    Those of an interview that left it are on another one, and it must not go on beside that.
    """
    if found.reason in (None, OrphanReason.LEFT_BEHIND):
        return False
    return has_operation_in_progress(name, rows)


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
            is_busy = _is_busy(name, classification, rows)
            unneeded[name] = None if is_busy else classification
    return unneeded
