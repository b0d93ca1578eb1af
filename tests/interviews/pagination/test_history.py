"""The history: pages, filters, and the time in the workspace."""

import itertools
from datetime import timedelta

import pytest

from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.derived_keys import type_status_key_of
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.cursors import InvalidCursorError, encode_cursor
from interviews.pagination.history import Filters

NOW = now()
OVER = Filters(ended=True)


@pytest.fixture
def ended(tables):
    """Return a function that makes an interview that ended some minutes ago."""
    numbers = itertools.count()

    def call(minutes=0, status="completed", type_=TAKE_HOME, **fields):
        number = next(numbers)
        interview = Interview(
            **{
                "id": f"i-{number:03}",
                "type": type_,
                "status": status,
                "candidate_name": "Ada",
                "challenge": "word-count",
                "duration_minutes": 60,
                "created_at": NOW - timedelta(days=1),
                "completed_at": NOW - timedelta(minutes=minutes),
                **fields,
            }
        )
        interview.create(by="recruiter")
        return interview

    return call


def ids(page):
    return [interview.id for interview in page.items]


def all_pages(filters, size):
    seen, cursor, pages = [], None, 0
    while True:
        page = history.history_page(filters, cursor=cursor, size=size)
        seen += ids(page)
        pages += 1
        assert len(page.items) <= size
        cursor = page.next
        if cursor is None:
            return seen, pages


def test_page_lists_both_types_newest_end_first(ended):
    middle = ended(2, type_=LIVE)
    oldest = ended(3)
    newest = ended(1)
    assert ids(history.history_page(OVER)) == [newest.id, middle.id, oldest.id]


def test_page_has_no_open_interviews_and_no_dry_runs(ended):
    ended(status="active", completed_at=None)
    ended(type_=DRY_RUN)
    assert ids(history.history_page(OVER)) == []


def test_page_with_open_interviews_is_in_order_of_creation(ended):
    hours = itertools.count(1)

    def make(**fields):
        return ended(created_at=NOW - timedelta(hours=next(hours)), **fields).id

    over = make()
    live = make(status="scheduled", type_=LIVE, completed_at=None)
    running = make(status="active", completed_at=None)
    over_live = make(type_=LIVE)
    make(status="active", type_=DRY_RUN, completed_at=None)
    assert ids(history.history_page(Filters())) == [over, live, running, over_live]
    assert all_pages(Filters(), 1) == ([over, live, running, over_live], 4)
    assert ids(history.history_page(Filters(ended=False))) == [live, running]
    assert ids(history.history_page(Filters(TAKE_HOME, ended=False))) == [running]
    assert ids(history.history_page(Filters(TAKE_HOME))) == [over, running]
    assert ids(history.history_page(Filters(status=Status.COMPLETED, ended=False))) == []
    assert ids(history.history_page(Filters(since=NOW - timedelta(days=2), ended=False))) == []


def test_page_filters_by_type_status_and_end(ended):
    made = [
        ended(minutes, status, type_)
        for minutes, (type_, status) in enumerate(
            [
                (TAKE_HOME, "completed"),
                (TAKE_HOME, "expired"),
                (TAKE_HOME, "revoked"),
                (LIVE, "completed"),
                (LIVE, "cancelled"),
                (LIVE, "revoked"),
            ]
            * 2
        )
    ]
    types = (None, TAKE_HOME, LIVE)
    statuses = (None, *(Status(s) for s in ("completed", "expired", "revoked", "cancelled")))
    times = (None, NOW - timedelta(minutes=9), NOW - timedelta(minutes=4), NOW)
    for type_, status, since, until in itertools.product(types, statuses, times, times):
        wanted = [
            one.id
            for one in made
            if type_ in (None, one.type)
            and status in (None, one.state)
            and (since is None or one.completed_at >= since)
            and (until is None or one.completed_at < until)
        ]
        filters = Filters(type_, status, since, until, ended=True)
        assert ids(history.history_page(filters)) == wanted, filters
        assert all_pages(filters, 2)[0] == wanted, filters


