"""/api/interviews/<id>/reviews and /decision: the rules of the pages."""

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import ADMINISTRATOR, REVIEWER
from interviews.models import Interview
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.http import post
from tests.reviewing import CRITERIA, finish, set_criteria, submit

pytestmark = pytest.mark.django_db

SCORES = [{"criterion": each.name, "score": 2, "note": ""} for each in CRITERIA]


@pytest.fixture
def submission(invite: Callable[..., Interview]) -> Interview:
    """A submission that otto has reviewed."""
    interview = invite()
    set_criteria(*CRITERIA)
    finish(interview)
    submit(interview, member("otto", REVIEWER), 4, 4)
    return interview


@pytest.fixture
def rita(client: Client) -> User:
    user = member("rita", REVIEWER)
    client.force_login(user)
    return user


def put(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.put(path, body, content_type="application/json")


@pytest.mark.usefixtures("rita")
def test_a_review_from_its_draft_to_side_by_side(client: Client, submission: Interview) -> None:
    path = f"/api/interviews/{submission.id}/reviews"
    before = client.get(path).json()
    assert (before["othersHidden"], before["reviews"], before["weightedMean"]) == (True, [], None)
    assert [each["name"] for each in before["criteria"]] == ["Correctness", "Tests"]
    saved = put(client, f"{path}/mine", {"scores": SCORES[:1], "version": 0})
    assert (saved.status_code, saved.json()["state"], saved.json()["version"]) == (200, "draft", 1)
    assert put(client, f"{path}/mine", {"version": 0}).status_code == 409
    incomplete = post(client, f"{path}/mine/submit", {"scores": SCORES[:1], "version": 1})
    assert incomplete.status_code == 422
    assert incomplete.json()["error"]["field"] == "scores"
    whole = {"scores": SCORES, "recommendation": "no", "version": 2}
    assert post(client, f"{path}/mine/submit", whole).json()["weightedMean"] == 2
    after = client.get(path).json()
    assert [each["reviewer"] for each in after["reviews"]] == ["otto", "rita"]
    assert after["weightedMean"] == 3
    assert post(client, f"{path}/mine/reopen", {}).json()["state"] == "draft"
    assert client.get(path).json()["reviews"] == []
    other = {**whole, "recommendation": "yes", "version": 3}
    assert client.get(path).json()["mine"]["original"] is None
    assert post(client, f"{path}/mine/submit", other).json()["original"] == {
        "scores": [{key: each[key] for key in ("criterion", "score")} for each in SCORES],
        "weightedMean": 2,
        "recommendation": "no",
    }
    assert [each["original"] is None for each in client.get(path).json()["reviews"]] == [
        True,
        False,
    ]


@pytest.mark.usefixtures("rita")
def test_the_states_of_others_are_hidden_too(client: Client, submission: Interview) -> None:
    answer = client.get(f"/api/interviews/{submission.id}/reviews").json()
    assert answer["reviewers"] == []


def test_decisions(client: Client, submission: Interview) -> None:
    client.force_login(member("root", ADMINISTRATOR))
    path = f"/api/interviews/{submission.id}/decision"
    made = post(client, path, {"outcome": "hold", "reason": "Ask otto."})
    assert made.status_code == 201
    assert made.json()["decision"]["outcome"] == "hold"
    assert post(client, path, {"outcome": "reject", "reason": "No."}).status_code == 409
    changed = post(client, path, {"outcome": "advance", "reason": "Yes.", "base": 1}).json()
    assert [each["outcome"] for each in changed["earlierDecisions"]] == ["hold"]
    wrong = post(client, path, {"outcome": "maybe", "reason": "?", "base": 2})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "outcome")


def test_a_token_reads_and_decides_but_does_not_review(
    client: Client, submission: Interview
) -> None:
    _token, text = api_tokens.create("ats", "Interviewer", by="root")
    headers: dict[str, Any] = {"headers": {"Authorization": f"Bearer {text}"}}
    path = f"/api/interviews/{submission.id}/reviews"
    assert len(client.get(path, **headers).json()["reviews"]) == 1
    body = {"scores": SCORES, "recommendation": "no"}
    refused = client.post(f"{path}/mine/submit", body, content_type="application/json", **headers)
    assert refused.status_code == 409


def test_lists_have_the_decision_and_are_filtered_by_it(
    client: Client, submission: Interview, invite: Callable[..., Interview]
) -> None:
    other = finish(invite(candidate_name="Other"))
    client.force_login(member("root", ADMINISTRATOR))
    body = {"outcome": "advance", "reason": "Yes."}
    post(client, f"/api/interviews/{submission.id}/decision", body)
    listed = client.get("/api/interviews").json()["items"]
    known = {each["id"]: each["decision"] for each in listed}
    assert known == {submission.id: "advance", other.id: None}
    assert client.get(f"/api/interviews/{submission.id}").json()["decision"] == "advance"
    for decision, found in (("advance", submission), ("none", other)):
        items = client.get(f"/api/interviews?decision={decision}").json()["items"]
        assert [each["id"] for each in items] == [found.id]
        page = soup(client.get(f"/history/?decision={decision}"))
        assert [row["data-interview"] for row in page.select("tr[data-interview]")] == [found.id]
    row = client.get(f"/interviews/{other.id}/row/?tab=history&decision=advance")
    assert "data-left" in row.content.decode()
    file = b"".join(client.get("/history/history.csv")).decode("utf-8-sig")
    cells = {row["interview_id"]: row["decision"] for row in csv.DictReader(file.splitlines())}
    assert cells == {submission.id: "advance", other.id: ""}
    assert client.get("/api/interviews?decision=maybe").status_code == 422
