"""Every kind of old row is migrated, also after interruptions and repetitions."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import PutError

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, migration, report
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.models import Takehome
from interviews.legacy.report import (
    Checkpoint,
    OtherMigrationError,
    Report,
    UnreadableRow,
)
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.search import lookup
from tests import legacy_rows

TABLES = ["takehome", "interviews"]


class Clock:
    """A clock that only advances by `sleep`."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def old(challenge: Any, settings: Any) -> Iterator[Any]:
    """The DynamoDB client, with an old table beside the new ones."""
    settings.LEGACY_TAKEHOME_TABLE = "takehome"
    Takehome._connection = None
    client = Interview._get_connection().connection.client
    legacy_rows.create(client, "takehome")
    yield client
    Takehome._connection = None


@pytest.fixture
def every(old: Any) -> Any:
    """Write a row of every kind, readable or not."""
    at = now()
    legacy_rows.put(old, "takehome", legacy_rows.every_take_home(at).values())
    legacy_rows.put(old, "takehome", legacy_rows.unreadable(at).values())
    legacy_rows.put(old, "interviews", legacy_rows.interviews_of_them(at))
    legacy_rows.put(old, "interviews", legacy_rows.every_interview(at).values())
    return old


def run(checkpoint: Checkpoint | None = None, **options: Any) -> Report:
    checkpoint = checkpoint or Checkpoint(TABLES)
    migration.migrate(checkpoint, CapacityLimiter(0), save=lambda checkpoint: None, **options)
    return checkpoint.report


def everything(client: Any) -> dict[str, list[Any]]:
    """Return all rows of all tables, without attributes that every write changes."""
    found = {}
    for table in ("takehome", "interviews", "search_terms"):
        rows = legacy_rows.rows(client, table)
        found[table] = sorted(rows, key=lambda row: sorted(str(value) for value in row.items()))
    return found


def test_fault_19_every_kind_of_row_is_copied_or_reported(every: Any) -> None:
    found = run()
    assert found.takehomes == {"copied": 12, "joined": 7, "unreadable": 6}
    # Open live interviews stay with the old portal.
    assert found.interviews == {"there": 19, "adopted": 2, "open": 6}
    assert found.statuses == {
        "available": 6,
        "expired": 2,
        "revoked": 2,
        "active": 1,
        "initializing": 1,
        "destroying": 1,
        "error": 1,
        "completed": 5,
    }
    names = ("score", "tags", "about", "photo", "nothing")
    assert found.carried == dict.fromkeys(names, 1)
    wanted = {key["passcode"]["S"]: name for name, key in legacy_rows.unreadable(now()).items()}
    reasons = {wanted[fault.key]: fault.reason for fault in found.unreadable}
    assert reasons == {
        "no validUntil": "validUntil is missing.",
        "a bad date": "validUntil has an unexpected value.",
        "a wrong type": "durationMinutes has an unexpected value.",
        "an unknown status": "The status isn't one of the old portal.",
        "no name": "candidateName is missing.",
        "no passcode of ours": "The passcode isn't 8 letters and digits.",
    }
    assert {fault.table for fault in found.unreadable} == {"takehome"}


def test_copied_rows_can_be_opened_listed_and_found(every: Any) -> None:
    run()
    for row in legacy_rows.every_take_home(now()).values():
        code, name = row["passcode"]["S"], row["candidateName"]["S"]
        interview = queries.get_by_passcode(code)
        assert interview is not None
        assert interview.on_first_write is None
        assert interview.candidate_name == name
        if name.startswith("Ada"):
            assert [one.id for one in lookup.search_page(name, Filters()).items] == [interview.id]
    listed = [one.id for one in queries.list_page("take-home").items]
    assert (len(listed), len(set(listed))) == (10, 10)
    ended = history.history_page(Filters(type="take-home", ended=True)).items
    assert len({one.id for one in ended}) == len(ended) == 9
    live = history.history_page(Filters(type="regular", ended=True)).items
    assert sorted(one.id for one in live) == ["fB3dE5gH", "hB3dE5gH"]


def test_running_again_changes_nothing(every: Any) -> None:
    run()
    before = everything(every)
    again = run()
    assert everything(every) == before
    assert again.takehomes == {"there": 19, "unreadable": 6}
    assert again.interviews == {"there": 21, "open": 6}


def test_dry_run_reports_the_same_and_writes_nothing(every: Any) -> None:
    before = everything(every)
    foreseen = run(dry_run=True)
    assert everything(every) == before
    done = run()
    assert (foreseen.takehomes, foreseen.statuses) == (done.takehomes, done.statuses)
    assert (foreseen.carried, foreseen.unreadable) == (done.carried, done.unreadable)
    assert foreseen.interviews == {"joined": 7, "adopted": 2, "open": 6}


def test_open_live_interviews_are_migrated_on_request(every: Any) -> None:
    run()
    taken = run(open_interviews=True)
    assert taken.interviews == {"there": 21, "adopted": 6}
    scheduled = queries.get_interview("aB3dE5gH")
    assert scheduled is not None
    assert (scheduled.list_key, scheduled.type, scheduled.type_status_key) == (
        "regular",
        "regular",
        "regular#scheduled",
    )
    assert run(open_interviews=True).interviews == {"there": 27}


def test_unreadable_live_interview_is_reported_by_id(old: Any) -> None:
    bad = legacy_rows.interview("zZ3dE5gH", at=now(), createdAt={"S": "yesterday"})
    bad["status"] = {"S": "unheard of"}
    strange = legacy_rows.interview("yY3dE5gH", at=now(), status={"S": "unheard of"})
    legacy_rows.put(old, "interviews", [bad | {"createdAt": {"N": "1700000000"}}, strange])
    found = run()
    assert found.interviews == {"unreadable": 2}
    assert sorted((fault.table, fault.key) for fault in found.unreadable) == [
        ("interviews", "yY3dE5gH"),
        ("interviews", "zZ3dE5gH"),
    ]


def test_migration_interrupted_after_any_row_resumes_there(every: Any) -> None:
    checkpoint = Checkpoint(TABLES)

    class Killed(Exception):
        pass

    def killed(checkpoint: Checkpoint) -> None:
        raise Killed

    rows = 0
    while True:
        try:
            migration.migrate(checkpoint, CapacityLimiter(0), save=killed)
        except Killed:
            rows += 1
            continue
        break
    assert checkpoint.report.takehomes == {"copied": 12, "joined": 7, "unreadable": 6}
    assert checkpoint.report.interviews["adopted"] == 2
    # 25 rows of the old table, the switch of tables, and 8 old rows of `interviews`.
    assert rows == 25 + 1 + 8


def test_row_that_is_deleted_meanwhile_is_no_error(
    old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    copy = lazy_migration.copy_takehome

    def gone(row: Takehome, **options: Any) -> Any:
        old.delete_item(TableName="takehome", Key={"passcode": {"S": row.passcode}})
        return copy(row, **options)

    monkeypatch.setattr(lazy_migration, "copy_takehome", gone)
    assert run().takehomes == {"gone": 1}
    assert legacy_rows.rows(old, "interviews") == []


def test_row_that_the_old_portal_is_starting_is_left_for_later(old: Any) -> None:
    just_now = {"S": legacy_rows.iso(now())}
    row = legacy_rows.activated(
        "ABCDEFGH", "takehome-1700000000001-abcd1", at=now(), activatedAt=just_now
    )
    legacy_rows.put(old, "takehome", [row])
    assert run().takehomes == {"later": 1}
    assert legacy_rows.rows(old, "takehome") == [row]


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
