"""Whose workspace is this, and does anybody need it? Read, never written."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from interviews import queries
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations import models
from operations.models import Operation, OperationType
from operations.reaper.models import OrphanReason

# As `Interview.workspace_name` makes them from the second opening on.
OPENED_AGAIN = re.compile(r"(.+)-([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Verdict:
    """`why` nobody needs it, None where somebody does; and whose it was, where that is known."""

    why: OrphanReason | None
    interview: Interview | None = None
    opening: int = 0

    @property
    def must_be_saved(self) -> bool:
        """Could it hold files of a candidate that are not in the store for certain?"""
        row = self.interview
        if row is None:
            return False
        if row.history_s3_key is not None and int(row.archive_of or 0) == self.opening:
            return False
        if row.history_s3_key is None and row.earlier_archives:
            return False  # it is being deleted, files and all
        current = int(row.reopened or 0)
        if self.opening == current:
            # As at every end: only what was shown to a candidate, and unless staff gave it up.
            return row.ready_at is not None and bool(row.save_files)
        # What was opened again had been saved before; of the openings between nobody can say.
        return self.opening != 0


def possible_ids(name: str) -> list[str]:
    """The interviews that may have a workspace of this name: an id may end like an opening."""
    match = OPENED_AGAIN.fullmatch(name)
    ids = [name] + ([match[1]] if match and int(match[2]) > 1 else [])
    return [id_ for id_ in ids if queries.is_valid_id(id_)]


def read(names: Iterable[str], *more: str) -> dict[str, Interview]:
    """The rows of all that may own these workspaces, and of `more` ids, as they are now: one
    consistent read, however many. A row that is not in the answer is not there."""
    ids = set(chain(more, *(possible_ids(name) for name in names)))
    if not ids:
        return {}
    return {row.id: row for row in Interview.batch_get(list(ids), consistent_read=True)}


def classify(name: str, rows: Mapping[str, Interview]) -> Verdict:
    """By the rows alone. In doubt somebody needs it."""
    found = [rows[id_] for id_ in possible_ids(name) if id_ in rows]
    for row in found:
        # Also where another portal has written a status that is none of ours.
        if row.workspace_name == name and row.status not in FINAL:
            return Verdict(None, row, int(row.reopened or 0))
    if not found:
        return Verdict(OrphanReason.STRANGER)
    row = found[0]
    opening = 0 if row.id == name else int(name.rpartition("-")[2]) - 1
    return Verdict(
        OrphanReason.OVER if row.status in FINAL else OrphanReason.OTHER_OPENING, row, opening
    )


def is_being_worked_on(name: str, rows: Mapping[str, Interview]) -> bool:
    """Does a start wait, or has a worker an operation, of any interview that may own it?

    A worker that was replaced counts as well, as long as it holds its lease: it may be inside an
    engine call.
    """
    for id_ in possible_ids(name):
        operations = models.of_interview(id_)
        if id_ in rows:
            # The index may be late, but not for the operation that the row points at.
            current = models.get(rows[id_].operation_id or "")
            operations += [current] if current is not None else []
        if any(map(_is_at_it, operations)):
            return True
    return False


def _is_at_it(operation: Operation) -> bool:
    starts = operation.type != OperationType.DESTROY
    return operation.is_leased or (starts and operation.is_unfinished)


def look_again(name: str) -> Verdict | None:
    """The verdict as everything is at this moment; None: somebody is at work on it."""
    rows = read([name])
    verdict = classify(name, rows)
    return None if verdict.why and is_being_worked_on(name, rows) else verdict


def unneeded(names: Collection[str], rows: Mapping[str, Interview]) -> dict[str, Verdict | None]:
    """The verdict on each that is not needed; None for one that somebody is at work on."""
    found: dict[str, Verdict | None] = {}
    for name in names:
        verdict = classify(name, rows)
        if verdict.why is not None:
            found[name] = None if is_being_worked_on(name, rows) else verdict
    return found