def test_pages_list_each_once_with_equal_end_times(ended):
    made = {ended(5, type_=TAKE_HOME if number % 3 else LIVE).id for number in range(20)}
    made |= {ended(1).id, ended(9, type_=LIVE).id}
    seen, pages = all_pages(OVER, 4)
    assert sorted(seen) == sorted(made)
    assert pages == 6


def test_page_continues_after_rows_were_added_and_deleted(ended):
    made = [ended(minutes) for minutes in range(6)]
    first = history.history_page(OVER, size=2)
    made[1].delete()
    made[3].delete()
    ended(0)
    assert ids(history.history_page(OVER, size=2, cursor=first.next)) == [made[2].id, made[4].id]


def test_page_reads_rows_by_id_when_the_index_is_stale(ended, monkeypatch):
    kept, opened, again, gone = (ended(minutes) for minutes in range(4))
    late = [Interview.get(one.id) for one in (kept, opened, again, gone)]
    opened.move_to(Status.ACTIVATED, by="recruiter", completed_at=None)
    again.change(completed_at=NOW + timedelta(hours=1))
    gone.delete()
    monkeypatch.setattr(
        type(Interview.ended_index),
        "query",
        lambda index, part, *args, **kwargs: late if part == "take-home-ended" else [],
    )
    assert ids(history.history_page(OVER)) == [kept.id]


def test_page_of_an_empty_time_range_is_empty(ended):
    ended()
    filters = Filters(since=NOW, until=NOW - timedelta(days=1))
    assert (ids(history.history_page(filters)), history.history_page(filters).next) == ([], None)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "a" * 3000,
        *map(
            encode_cursor,
            [
                None,
                [],
                1,
                {"regular-ended": None},
                {"regular-ended": [1700000000]},
                {"regular-ended": ["1", "i"]},
                {"regular-ended": [True, "i"]},
                {"regular-ended": [10**300, "i"]},
                {"regular-ended": [1700000000, ""]},
                {"regular-ended": [1700000000, "\ud800"]},
                {"dry-run-ended": [1700000000, "i"]},
                {"regular-ended": [int(NOW.timestamp()) - 2 * 86400, "too-early"]},
                {"regular-ended": [int(NOW.timestamp()), "too-late"]},
            ],
        ),
    ],
    # Some ids contain the current time, which differs between test workers.
    ids=range(16),
)
def test_page_refuses_an_invalid_cursor(tables, cursor):
    filters = Filters(since=NOW - timedelta(days=1), until=NOW)
    with pytest.raises(InvalidCursorError):
        history.history_page(filters, cursor=cursor)


def test_page_of_real_tables_continues_after_a_deleted_row(real_tables):
    """Runs on a real server, since the moto mock may differ from DynamoDB."""
    made = []
    for number in range(9):
        interview = Interview(
            id=f"i-{number}",
            type=LIVE if number % 2 else TAKE_HOME,
            status="completed",
            candidate_name="Ada",
            challenge="word-count",
            duration_minutes=60,
            created_at=NOW,
            completed_at=NOW - timedelta(minutes=number // 3),
        )
        interview.create(by="recruiter")
        made.append(interview)
    for filters in (
        OVER,
        Filters(status=Status.COMPLETED),
        Filters(since=NOW - timedelta(hours=1), until=NOW + timedelta(seconds=1)),
    ):
        seen, pages = all_pages(filters, 2)
        assert sorted(seen) == [one.id for one in made]
        assert pages == 5
    first = history.history_page(OVER, size=2)
    for shown in first.items:
        shown.delete()
    rest = history.history_page(OVER, cursor=first.next)
    assert sorted(ids(first) + ids(rest)) == [one.id for one in made]


def test_type_status_key_is_the_partition_of_the_index():
    assert type_status_key_of(LIVE, Status.CANCELLED) == "regular#cancelled"
