"""Reads by passcode, by page, and by due time."""

import base64
import json
from datetime import timedelta
from functools import partial

import pytest
from pynamodb.connection.base import Connection

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination import cursors
from tests.conftest import fresh, make_due


def test_by_passcode_finds_the_row_in_either_case(take_home):
    assert queries.get_by_passcode(take_home.passcode).id == take_home.id
    assert queries.get_by_passcode(take_home.passcode.lower()).id == take_home.id


@pytest.mark.parametrize(
    "text", ["", "ABCDEFGH", "A", "A" * 5000, "ABCDEFG\x00", "АБВГДЕЖЗ", "--------"]
)
def test_by_passcode_of_an_unknown_passcode_is_none(take_home, text):
    assert queries.get_by_passcode(text) is None


def test_by_passcode_reads_the_row_not_the_index(take_home, monkeypatch):
    late = fresh(take_home)
    take_home.move_to(Status.ACTIVATED, by="candidate")
    monkeypatch.setattr(
        type(Interview.passcode_index), "query", lambda index, passcode, limit: [late]
    )
    assert queries.get_by_passcode(take_home.passcode).state is Status.ACTIVATED


@pytest.fixture
def operations(monkeypatch):
    """The operations on the tables, as they are asked for."""
    asked, dispatch = [], Connection.dispatch

    def record(connection, operation, wanted):
        asked.append(operation)
        return dispatch(connection, operation, wanted)

    monkeypatch.setattr(Connection, "dispatch", record)
    return asked


def test_by_passcode_asks_the_index_once(take_home, operations):
    assert queries.get_by_passcode(take_home.passcode).state is Status.AVAILABLE
    assert operations == ["Query", "GetItem"]
    take_home.move_to(Status.ACTIVATED, by="candidate")
    operations.clear()
    assert queries.get_by_passcode(take_home.passcode).state is Status.ACTIVATED
    assert operations == ["GetItem"]


def test_by_passcode_finds_who_has_it_now(take_home, invite, operations):
    passcode = take_home.passcode
    assert queries.get_by_passcode(passcode).id == take_home.id
    take_home.delete()
    assert queries.get_by_passcode(passcode) is None
    take_home.save()
    assert queries.get_by_passcode(passcode).id == take_home.id
    take_home.delete()
    later = invite()
    later.change(passcode=passcode)
    for _ in range(3):
        operations.clear()
        assert queries.get_by_passcode(passcode).id == later.id
    # The one of before was forgotten.
    assert operations == ["GetItem"]


def test_by_passcode_remembers_no_passcode_that_is_unknown(take_home):
    passcode = take_home.passcode
    take_home.change(passcode="QRSTUV23")
    assert queries.get_by_passcode(passcode) is None
    fresh(take_home).change(passcode=passcode)
    assert queries.get_by_passcode(passcode).id == take_home.id


def test_get_of_an_unknown_id_is_none(tables):
    assert queries.get_interview("") is None
    assert queries.get_interview("takehome-nobody") is None
    assert queries.get_interview("a" * 10_000) is None


def test_page_lists_all_newest_first_each_once(invite):
    made = []
    for number in range(7):
        interview = invite(candidate_name=f"Candidate {number}")
        interview.change(created_at=now() + timedelta(seconds=number))
        made.append(interview.id)
    seen, cursor, pages = [], None, 0
    while True:
        page = queries.list_page("take-home", size=3, cursor=cursor)
        seen += [item.id for item in page.items]
        pages += 1
        cursor = page.next
        if cursor is None:
            break
    assert seen == made[::-1]
    assert pages == 3


def test_page_has_only_its_list(invite):
    kept, ended = invite(), invite()
    ended.move_to(Status.REVOKED, by="recruiter")
    assert [i.id for i in queries.list_page("take-home").items] == [kept.id]
    assert [i.id for i in queries.list_page("take-home-ended").items] == [ended.id]
    assert queries.list_page("regular").items == []


def cursor_of(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


FORGED = [
    cursor_of("takehome-1", "2²"),
    cursor_of("takehome-1", "9" * 400),
    cursor_of("", "1"),
    cursor_of("a" * 3000, "1"),
    base64.urlsafe_b64encode(b"[" * 11_000).decode(),
]


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "bnVsbA", "WzEsMl0", "W10", "é", "a" * 3000, *FORGED]
)
def test_page_refuses_an_invalid_cursor(tables, cursor):
    with pytest.raises(cursors.InvalidCursorError):
        queries.list_page("take-home", cursor=cursor)


def test_status_page_lists_every_type_each_once(invite, schedule):
    expected = {invite().id for _ in range(5)}
    planned = schedule()
    seen, cursor = [], None
    while True:
        page = queries.status_page(Status.AVAILABLE, size=2, cursor=cursor)
        seen += [row.id for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert (len(seen), set(seen)) == (5, expected)
    found = queries.status_page(Status.SCHEDULED).items
    assert [(row.id, row.type) for row in found] == [(planned.id, "regular")]


def test_due_ids_are_only_of_due_interviews(invite):
    invite()
    late = make_due(invite())
    assert list(queries.due_ids(Status.AVAILABLE, now())) == [late.id]
    assert fresh(late).due_at <= now()


def test_page_reads_rows_by_id_when_the_index_is_stale(invite, monkeypatch):
    changed, left = invite(), invite()
    late = Late([fresh(changed), fresh(left)])
    changed.move_to(Status.ACTIVATED, by="candidate")
    left.move_to(Status.REVOKED, by="recruiter")
    monkeypatch.setattr(type(Interview.list_key_index), "query", lambda *args, **kwargs: late)
    page = queries.list_page("take-home")
    assert [(row.id, row.state) for row in page.items] == [(changed.id, Status.ACTIVATED)]


class Late(list):
    """An index that has not received the last changes."""

    last_evaluated_key = None


@pytest.mark.parametrize(
    "read",
    [partial(queries.list_page, "take-home"), partial(queries.status_page, Status.AVAILABLE)],
)
def test_page_takes_no_more_of_the_index_than_finds_its_rows(take_home, monkeypatch, read):
    answers, dispatch = {}, Connection.dispatch

    def record(connection, operation, wanted):
        answers[operation] = answer = dispatch(connection, operation, wanted)
        return answer

    monkeypatch.setattr(Connection, "dispatch", record)
    assert [item.candidate_name for item in read().items] == [take_home.candidate_name]
    assert [set(item) for item in answers["Query"]["Items"]] == [{"id", "createdAt", "tab"}]


def test_a_row_of_which_an_index_has_the_id_alone_is_empty_otherwise() -> None:
    row = Interview.from_raw_data({"id": {"S": "takehome-1"}})
    assert row.id == "takehome-1"
    assert row.candidate_name is None
    assert row.timeline == []
    assert not row.unreadable_attributes
