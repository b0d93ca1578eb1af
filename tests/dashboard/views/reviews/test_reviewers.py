"""Assigning reviewers on the pages, and the list of what waits."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import INTERVIEWER, REVIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.reviews import reviewers
from operations.reviews.models import Review
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.http import post
from tests.reviewing import finish, submit

pytestmark = pytest.mark.django_db


def test_assign_see_it_in_the_list_and_remove(client: Client, take_home: Interview) -> None:
    finish(take_home)
    rita, boss = member("rita", REVIEWER), member("boss", INTERVIEWER)
    client.force_login(boss)
    path = f"/interviews/{take_home.id}/reviewers/"
    assert client.post(path, {"reviewer": "0"}).status_code == 422
    assert client.post(path, {"reviewer": rita.pk}).status_code == 302
    page = soup(client.get("/reviews/"))
    assert "No submission is assigned to you" in page.select_one("#to-review").get_text()
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


def test_no_missing_button_tells_who_has_submitted(client: Client, take_home: Interview) -> None:
    otto, boss = member("otto", REVIEWER), member("boss", INTERVIEWER)
    for user in (otto, boss):
        reviewers.assign_reviewer(finish(take_home), user, by="ada")
    submit(take_home, otto)
    client.force_login(boss)
    address = f"/interviews/{take_home.id}/review/"
    assert len(soup(client.get(address)).select("#part-reviewers li form")) == 2
    submit(take_home, boss)
    # All are in, and known to be.
    assert soup(client.get(address)).select("#part-reviewers li form") == []


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
    assert not page.select("[name=hides_names][checked]")
    client.post(path, chosen | {"in_turn": "1", "hides_names": "on"})
    assert soup(client.get(path)).select("[name=hides_names][checked]")
    assert AuditEntry.objects.latest("pk").detail == "otto, rita; 1 in turn; names hidden"


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


def test_by_the_api_a_name_is_that_of_the_person_now(client: Client, take_home: Interview) -> None:
    finish(take_home)
    client.force_login(member("boss", INTERVIEWER))
    path = f"/api/interviews/{take_home.id}/reviewers"
    for name in ("rita", "otto"):
        reviewers.assign_reviewer(take_home, member(name, REVIEWER), by="ada")
    # Otto has taken the name that was rita's.
    User.objects.filter(username="rita").update(username="margarita")
    User.objects.filter(username="otto").update(username="rita")
    assert client.delete(f"{path}/rita").status_code == 200
    assert Review.objects.get().reviewer.username == "margarita"
    assert client.delete(f"{path}/margarita").status_code == 200
    gone = member("olga", REVIEWER)
    reviewers.assign_reviewer(take_home, gone, by="ada")
    gone.delete()
    assert client.delete(f"{path}/olga").status_code == 200
    assert not Review.objects.exists()


def test_the_reviewers_of_a_challenge_by_the_api(client: Client, challenge: Any) -> None:
    for name in ("rita", "otto"):
        member(name, REVIEWER)
    client.force_login(member("boss", INTERVIEWER))
    path = "/api/challenges/word-count/reviewers"
    assert client.get(path).json() == {"reviewers": [], "inTurn": 0, "hidesNames": False}

    def put(**body: Any) -> Any:
        return client.put(path, body, content_type="application/json")

    chosen = {"reviewers": ["rita", "otto", "rita"], "inTurn": 1, "hidesNames": True}
    stored = {"reviewers": ["otto", "rita"], "inTurn": 1, "hidesNames": True}
    assert put(**chosen).json() == stored
    for wrong, field in (
        ({"reviewers": ["nobody"]}, "reviewers"),
        ({"reviewers": ["rita"], "inTurn": 2}, "inTurn"),
        ({"reviewers": ["rita"], "inTurn": -1}, "inTurn"),
        ({}, "reviewers"),
    ):
        answer = put(**wrong)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert client.get(path).json() == stored
