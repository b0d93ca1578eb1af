"""A migration whose tables are busy, and its checkpoints."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import PutError

from interviews.dynamodb import now
from interviews.legacy import lazy_migration, migration, report
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.models import Takehome
from interviews.legacy.report import (
    Checkpoint,
    OtherMigrationError,
    UnreadableRow,
)
from tests import legacy_rows
from tests.interviews.legacy.migration.running import TABLES, Clock, run


def busy(code: str = "ProvisionedThroughputExceededException") -> PutError:
    cause = ClientError({"Error": {"Code": code, "Message": "Later."}}, "PutItem")
    return PutError("Failed to put item", cause)


def fails(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> Callable[[], int]:
    """Make copying fail some times; return the count of failures."""
    copy, failed = lazy_migration.copy_takehome, [0]

    def fail(row: Takehome, **options: Any) -> Any:
        if failed[0] < times:
            failed[0] += 1
            raise error
        return copy(row, **options)

    monkeypatch.setattr(lazy_migration, "copy_takehome", fail)
    return lambda: failed[0]


@pytest.mark.parametrize(
    "error", [busy(), busy("ThrottlingException"), EndpointConnectionError(endpoint_url="x")]
)
def test_throttled_request_is_retried(
    old: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    fails(monkeypatch, error, times=4)
    clock = Clock()
    checkpoint = Checkpoint(TABLES)
    limiter = CapacityLimiter(0, clock=clock, sleep=clock.sleep)
    migration.migrate(checkpoint, limiter, save=lambda checkpoint: None)
    assert checkpoint.report.takehomes == {"copied": 1}
    assert clock.slept == [1, 2, 4, 8]


def test_retries_give_up_in_the_end(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    failed = fails(monkeypatch, busy(), times=100)
    clock = Clock()
    with pytest.raises(PutError):
        migration.migrate(
            Checkpoint(TABLES),
            CapacityLimiter(0, clock=clock, sleep=clock.sleep),
            save=lambda checkpoint: None,
        )
    assert failed() == migration.MAX_TRIES
    assert clock.slept == [1, 2, 4, 8, 16, 30, 30]


def test_rejected_request_is_not_retried(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    failed = fails(monkeypatch, busy("AccessDeniedException"), times=100)
    with pytest.raises(PutError):
        run()
    assert failed() == 1


def test_checkpoint_is_written_atomically_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "migration.json"
    checkpoint = Checkpoint(TABLES, "interviews", {"id": {"S": "abc"}})
    checkpoint.report.takehomes.update(copied=3, unreadable=1)
    checkpoint.report.add_unreadable(
        UnreadableRow("takehome", "ABCDEFGH", "validUntil is missing.")
    )
    checkpoint.report.add_unreadable(
        UnreadableRow("takehome", "ABCDEFGH", "validUntil is missing.")
    )
    checkpoint.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = report.load_checkpoint(path, TABLES)
    assert kept == checkpoint
    assert kept.report.takehomes == Counter(copied=3, unreadable=1)
    assert len(kept.report.unreadable) == 1
    assert report.load_checkpoint(tmp_path / "none.json", TABLES) == Checkpoint(TABLES)


@pytest.mark.parametrize("text", ["", "[1]", '{"tables": ["other", "interviews"]}'])
def test_checkpoint_of_another_migration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "migration.json"
    path.write_text(text)
    with pytest.raises(OtherMigrationError, match="Remove it"):
        report.load_checkpoint(path, TABLES)


def test_concurrent_writers_of_one_checkpoint_do_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.json"
    replace = Path.replace

    def second_in_between(part: Path, target: Path) -> Path:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            patch.setattr("os.getpid", lambda: 2)
            Checkpoint(TABLES, after={"passcode": {"S": "BBBBBBBB"}}).save(path)
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", second_in_between)
    Checkpoint(TABLES, after={"passcode": {"S": "AAAAAAAA"}}).save(path)
    assert report.load_checkpoint(path, TABLES).after == {"passcode": {"S": "AAAAAAAA"}}
    assert list(tmp_path.iterdir()) == [path]
