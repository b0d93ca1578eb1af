"""Lists of records: their order, filters and pages."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from interviews.models import Interview
from interviews.pagination import history
from tests.dashboard.admin.pages import (
    CHALLENGES,
    INTERVIEWS,
    LISTS,
    OPERATIONS,
    messages_of,
    names,
)
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


def test_list_is_newest_first(staff_client: Client, invite: Any, schedule: Any) -> None:
    invite(candidate_name="Ada")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        staff_client.force_login(User.objects.get(username="recruiter"))
        schedule(candidate_name="Grace")
        assert names(staff_client.get(INTERVIEWS)) == ["Grace", "Ada"]


def test_list_is_narrowed(staff_client: Client, invite: Any, schedule: Any, in_state: Any) -> None:
    invite(candidate_name="Ada")
    schedule(candidate_name="Grace")
    in_state("expired", candidate_name="Edith")
    assert names(staff_client.get(f"{INTERVIEWS}?type=take-home&status=open")) == ["Ada"]
    assert names(staff_client.get(f"{INTERVIEWS}?type=regular")) == ["Grace"]
    assert names(staff_client.get(f"{INTERVIEWS}?status=available")) == ["Ada"]
    assert names(staff_client.get(f"{INTERVIEWS}?status=scheduled&type=take-home")) == []
    assert names(staff_client.get(f"{INTERVIEWS}?q=gra")) == ["Grace"]
    assert names(staff_client.get(f"{INTERVIEWS}?q=gra&status=available")) == []


@pytest.mark.parametrize(
    "query",
    ["type=nonsense", "status=nonsense", "within=x", "q=%00", "q=" + "x" * 400, "unknown=1"],
)
def test_nonsense_in_the_address_is_left_out(
    staff_client: Client, take_home: Interview, query: str
) -> None:
    assert staff_client.get(f"{INTERVIEWS}?{query}").status_code == 200
    assert staff_client.get(f"{OPERATIONS}?{query}").status_code == 200
    assert staff_client.get(f"{CHALLENGES}?{query}").status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_a_bad_cursor_leads_to_the_newest(
    staff_client: Client, take_home: Interview, address: str
) -> None:
    response = staff_client.get(f"{address}?cursor=nonsense&q=")
    assert (response.status_code, response["Location"]) == (302, f"{address}?")


def test_pages_follow_each_other(
    staff_client: Client, invite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = history.history_page
    monkeypatch.setattr(
        history, "history_page", lambda *args, **kwargs: page(*args, **kwargs, size=2)
    )
    for number in range(5):
        invite(candidate_name=f"Ada {number}")
    seen, address = [], "?"
    while address:
        response = staff_client.get(INTERVIEWS + address)
        seen += names(response)
        older = soup(response).select_one("a[rel=next]")
        address = older["href"] if older else ""
    assert sorted(seen) == [f"Ada {number}" for number in range(5)]


def test_what_is_gone_leads_to_the_list(staff_client: Client, tables: None) -> None:
    response = staff_client.get(f"{INTERVIEWS}nothing/change/", follow=True)
    assert response.redirect_chain == [(INTERVIEWS, 302)]
    assert messages_of(response) == ["This interview no longer exists."]
