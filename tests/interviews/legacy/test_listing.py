"""Old rows are found and listed with the migrated ones, each once and in its current status."""

from datetime import timedelta
from typing import Any

import pytest

from interviews import queries
from interviews.attributes import LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.legacy import ids
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from interviews.pagination import cursors, history
from interviews.pagination.history import Filters
from interviews.search import lookup
from tests import legacy_rows
from tests.dynamodb.calls import before_each_call
from tests.interviews.legacy.conftest import client, everything, keep

pytestmark = pytest.mark.usefixtures("old_table")

# The current status of each row of tests.legacy_rows.
STATUSES = {
    "available": "available",
    "available, no instructions": "available",
    "available, milliseconds": "available",
    "available, nothing optional": "available",
    "available, other alphabet": "available",
    "available, unknown attributes": "available",
    "lapsed": "expired",
    "expired": "expired",
    "revoked": "revoked",
    "revoked after the start": "revoked",
    "running": "active",
    "starting": "initializing",
    "ending": "destroying",
    "ended by itself": "completed",
    "failed": "error",
    "started, its interview is gone": "completed",
    "started, no interview": "completed",
    "completed": "completed",
    "completed, its interview is gone": "completed",
}
LIVE_ROWS = {
    "scheduled": "scheduled",
    "initializing": "initializing",
    "configuring": "configuring",
    "active": "active",
    "destroying": "destroying",
    "destroyed": "completed",
    "error": "error",
    "destroyed, few fields": "completed",
}


def all_of(read, size: int) -> list[Interview]:
    """Return the items of all pages of a list."""
    found, cursor = [], None
    for _ in range(200):
        page = read(size=size, cursor=cursor)
        found += page.items
        if page.next is None:
            return found
        cursor = page.next
    raise AssertionError("a list without an end")


def test_fault_19_each_old_take_home_is_found_by_passcode():
    codes = everything()
    found = {kind: queries.get_by_passcode(code.lower()) for kind, code in codes.items()}
    assert {kind: one.status for kind, one in found.items()} == STATUSES
    assert {kind: one.passcode for kind, one in found.items()} == codes
    assert {one.type for one in found.values()} == {TAKE_HOME}
    assert {int(one.duration_minutes) for one in found.values()} == {60}


def test_each_old_take_home_is_found_by_id():
    codes = everything()
    for code in codes.values():
        one = queries.get_by_passcode(code)
        assert queries.get_interview(one.id).serialize() == one.serialize()
        assert code not in one.id


def test_each_old_live_interview_is_found_by_id():
    kinds = legacy_rows.every_interview(now())
    keep(*kinds.values())
    found = {kind: queries.get_interview(row["id"]["S"]) for kind, row in kinds.items()}
    assert {kind: one.status for kind, one in found.items()} == LIVE_ROWS
    assert {one.type for one in found.values()} == {LIVE}
    assert {kind: int(one.duration_minutes) for kind, one in found.items()} == {
        **dict.fromkeys(LIVE_ROWS, 60),
    }


def test_lists_have_open_interviews_once_newest_first(invite, schedule):
    codes = everything()
    keep(*legacy_rows.every_interview(now()).values())
    ours = [invite(), invite(candidate_name="Grace")]
    live = schedule()
    for size in (1, 3, 50):
        tab = all_of(lambda **at: queries.list_page("take-home", **at), size)
        wanted = {
            codes[kind] for kind, status in STATUSES.items() if Status(status) not in FINAL
        } | {one.passcode for one in ours}
        assert sorted(one.passcode for one in tab) == sorted(wanted)
        assert [one.created_at for one in tab] == sorted(
            (one.created_at for one in tab), reverse=True
        )
        current = all_of(lambda **at: queries.list_page("regular", **at), size)
        assert sorted(one.id for one in current) == sorted(
            [live.id, *(f"{letter}B3dE5gH" for letter in "abcdeg")]
        )


def test_history_has_each_ended_interview_once(running):
    codes = everything()
    keep(*legacy_rows.every_interview(now()).values())
    over = {codes[kind] for kind, status in STATUSES.items() if Status(status) in FINAL}
    for size in (1, 4, 50):
        found = all_of(lambda **at: history.history_page(Filters(ended=True), **at), size)
        assert sorted(one.passcode or one.id for one in found) == sorted(
            [*over, "fB3dE5gH", "hB3dE5gH"]
        )


@pytest.mark.parametrize("size", [2, 50])
def test_each_interview_is_listed_by_exactly_one_status(invite, size):
    codes = everything()
    ours = invite()
    by_status = {
        status: {
            one.passcode
            for one in all_of(
                lambda status=status, **at: history.history_page(
                    Filters(type=TAKE_HOME, status=status, ended=status in FINAL), **at
                ),
                size,
            )
        }
        for status in FINAL
    } | {
        status: {
            one.passcode
            for one in all_of(lambda s=status, **at: queries.status_page(s, **at), size)
        }
        for status in set(Status) - FINAL
    }
    assert by_status == {
        status: {codes[kind] for kind, stands in STATUSES.items() if stands == status}
        | ({ours.passcode} if status is Status.AVAILABLE else set())
        for status in Status
    }


