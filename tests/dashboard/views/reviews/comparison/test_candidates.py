"""The candidates of a challenge side by side: order, filters, scores and pages."""

import csv
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.filters import comparison as filters
from dashboard.permissions.roles import INTERVIEWER, REVIEWER, VIEWER
from operations.audit.models import AuditEntry
from operations.reviews.decisions import decide
from operations.reviews.schemas import DecisionInput
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.dashboard.test_query_budget import counted
from tests.dashboard.views.reviews.comparison.rows import API, FILE, PAGE, Finish, names, rows_of
from tests.reviewing import CRITERIA, set_criteria, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def otto(challenge: Any) -> User:
    set_criteria(*CRITERIA)
    return member("otto", REVIEWER)


def test_sorts_filters_and_links(client: Client, finished: Finish, otto: User) -> None:
    ada = finished("Ada", 3, created_by="ann", challenge_version=1)
    bo, cy = finished("Bo", 2, challenge_version=2), finished("Cy", 1, challenge_version=2)
    finished("Elsewhere", challenge="other")
    submit(ada, otto, 2, 2)
    submit(bo, otto, 4, 4)
    decide(cy, DecisionInput(outcome="hold", reason="Later."), by="boss")
    client.force_login(member("boss", INTERVIEWER))
    assert names(client) == ["Cy", "Bo", "Ada"]
    assert names(client, "sort=candidate") == ["Ada", "Bo", "Cy"]
    # Without a score is last, whichever way.
    assert names(client, "sort=-score") == ["Bo", "Ada", "Cy"]
    assert names(client, "sort=score") == ["Ada", "Bo", "Cy"]
    assert names(client, "sort=decision") == ["Cy", "Bo", "Ada"]
    assert names(client, "version=2") == ["Cy", "Bo"]
    assert names(client, "by=ann") == ["Ada"]
    assert names(client, "decision=none&sort=candidate") == ["Ada", "Bo"]
    assert names(client, "to=2001-01-01") == []
    page = soup(client.get(f"{PAGE}?sort=-score&version=2"))
    score = page.select_one("[aria-sort=descending] a")
    # The link turns the order around, and keeps the filter.
    assert score["href"] == f"{PAGE}?sort=score&version=2"
    assert page.select_one(f'a[href="/interviews/{bo.id}/review/"]')
    assert client.get("/challenges/nothing/compare/").status_code == 404


def test_distribution_is_that_of_all_that_match(
    client: Client, finished: Finish, otto: User
) -> None:
    for place, name in enumerate(("Ada", "Bo", "Cy", "Dee", "Eve")):
        submit(finished(name, place), otto, 3 if place % 2 else 4, 2)
    client.force_login(member("boss", INTERVIEWER))
    page = soup(client.get(PAGE))
    first, second = page.select(".spreads tbody tr")
    flat = "It hardly tells candidates apart."
    assert text_of(first) == f"Correctness All 5 scores are 3 or 4. {flat} 0 0 2 3"
    assert text_of(second) == f"Tests All 5 scores are 2. {flat} 0 5 0 0"
    decisions = text_of(page.select("section.card dl.bars")[-1])
    assert decisions == "Advance 0 Hold 0 Reject 0 None yet 5"
    assert "style=" not in str(page.select_one("#comparison"))
    # Whoever compares sees the candidates first.
    titles = [text_of(each) for each in page.select("#comparison h2")]
    assert titles == ["Candidates", "Distributions"]


def shown(client: Client, query: str = "") -> Any:
    """All that page, file and API say; without the order of candidates, which is returned apart."""
    rows = rows_of(client, query)
    api = client.get(f"{API}?{query}").json()
    scores = sorted((row["weighted_mean"], row["reviews"], row["spread"]) for row in rows)
    page = soup(client.get(f"{PAGE}?{query}"))
    table = sorted(text_of(each) for each in page.select(".candidates tbody tr"))
    order = [row["candidate_name"] for row in rows]
    assert order == [each["candidateName"] for each in api["items"]] == names(client, query)
    spreads = [text_of(each) for each in page.select(".spreads")]
    columns = [name for name in (rows[0] if rows else ()) if name.startswith("score:")]
    return scores, table, spreads, columns, order, api["distribution"], api["total"]


@pytest.mark.parametrize("role", [REVIEWER, VIEWER])
def test_hidden_scores_change_nothing(
    client: Client, finished: Finish, otto: User, role: str
) -> None:
    """Whatever otto scores, who may not see it is shown the same, in each order."""
    interviews = [finished(name, 5 - place) for place, name in enumerate(("Ada", "Bo", "Cy"))]
    rita = member("rita", role)
    client.force_login(rita)
    sorts = ["", "sort=score", "sort=-score", "sort=spread", "sort=-spread", "decision=none"]
    before = {sort: shown(client, sort) for sort in sorts}
    submit(interviews[1], otto, 4, 4)
    submit(interviews[0], otto, 1, 1)
    assert {sort: shown(client, sort) for sort in sorts} == before
    if role == REVIEWER:
        # Their own review opens that submission, and no other.
        submit(interviews[0], rita, 3, 3)
        scores, *_rest = shown(client)
        assert scores == [("", "", ""), ("", "", ""), ("2.00", "2", "2.00")]
        assert client.get(API).json()["distribution"]["criteria"][0]["counts"]["4"] == 0


