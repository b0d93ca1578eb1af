"""Whose a workspace is, whether anybody needs it, and whether its files may be nowhere else."""

from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from operations import actions, models
from operations.models import OperationType
from operations.reaper import classification
from operations.reaper.models import OrphanReason
from tests.conftest import fresh, operation_of, run_until_idle


def row(id_: str = "takehome-1", status: str = "active", **fields: Any) -> Interview:
    return Interview(id=id_, status=status, **fields)


def why(name: str, *rows: Interview) -> OrphanReason | None:
    return classification.classify(name, {each.id: each for each in rows}).reason


@pytest.mark.parametrize("status", list(Status))
def test_it_is_needed_until_its_interview_is_over(status: Status) -> None:
    expected = OrphanReason.OVER if status in FINAL else None
    assert why("takehome-1", row(status=status.value)) == expected


def test_no_row_is_a_stranger() -> None:
    assert why("takehome-1") == OrphanReason.UNKNOWN_INTERVIEW
    assert why("takehome-1-2", row("takehome-2")) == OrphanReason.UNKNOWN_INTERVIEW


@pytest.mark.parametrize(
    ("name", "reopened", "expected"),
    [
        ("takehome-1", None, None),
        ("takehome-1", 1, OrphanReason.OTHER_OPENING),
        ("takehome-1-2", 1, None),
        ("takehome-1-2", 2, OrphanReason.OTHER_OPENING),
        ("takehome-1-3", 1, OrphanReason.OTHER_OPENING),
        # No opening is called so.
        ("takehome-1-1", None, OrphanReason.UNKNOWN_INTERVIEW),
        ("takehome-1-0", None, OrphanReason.UNKNOWN_INTERVIEW),
        ("takehome-1-02", 1, OrphanReason.UNKNOWN_INTERVIEW),
    ],
)
def test_only_the_opening_of_now_is_needed(
    name: str, reopened: int, expected: OrphanReason | None
) -> None:
    assert why(name, row(reopened=reopened)) == expected


def test_an_id_that_ends_like_an_opening_is_needed_by_either() -> None:
    """Ids end with hexadecimal digits, which may all be decimal."""
    name = "takehome-1700000000-12345"
    assert why(name, row(name)) is None
    base = row("takehome-1700000000", status="completed")
    assert why(name, row(name), base) is None
    opened = row("takehome-1", reopened=1)
    assert why("takehome-1-2", opened, row("takehome-1-2", status="revoked")) is None


@pytest.mark.parametrize("name", ["", "x" * 101, "x\n", "x" * 200 + "-2"])
def test_what_cannot_be_an_id_is_not_looked_up(name: str) -> None:
    assert classification.possible_ids(name) == []


def test_many_rows_are_read_at_once(invite: Any) -> None:
    ids = [invite().id for _ in range(3)]
    found = classification.read_interviews([ids[0], f"{ids[1]}-2", "takehome-nobody"], ids[2])
    assert sorted(found) == sorted(ids)
    assert classification.read_interviews([]) == {}


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("takehome-1", {"ready_at": now(), "save_files": True}, True),
        # It was never shown to the candidate; staff gave up on the files; they are in the store.
        ("takehome-1", {"save_files": True}, False),
        ("takehome-1", {"ready_at": now(), "save_files": False}, False),
        ("takehome-1", {"ready_at": now(), "save_files": True, "history_s3_key": "k"}, False),
        # Opened again: its first files were saved, or else it could not have been.
        ("takehome-1", {"reopened": 1, "history_s3_key": "k"}, False),
        ("takehome-1-2", {"reopened": 1, "history_s3_key": "k", "ready_at": now()}, True),
        ("takehome-1-2", {"reopened": 2, "history_s3_key": "k", "archive_of": 1}, False),
        ("takehome-1-2", {"reopened": 2, "history_s3_key": "k", "archive_of": 2}, True),
        # A row that was brought back from before the reopening.
        ("takehome-1-2", {"history_s3_key": "k"}, True),
        # It is being deleted.
        ("takehome-1", {"ready_at": now(), "save_files": True, "earlier_archives": [{}]}, False),
    ],
)
def test_files_that_may_be_nowhere_else_must_be_saved(
    name: str, fields: dict[str, Any], expected: bool
) -> None:
    fields = {"save_files": True, **fields}
    found = classification.classify(name, {"takehome-1": row(status="completed", **fields)})
    assert found.must_be_saved is expected


def test_nobody_knows_where_to_save_a_strangers_files() -> None:
    assert classification.classify("takehome-1", {}).must_be_saved is False


def test_while_a_start_of_it_waits_nobody_judges(running: Interview, engine: Any) -> None:
    actions.submit(running, by="candidate")
    run_until_idle(running)
    found = classification.reclassify(running.id)
    assert found is not None
    assert (found.reason, found.opening, found.must_be_saved) == (OrphanReason.OVER, 0, False)
    late = models.Operation.queue(running.id, OperationType.CREATE, requested_by="candidate")
    assert classification.reclassify(running.id) is None
    late.cancel()
    assert classification.reclassify(running.id) is not None


def test_a_worker_that_was_replaced_counts_until_it_lets_go(running: Interview) -> None:
    """It may be inside an engine call, and makes the workspace only then."""
    late = models.Operation.queue(running.id, OperationType.CREATE, requested_by="candidate")
    token = late.claim()
    late.cancel()
    actions.submit(running, by="candidate")
    run_until_idle(running)
    assert classification.reclassify(running.id) is None
    late.release(token)
    assert classification.reclassify(running.id) is not None


def test_a_teardown_that_waits_for_its_next_try_is_no_start(
    running: Interview, engine: Any
) -> None:
    actions.submit(running, by="candidate")
    run_until_idle(running)
    actions.reopen(fresh(running), 20, by="recruiter")
    again = run_until_idle(running)
    actions.submit(again, by="candidate")
    assert operation_of(again).type == "destroy"
    found = classification.reclassify(running.id)
    assert found is not None
    assert found.reason == OrphanReason.OTHER_OPENING
