"""The interview of a workspace, whether it is needed, and whether its files must be saved."""

from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from operations import actions, models
from operations.lifecycle import OperationType
from operations.reaper import classification
from operations.reaper.models import OrphanReason
from tests.conftest import fresh, operation_of, run_until_idle

LEFT = EarlierArchive(left_behind="takehome-1")


def row(id_: str = "takehome-1", status: str = "active", **fields: Any) -> Interview:
    return Interview(id=id_, status=status, **fields)


def reason(name: str, *rows: Interview) -> OrphanReason | None:
    return classification.classify(name, {each.id: each for each in rows}).reason


@pytest.mark.parametrize("status", list(Status))
def test_workspace_is_needed_until_its_interview_is_over(status: Status) -> None:
    expected = OrphanReason.OVER if status in FINAL else None
    assert reason("takehome-1", row(status=status.value)) == expected


def test_workspace_without_interview_is_unknown() -> None:
    assert reason("takehome-1") == OrphanReason.UNKNOWN_INTERVIEW
    assert reason("takehome-1-2", row("takehome-2")) == OrphanReason.UNKNOWN_INTERVIEW


@pytest.mark.parametrize(
    ("name", "reopened", "expected"),
    [
        ("takehome-1", None, None),
        ("takehome-1", 1, OrphanReason.OTHER_OPENING),
        ("takehome-1-2", 1, None),
        ("takehome-1-2", 2, OrphanReason.OTHER_OPENING),
        ("takehome-1-3", 1, OrphanReason.OTHER_OPENING),
        # No opening has such a name.
        ("takehome-1-1", None, OrphanReason.UNKNOWN_INTERVIEW),
        ("takehome-1-0", None, OrphanReason.UNKNOWN_INTERVIEW),
        ("takehome-1-02", 1, OrphanReason.UNKNOWN_INTERVIEW),
        ("takehome-1-m1", None, OrphanReason.OTHER_OPENING),
        ("takehome-1-m0", None, OrphanReason.UNKNOWN_INTERVIEW),
    ],
)
def test_only_the_current_opening_is_needed(
    name: str, reopened: int, expected: OrphanReason | None
) -> None:
    assert reason(name, row(reopened=reopened)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("takehome-1-2-m2", None),
        ("takehome-1-2-m1", OrphanReason.LEFT_BEHIND),
        ("takehome-1-2", OrphanReason.LEFT_BEHIND),
        ("takehome-1", OrphanReason.LEFT_BEHIND),
        ("takehome-1-m1", OrphanReason.LEFT_BEHIND),
        ("takehome-1-m2", OrphanReason.OTHER_OPENING),
        ("takehome-1-2-m3", OrphanReason.OTHER_OPENING),
    ],
)
def test_workspaces_on_machines_that_were_lost_are_left_behind(
    name: str, expected: OrphanReason | None
) -> None:
    moved = row(reopened=1, machines_lost=2)
    assert reason(name, moved) == expected
    over = row(status="completed", reopened=1, machines_lost=2)
    is_left = expected is OrphanReason.LEFT_BEHIND
    assert reason(name, over) == (expected if is_left else OrphanReason.OVER)


def test_name_that_fits_an_id_and_an_opening_is_needed_by_either() -> None:
    """Ids end in hexadecimal digits, which may all be decimal."""
    name = "takehome-1700000000-12345"
    assert reason(name, row(name)) is None
    base = row("takehome-1700000000", status="completed")
    assert reason(name, row(name), base) is None
    opened = row("takehome-1", reopened=1)
    assert reason("takehome-1-2", opened, row("takehome-1-2", status="revoked")) is None


@pytest.mark.parametrize("name", ["", "x" * 101, "x\n", "x" * 200 + "-2"])
def test_invalid_id_is_not_read(name: str) -> None:
    assert classification.possible_ids(name) == []


