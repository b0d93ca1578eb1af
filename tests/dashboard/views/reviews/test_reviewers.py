"""Assigning reviewers on the pages, and the list of what waits."""

from typing import Any

import pytest
from django.test import Client

from dashboard.permissions.roles import INTERVIEWER, REVIEWER
from interviews.models import Interview
from operations.reviews import reviewers
from operations.reviews.models import Review
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.http import post
from tests.reviewing import finish

pytestmark = pytest.mark.django_db


def test_assign_see_it_in_the_list_and_remove(client: Client, take_home: Interview) -> None:
    finish(take_home)
    rita, boss = member("rita", REVIEWER), member("boss", INTERVIEWER)
    client.force_login(boss)
    path = f"/interviews/{take_home.id}/reviewers/"
    assert client.post(path, {"reviewer": "0"}).status_code == 422
    assert client.post(path, {"reviewer": rita.pk}).status_code == 302
    page = soup(client.get("/reviews/"))
    assert "Nothing to review" in page.select_one("#to-review").get_text()
    assert [each.get_text() for each in page.select("tbody a.name")] == ["Ada"]
    api = client.get("/api/reviews?others=true").json()
    assert [(each["reviewer"], each["state"]) for each in api] == [("rita", None)]
    client.force_login(rita)
    mine = soup(client.get("/reviews/"))
    assert "To review (1)" in mine.select_one(".site-nav").get_text()
    assert "Not started" in mine.select_one("#to-review tbody").get_text()
    assert client.get("/api/reviews").json()[0]["state"] == "open"
    assert client.post(path, {"reviewer": rita.pk}).status_code == 403
    client.force_login(boss)
    review = Review.objects.get()
    assert client.post(f"{path}{review.pk}/remove/").status_code == 302
    assert client.post(f"{path}{review.pk}/remove/").status_code == 404


def test_others_are_for_who_may_assign(client: Client, take_home: Interview) -> None:
    otto = member("otto", REVIEWER)
    reviewers.assign_reviewer(finish(take_home), otto, by="ada")
    client.force_login(member("rita", REVIEWER))
    assert soup(client.get("/reviews/")).select("tbody a.name") == []
    assert client.get("/api/reviews?others=true").json() == []


def test_the_reviewers_of_a_challenge(client: Client, challenge: Any) -> None:
    rita, otto = member("rita", REVIEWER), member("otto", REVIEWER)
    client.force_login(member("boss", INTERVIEWER))
    path = "/challenges/word-count/reviewers/"
    chosen = {"reviewers": [rita.pk, otto.pk], "how": "turn", "in_turn": "3"}
    refused = client.post(path, chosen)
    assert refused.status_code == 422
    page = soup(refused)
    assert page.select_one("#in_turn_error").get_text() == "Enter a number from 1 to 2."
    assert len(page.select("[name=reviewers][checked]")) == 2
    assert client.post(path, chosen | {"in_turn": "1"}).status_code == 302
    row = reviewers.settings_of("word-count")
    assert (row.in_turn, row.reviewers.count()) == (1, 2)
    page = soup(client.get(path))
    assert page.select_one("[name=how][checked]")["value"] == "turn"


def test_by_the_api(client: Client, take_home: Interview) -> None:
    finish(take_home)
    member("rita", REVIEWER)
    client.force_login(member("boss", INTERVIEWER))
    path = f"/api/interviews/{take_home.id}/reviewers"
    answer = post(client, path, {"reviewer": "rita"}).json()
    assert [each["reviewer"] for each in answer["reviewers"]] == ["rita"]
    unknown = post(client, path, {"reviewer": "nobody"})
    assert (unknown.status_code, unknown.json()["error"]["field"]) == (422, "reviewer")
    assert client.delete(f"{path}/rita").json()["reviewers"] == []
