"""Every kind of row is copied or reported, also after an interruption."""

from typing import Any

import pytest

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, migration
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.models import Takehome
from interviews.legacy.report import (
    Checkpoint,
)
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.search import lookup
from tests import legacy_rows
from tests.interviews.legacy.migration.running import TABLES, everything, run


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