def test_end_time_filter_applies_to_old_rows():
    codes = everything()
    hour = timedelta(hours=1)
    found = all_of(
        lambda **at: history.history_page(
            Filters(since=now() - 2 * hour, until=now() - hour / 2), **at
        ),
        50,
    )
    assert {one.passcode for one in found} == {
        codes["ended by itself"],
        codes["completed"],
        codes["revoked after the start"],
    }


def test_search_finds_old_rows_by_name_passcode_and_id(invite):
    codes = everything()
    keep(*legacy_rows.every_interview(now()).values())
    ours = invite(candidate_name="Нина Simone")
    assert [
        one.id for one in all_of(lambda **at: lookup.search_page("нина", Filters(), **at), 1)
    ] == [
        ours.id,
        queries.get_by_passcode(codes["available, other alphabet"]).id,
    ]
    running = queries.get_by_passcode(codes["running"])
    for text in (running.passcode, running.id, f"Ada {running.passcode}"):
        assert [
            one.id
            for one in all_of(lambda text=text, **at: lookup.search_page(text, Filters(), **at), 5)
        ] == [running.id]
    everybody = all_of(lambda **at: lookup.search_page("word count", Filters(), **at), 4)
    assert (
        len(everybody) == len({one.id for one in everybody}) == len(STATUSES) + len(LIVE_ROWS) + 1
    )
    assert [
        one.id for one in lookup.search_page("grace", Filters(type=LIVE, ended=False)).items
    ] != []


def test_search_without_passcodes_finds_no_old_row_by_passcode():
    code = legacy_rows.passcode(7)
    keep(legacy_rows.take_home(code, at=now(), candidateName={"S": "Grace"}))
    assert [one.passcode for one in lookup.search_page(code, Filters()).items] == [code]
    assert lookup.search_page(code, Filters(), by_passcode=False).items == []


def test_passcode_in_both_tables_gives_the_new_row():
    ours_id = "takehome-1700000000-abcdefghij"
    code = legacy_rows.passcode(5)
    keep(legacy_rows.take_home(code, at=now()))
    row = {"id": {"S": ours_id}, "passcode": {"S": code}}
    row |= {
        name: value
        for name, value in legacy_rows.take_home(code, at=now()).items()
        if name not in ("validUntil", "createdAt")
    }
    row |= {
        "status": {"S": "available"},
        "type": {"S": TAKE_HOME},
        "tab": {"S": TAKE_HOME},
        "createdAt": {"N": legacy_rows.seconds(now())},
        "validUntil": {"N": legacy_rows.seconds(now() + timedelta(days=1))},
    }
    client().put_item(TableName="interviews", Item=row)
    assert queries.get_by_passcode(code).id == ours_id
    assert [one.id for one in queries.list_page("take-home").items] == [ours_id]


def test_unreadable_rows_break_no_list_and_open_nothing(invite):
    bad = legacy_rows.unreadable(now())
    keep(*bad.values())
    ours = invite()
    assert [one.id for one in queries.list_page("take-home").items] == [ours.id]
    assert history.history_page(Filters(ended=True)).items == []
    for row in bad.values():
        assert queries.get_by_passcode(row["passcode"]["S"]) is None


def test_cursor_has_no_passcode_and_an_invalid_one_is_refused():
    codes = everything()
    page = queries.list_page("take-home", size=2)
    begun = cursors.decode_cursor(page.next)
    assert not any(code in str(begun) for code in codes.values())
    for wrong in (
        {"old-active": ["2025-01-01T00:00:00.000Z", "takehome-" + "a" * 26]},
        {"old-active": ["\n", ids.id_for_passcode("ABCDEFGH")]},
        {"old-active": [1, 2]},
        {"nowhere": 0},
        {"open": ["x", "y"]},
        {"": ["", "x"]},
        {"": 5},
        [],
    ):
        with pytest.raises(cursors.InvalidCursorError):
            queries.list_page("take-home", cursor=cursors.encode_cursor(wrong))
    for wrong in ([5], [None, None], ["?"], {}):
        with pytest.raises(cursors.InvalidCursorError):
            lookup.search_page("ada", Filters(), cursor=cursors.encode_cursor(wrong))


def test_id_gives_its_passcode_only_with_the_key(settings):
    id_ = ids.id_for_passcode("ABCDEFGH")
    assert (ids.passcode_from_id(id_), ids.id_for_passcode("ABCDEFGH")) == ("ABCDEFGH", id_)
    assert ids.id_for_passcode("ABCDEFGJ") != id_
    assert ids.passcode_from_id("takehome-" + "a" * 26) is None
    assert ids.passcode_from_id("takehome-1700000000-abcdefghij") is None
    settings.SECRET_KEY = "another-" * 5
    assert ids.passcode_from_id(id_) is None


def test_without_an_old_table_nothing_is_read_from_it(settings):
    codes = everything()
    settings.LEGACY_TAKEHOME_TABLE = ""
    assert [queries.get_by_passcode(code) for code in codes.values()] == [None] * len(codes)
    assert queries.list_page("take-home").items == []
    assert queries.get_interview(ids.id_for_passcode(codes["available"])) is None


def test_page_reads_its_rows_in_a_batch() -> None:
    keep(*(legacy_rows.take_home(legacy_rows.passcode(n), at=now()) for n in range(20)))
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    with before_each_call(note, Interview):
        assert len(queries.list_page("take-home", size=20).items) == 20
    assert made.count("GetItem") == 0
