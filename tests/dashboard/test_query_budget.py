"""The reads of a page of each list: as many with 10,000 interviews as with 100."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pynamodb.connection.base import Connection

from interviews import queries
from interviews.attributes import LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.pagination import by_start, history
from interviews.search import lookup
from interviews.search.index import index_interview
from tests.dynamodb.server import DynamoDB

FEW, MANY = 100, 10_000
# Small enough for a hundred interviews to fill a page of every kind.
SMALL_PAGE = 10
PAGE = 50
NOW = now()

KINDS = [
    *((TAKE_HOME, status) for status in ("available", "completed", "expired", "revoked")),
    *((LIVE, status) for status in ("scheduled", "completed", "cancelled", "revoked")),
]
LISTS = [
    "/",
    "/live/",
    "/api/takehome",
    "/api/interviews",
    "/api/interviews?ended=false",
    *(
        f"/history/?type={type_}&status={status}"
        for type_, status in itertools.product(
            ("", TAKE_HOME, LIVE), ("", "completed", "expired", "revoked", "cancelled")
        )
    ),
    "/history/?from=2020-01-01",
    "/history/?to=2099-12-31&type=regular",
    "/history/?from=2020-01-01&to=2099-12-31&status=completed",
    "/history/?from=2020-01-01&to=2099-12-31&type=take-home&status=revoked",
]
SEARCHES = [
    "/history/?q=zoe",
    "/history/?q=al",
    "/history/?q=bo+al",
    "/history/?q=al+zoe",
    "/history/?q=al&type=regular&status=completed",
    # Nothing matches: it reads a bounded number of rows, and offers older ones.
    "/history/?q=al&type=take-home&status=cancelled",
    "/history/?q=i-00003",
    "/history/?q=ABCDEF23",
    "/api/interviews?q=al&ended=true",
]
ROWS = [
    "/interviews/i-00000/row/?tab=take-home",
    "/interviews/i-00004/row/?tab=regular",
    "/interviews/i-00001/row/?tab=history",
    "/interviews/i-00001/row/?tab=history&type=take-home&status=completed&from=2020-01-01",
    "/interviews/i-00001/row/?tab=history&q=bo+al",
]


class Reads(Counter[str]):
    """Requests, and items that the responses say were read, not those returned."""

    def count(self, operation: str, wanted: dict[str, Any], answer: dict[str, Any]) -> None:
        assert operation != "Scan"
        self["requests"] += 1
        if operation == "Query":
            self["items"] += answer["ScannedCount"]
        elif operation == "BatchGetItem":
            (keys,) = wanted["RequestItems"].values()
            self["items"] += len(keys["Keys"])
        else:
            self["items"] += 1


@contextmanager
def counted() -> Iterator[Reads]:
    reads, dispatch = Reads(), Connection.dispatch

    def counting(connection: Connection, operation: str, wanted: dict[str, Any]) -> Any:
        answer = dispatch(connection, operation, wanted)
        reads.count(operation, wanted, answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "dispatch", counting)
        yield reads


@contextmanager
def straight_into_the_tables(dynamodb: DynamoDB) -> Iterator[None]:
    """Write in batches: ten thousand interviews with their search terms need many requests."""

    def put(connection: Connection, operation: str, wanted: dict[str, Any]) -> Any:
        if operation == "PutItem":
            dynamodb.put(wanted["TableName"], wanted["Item"])
        else:
            assert operation == "BatchWriteItem"
            for name, requests in wanted["RequestItems"].items():
                for request in requests:
                    dynamodb.put(name, request["PutRequest"]["Item"])
        return {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "dispatch", put)
        yield


def fill(dynamodb: DynamoDB, first: int, last: int) -> None:
    """Interviews of every kind in turn, one per minute, backwards from now."""
    with straight_into_the_tables(dynamodb):
        for number in range(first, last):
            type_, status = KINDS[number % len(KINDS)]
            at = NOW - timedelta(minutes=number)
            is_open = status in ("available", "scheduled")
            interview = Interview(
                id=f"i-{number:05}",
                type=type_,
                status=status,
                candidate_name="Al Bo" if number % 2 else "Al Cy",
                challenge="go",
                duration_minutes=60,
                passcode="ABCDEF23" if number == 0 else None,
                created_at=at,
                completed_at=None if is_open else at,
            )
            index_interview(interview, "Go")
            interview.create(by="recruiter")


@pytest.fixture
def costs(staff_client: Client) -> Callable[..., dict[str, dict[str, int]]]:
    def measure(addresses: list[str]) -> dict[str, dict[str, int]]:
        found = {}
        for address in addresses:
            # What a process reads that has not looked up the passcode before.
            queries._remembered_id.cache_clear()
            with counted() as reads:
                assert staff_client.get(address).status_code == 200, address
            found[address] = dict(reads)
        return found

    return measure


def pages_of(size: int, patch: pytest.MonkeyPatch) -> None:
    readers: list[Any] = [
        queries.list_page,
        by_start.live_page,
        history.history_page,
        lookup.search_page,
    ]
    for reader in readers:
        patch.setitem(reader.__kwdefaults__, "size", size)


@pytest.mark.long
def test_page_costs_as_much_with_ten_thousand_interviews_as_with_a_hundred(
    tables: None, dynamodb: DynamoDB, costs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = [*LISTS, *SEARCHES, *ROWS]
    fill(dynamodb, 0, FEW)
    with monkeypatch.context() as patch:
        pages_of(SMALL_PAGE, patch)
        few = costs(everything)
    fill(dynamodb, FEW, MANY)
    with monkeypatch.context() as patch:
        pages_of(SMALL_PAGE, patch)
        assert costs(everything) == few
    # And full pages, of each kind of list.
    lists = ["/", "/live/", "/api/interviews", "/history/?type=&status=", LISTS[-2]]
    whole = costs([*lists, *SEARCHES, *ROWS])
    # The parts of an index are merged, each with one more row than the page. Then the rows on the
    # page are read, and the challenge for its name.
    for address in lists:
        parts = 4 if address == "/api/interviews" else 2
        assert whole[address]["items"] <= parts * (PAGE + 1) + PAGE + 5, address
    # Each word is looked up, and rows with all of them are read, in a few rounds at most.
    assert max(whole[address]["items"] for address in SEARCHES) <= lookup.MAX_ROUNDS * 3 * PAGE + 10
    assert max(whole[address]["items"] for address in ROWS) <= 3
    assert max(cost["requests"] for cost in whole.values()) <= 15