def test_interviews_are_read_in_one_batch(invite: Any) -> None:
    ids = [invite().id for _ in range(3)]
    found = classification.read_interviews([ids[0], f"{ids[1]}-2", "takehome-nobody"], ids[2])
    assert sorted(found) == sorted(ids)
    assert classification.read_interviews([]) == {}


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("takehome-1", {"ready_at": now(), "save_files": True}, True),
        # The candidate never saw it; staff gave up its files; they are in the store.
        ("takehome-1", {"save_files": True}, False),
        ("takehome-1", {"ready_at": now(), "save_files": False}, False),
        ("takehome-1", {"ready_at": now(), "save_files": True, "history_s3_key": "k"}, False),
        # Reopened: the files of the first opening must have been saved.
        ("takehome-1", {"reopened": 1, "history_s3_key": "k"}, False),
        ("takehome-1-2", {"reopened": 1, "history_s3_key": "k", "ready_at": now()}, True),
        ("takehome-1-2", {"reopened": 2, "history_s3_key": "k", "archive_of": 1}, False),
        ("takehome-1-2", {"reopened": 2, "history_s3_key": "k", "archive_of": 2}, True),
        # A row restored from a backup from before the reopening.
        ("takehome-1-2", {"history_s3_key": "k"}, True),
        # The interview is being deleted.
        ("takehome-1", {"ready_at": now(), "earlier_archives": [EarlierArchive()]}, False),
        # It went on without what was on a machine, of which another was saved before.
        ("takehome-1", {"machines_lost": 1, "ready_at": now()}, True),
        ("takehome-1", {"machines_lost": 1, "ready_at": now(), "history_s3_key": "k"}, True),
        ("takehome-1-m1", {"machines_lost": 2, "earlier_archives": [LEFT]}, True),
        ("takehome-1", {"machines_lost": 2, "earlier_archives": [LEFT]}, False),
        ("takehome-1", {"machines_lost": 1, "ready_at": now(), "save_files": False}, False),
        ("takehome-1-m1", {"machines_lost": 1, "ready_at": now()}, True),
        ("takehome-1-m1", {"machines_lost": 1, "history_s3_key": "k"}, False),
        ("takehome-1", {"machines_lost": 1, "earlier_archives": [EarlierArchive()]}, False),
        # A place for a move that never came.
        ("takehome-1-m2", {"machines_lost": 1, "ready_at": now()}, False),
    ],
)
def test_unsaved_files_must_be_saved(name: str, fields: dict[str, Any], expected: bool) -> None:
    fields = {"save_files": True, **fields}
    found = classification.classify(name, {"takehome-1": row(status="completed", **fields)})
    assert found.must_be_saved is expected


def test_files_of_an_unknown_workspace_are_not_saved() -> None:
    assert classification.classify("takehome-1", {}).must_be_saved is False


def test_reclassify_returns_none_while_a_start_is_pending(running: Interview, engine: Any) -> None:
    actions.submit(running, by="candidate")
    run_until_idle(running)
    found = classification.reclassify(running.id)
    assert found is not None
    assert (found.reason, found.reopened, found.must_be_saved) == (OrphanReason.OVER, 0, False)
    late = models.Operation.queue(running.id, OperationType.CREATE, requested_by="candidate")
    assert classification.reclassify(running.id) is None
    late.cancel()
    assert classification.reclassify(running.id) is not None


def test_reclassify_returns_none_while_a_replaced_worker_holds_a_lease(
    running: Interview,
) -> None:
    """It may be inside an engine call that is about to create the workspace."""
    late = models.Operation.queue(running.id, OperationType.CREATE, requested_by="candidate")
    token = late.claim()
    late.cancel()
    actions.submit(running, by="candidate")
    run_until_idle(running)
    assert classification.reclassify(running.id) is None
    late.release(token)
    assert classification.reclassify(running.id) is not None


def test_pending_teardown_does_not_count_as_a_start(running: Interview, engine: Any) -> None:
    actions.submit(running, by="candidate")
    run_until_idle(running)
    actions.reopen(fresh(running), 20, by="recruiter")
    again = run_until_idle(running)
    actions.submit(again, by="candidate")
    assert operation_of(again).type == "destroy"
    found = classification.reclassify(running.id)
    assert found is not None
    assert found.reason == OrphanReason.OTHER_OPENING