def test_viewer_has_no_column_of_scores(client: Client, finished: Finish, otto: User) -> None:
    submit(finished("Ada"), otto, 4, 4)
    client.force_login(member("vera", VIEWER))
    heads = [each.get_text() for each in soup(client.get(PAGE)).select(".candidates thead th")]
    assert heads == [
        *("Candidate", "Time used", "Checks", "Decision", "Ended"),
        *("Version", "Invited by", "Progress"),
    ]


def test_file_has_all_pages_and_no_formula(
    client: Client, finished: Finish, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "PAGE_SIZE", 1)
    submit(finished("=cmd()", 1), otto, 4, 2)
    finished("Bo", 2)
    client.force_login(member("boss", INTERVIEWER))
    first, second = rows_of(client)
    assert first["candidate_name"] == "'=cmd()"
    assert (first["weighted_mean"], first["reviews"], first["spread"]) == ("3.50", "1", "")
    assert (first["score: Correctness"], first["score: Tests"]) == ("4.00", "2.00")
    assert (second["candidate_name"], second["reviews"]) == ("Bo", "0")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.what, entry.target) == ("exported_comparison", "word-count")
    assert client.get(f"{FILE}?sort=nothing").status_code == 302


def test_pages(client: Client, finished: Finish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "PAGE_SIZE", 2)
    for place, name in enumerate(("Ada", "Bo", "Cy")):
        finished(name, place)
    client.force_login(member("boss", INTERVIEWER))
    page = soup(client.get(PAGE))
    assert page.select_one(".pager [rel=next]")["href"] == f"{PAGE}?page=2"
    assert names(client, "page=2") == ["Cy"]
    assert client.get(f"{PAGE}?page=9&sort=time").headers["Location"] == f"{PAGE}?sort=time"
    api = client.get(f"{API}?page=2").json()
    assert ([each["candidateName"] for each in api["items"]], api["pages"]) == (["Cy"], 2)


def test_bound_is_told(client: Client, finished: Finish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MAX_COMPARED", 1)
    finished("Ada", 2)
    finished("Bo", 1)
    client.force_login(member("boss", INTERVIEWER))
    assert names(client) == ["Bo"]
    assert "Choose earlier days" in soup(client.get(PAGE)).select_one("#comparison").get_text()
    assert client.get(API).json()["bounded"] is True


def test_wrong_filters_are_told_at_their_fields(client: Client, finished: Finish) -> None:
    finished("Ada")
    client.force_login(member("boss", INTERVIEWER))
    response = client.get(f"{PAGE}?version=x&decision=maybe")
    page = soup(response, 422)
    assert page.select_one("#id_version_error") and page.select_one("#id_decision_error")
    assert client.get(f"{API}?version=x").status_code == 422


def test_as_many_reads_for_many_as_for_few(client: Client, finished: Finish, otto: User) -> None:
    client.force_login(member("boss", INTERVIEWER))
    client.get(PAGE)
    costs = []
    for _round in range(2):
        for number in range(6):
            submit(finished(f"No {number}", number), otto, 3, 3)
        with counted() as reads, CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        costs.append((reads["requests"], len(queries)))
    assert costs[0] == costs[1]
    # The challenge, its ended interviews, and the rows of these.
    assert costs[0][0] == 3


def test_history_leads_to_it_if_there_is_one(client: Client, finished: Finish) -> None:
    finished("Ada", 1)
    # No URL has such an id.
    finished("Bo", 2, challenge="a/b")
    client.force_login(member("boss", INTERVIEWER))
    rows = soup(client.get("/history/"), 200).select("#rows tr")
    links = [[each["href"] for each in row.select(".cell-challenge a")] for row in rows]
    assert links == [[PAGE], []]


def test_history_has_the_scores_of_who_may_see_them(
    client: Client, finished: Finish, otto: User
) -> None:
    submit(finished("Ada", 1), otto, 4, 2)
    finished("Bo", 2, ready_at=None)
    for role, cells, row in (
        (INTERVIEWER, ["3.5 1 review", "–"], ("1", "3.50")),
        (REVIEWER, ["hidden", "–"], ("", "")),
        (VIEWER, [], ("", "")),
    ):
        client.force_login(member(f"a {role}", role))
        page = soup(client.get("/history/"))
        assert [text_of(each) for each in page.select(".cell-score")] == cells
        (one,) = soup(client.get(page_row(page))).select("tr")
        assert [text_of(each) for each in one.select(".cell-score")] == cells[:1]
        answer = client.get("/history/history.csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        ada = next(csv.DictReader(text.splitlines()))
        assert (ada["reviews"], ada["weighted_mean"]) == row


def page_row(page: Any) -> str:
    """Where a change of the first row is fetched."""
    return f"/interviews/{page.select_one('#rows tr')['data-interview']}/row/?tab=history"
