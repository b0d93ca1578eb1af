"""Every kind of old row becomes one of ours, in whatever order and however often that is begun."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import PutError

from interviews import history, queries
from interviews.dynamodb import now
from interviews.history import Filters
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
from interviews.search import lookup
from tests import legacy_rows

TABLES = ["takehome", "interviews"]


class Clock:
    """Time that passes only when somebody sleeps."""

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
    """DynamoDB, with an old table beside ours."""
    settings.LEGACY_TAKEHOME_TABLE = "takehome"
    Takehome._connection = None
    client = Interview._get_connection().connection.client
    legacy_rows.create(client, "takehome")
    yield client
    Takehome._connection = None


@pytest.fixture
def every(old: Any) -> Any:
    """A row of every kind there is, readable or not."""
    at = now()
    legacy_rows.put(old, "takehome", legacy_rows.every_take_home(at).values())
    legacy_rows.put(old, "takehome", legacy_rows.unreadable(at).values())
    legacy_rows.put(old, "interviews", legacy_rows.interviews_of_them(at))
    legacy_rows.put(old, "interviews", legacy_rows.every_interview(at).values())
    return old


def run(place: Checkpoint | None = None, **options: Any) -> Report:
    place = place or Checkpoint(TABLES)
    migration.migrate(place, CapacityLimiter(0), keep=lambda place: None, **options)
    return place.report


def everything(client: Any) -> dict[str, list[Any]]:
    """All rows of all tables, but for what a write leaves behind by itself."""
    found = {}
    for table in ("takehome", "interviews", "search_terms"):
        rows = legacy_rows.rows(client, table)
        found[table] = sorted(rows, key=lambda row: sorted(str(value) for value in row.items()))
    return found


def test_every_kind_of_row_is_copied_or_told(every: Any) -> None:
    found = run()
    assert found.takehomes == {"copied": 12, "joined": 7, "unreadable": 6}
    # What is open stays with the portal that runs it.
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
        "a bad date": "validUntil is not what it should be.",
        "a wrong type": "durationMinutes is not what it should be.",
        "an unknown status": "The status is none that the old portal wrote.",
        "no name": "candidateName is missing.",
        "no passcode of ours": "The passcode is not of 8 letters and digits.",
    }
    assert {fault.table for fault in found.unreadable} == {"takehome"}


def test_what_was_copied_can_be_opened_listed_and_found(every: Any) -> None:
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


def test_a_dry_run_says_the_same_and_writes_nothing(every: Any) -> None:
    before = everything(every)
    foreseen = run(dry_run=True)
    assert everything(every) == before
    done = run()
    assert (foreseen.takehomes, foreseen.statuses) == (done.takehomes, done.statuses)
    assert (foreseen.carried, foreseen.unreadable) == (done.carried, done.unreadable)
    assert foreseen.interviews == {"joined": 7, "adopted": 2, "open": 6}


def test_open_live_interviews_are_taken_over_when_asked(every: Any) -> None:
    run()
    taken = run(open_interviews=True)
    assert taken.interviews == {"there": 21, "adopted": 6}
    scheduled = queries.get_interview("aB3dE5gH")
    assert scheduled is not None
    assert (scheduled.tab, scheduled.type, scheduled.kind) == (
        "regular",
        "regular",
        "regular#scheduled",
    )
    assert run(open_interviews=True).interviews == {"there": 27}


def test_a_live_interview_that_cannot_be_read_is_told_by_its_id(old: Any) -> None:
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


def test_cut_off_after_any_row_it_goes_on_there(every: Any) -> None:
    place = Checkpoint(TABLES)

    class Killed(Exception):
        pass

    def killed(place: Checkpoint) -> None:
        raise Killed

    rows = 0
    while True:
        try:
            migration.migrate(place, CapacityLimiter(0), keep=killed)
        except Killed:
            rows += 1
            continue
        break
    assert place.report.takehomes == {"copied": 12, "joined": 7, "unreadable": 6}
    assert place.report.interviews["adopted"] == 2
    # 25 rows of the old table, the change of tables, and 8 old rows of the other.
    assert rows == 25 + 1 + 8


def test_a_row_that_goes_away_meanwhile_is_no_fault(
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


def test_a_row_that_the_old_portal_is_starting_waits(old: Any) -> None:
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
    """Copying fails so often; returns how often it did."""
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
def test_a_table_that_is_busy_is_given_time(
    old: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    fails(monkeypatch, error, times=4)
    clock = Clock()
    place = Checkpoint(TABLES)
    pace = CapacityLimiter(0, clock=clock, sleep=clock.sleep)
    migration.migrate(place, pace, keep=lambda place: None)
    assert place.report.takehomes == {"copied": 1}
    assert clock.slept == [1, 2, 4, 8]


def test_a_table_that_stays_busy_is_given_up(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    failed = fails(monkeypatch, busy(), times=100)
    clock = Clock()
    with pytest.raises(PutError):
        migration.migrate(
            Checkpoint(TABLES),
            CapacityLimiter(0, clock=clock, sleep=clock.sleep),
            keep=lambda place: None,
        )
    assert failed() == migration.MAX_TRIES
    assert clock.slept == [1, 2, 4, 8, 16, 30, 30]


def test_a_refusal_is_not_repeated(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy_rows.put(old, "takehome", [legacy_rows.take_home("ABCDEFGH", at=now())])
    failed = fails(monkeypatch, busy("AccessDeniedException"), times=100)
    with pytest.raises(PutError):
        run()
    assert failed() == 1


def test_a_place_is_kept_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "migration.json"
    place = Checkpoint(TABLES, "interviews", {"id": {"S": "abc"}})
    place.report.takehomes.update(copied=3, unreadable=1)
    place.report.add_fault(UnreadableRow("takehome", "ABCDEFGH", "validUntil is missing."))
    place.report.add_fault(UnreadableRow("takehome", "ABCDEFGH", "validUntil is missing."))
    place.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = report.load_checkpoint(path, TABLES)
    assert kept == place
    assert kept.report.takehomes == Counter(copied=3, unreadable=1)
    assert len(kept.report.unreadable) == 1
    assert report.load_checkpoint(tmp_path / "none.json", TABLES) == Checkpoint(TABLES)


@pytest.mark.parametrize("text", ["", "[1]", '{"tables": ["other", "interviews"]}'])
def test_the_place_of_another_migration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "migration.json"
    path.write_text(text)
    with pytest.raises(OtherMigrationError, match="remove it"):
        report.load_checkpoint(path, TABLES)


def test_two_that_keep_their_place_in_one_file_do_not_trip_over_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "place.json"
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
