"""GET /api/interviews: both types, open and ended, with filters, search and pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.models import Interview


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["id"] for item in response.json()["items"]]


@pytest.fixture
def three(
    in_state: Callable[..., Interview], invite: Callable[..., Interview], regular: Interview
) -> list[str]:
    """An ended take-home test, an open one, and a scheduled live interview."""
    over = in_state(
        "completed",
        type_status_key="take-home#completed",
        completed_at=now(),
        created_at=now() - timedelta(hours=2),
    )
    grace = invite(candidate_name="Grace")
    grace.change(created_at=now() - timedelta(hours=1))
    return [over.id, grace.id, regular.id]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [2, 1, 0]),
        ("ended=true", [0]),
        ("ended=false", [2, 1]),
        ("type=take-home", [1, 0]),
        ("type=take-home&ended=false", [1]),
        ("type=regular&ended=true", []),
        ("status=completed", [0]),
        ("status=revoked", []),
        ("from=2020-01-01", [0]),
        ("to=2020-01-01", []),
        ("q=grace", [1]),
        ("q=ada", [0]),
        ("q=word&ended=true", [0]),
        ("q=word&status=completed&type=take-home", [0]),
    ],
)
def test_list_is_filtered(
    staff_client: Client, three: list[str], query: str, wanted: list[int]
) -> None:
    assert ids(staff_client.get(f"/api/interviews?{query}")) == [three[number] for number in wanted]


def test_search_of_the_list_has_open_and_ended_ones(staff_client: Client, three: list[str]) -> None:
    assert sorted(ids(staff_client.get("/api/interviews?q=word"))) == sorted(three)


def test_list_has_each_as_it_is_alone(staff_client: Client, three: list[str]) -> None:
    listed = staff_client.get("/api/interviews").json()["items"]
    alone = [staff_client.get(f"/api/interviews/{item['id']}").json() for item in listed]
    assert listed == alone


def test_list_is_paged_by_fifty(staff_client: Client, invite: Callable[..., Interview]) -> None:
    made = set()
    for number in range(52):
        interview = invite()
        interview.created_at = now() - timedelta(minutes=number)
        interview.save()
        made.add(interview.id)
    for query in ("ended=false", "q=ada"):
        first = staff_client.get(f"/api/interviews?{query}")
        cursor = first.json()["next"]
        second = staff_client.get(f"/api/interviews?{query}&cursor={cursor}")
        assert len(ids(first)) == 50
        assert set(ids(first)) | set(ids(second)) == made
        assert second.json()["next"] is None


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("type=dry-run", "type", "Choose one of: take-home, regular."),
        ("status=active", "status", "Choose one of: completed, expired, revoked, cancelled."),
        ("from=yesterday", "from", "Enter a date such as 2030-03-31."),
        ("to=2026-13-01", "to", "Enter a date such as 2030-03-31."),
        ("from=2026-02-02&to=2026-02-01", "to", "The last day can't be before the first."),
        ("zone=Nowhere", "zone", "Enter a time zone such as Europe/Berlin."),
        ("ended=maybe", "ended", "Enter true or false."),
        (f"q={'x' * 301}", "q", "Enter 300 characters or fewer."),
        ("cursor=x", "cursor", "This cursor isn't valid for this list."),
        ("q=ada&cursor=x", "cursor", "This cursor isn't valid for this list."),
    ],
)
def test_wrong_filter_is_named(
    staff_client: Client, tables: None, query: str, field: str, message: str
) -> None:
    response = staff_client.get(f"/api/interviews?{query}")
    assert response.status_code == 422
    assert (response.json()["error"]["field"], response.json()["error"]["message"]) == (
        field,
        message,
    )
