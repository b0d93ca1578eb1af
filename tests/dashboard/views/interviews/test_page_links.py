"""The way between the pages of one interview: what is there, for whom, and which page is open."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from dashboard.permissions.roles import INTERVIEWER, REVIEWER, VIEWER
from interviews.dynamodb import now
from interviews.models import Interview
from operations.checks import actions
from operations.progress.models import ProgressState
from operations.reviews import reviewers
from tests.checking import save_checks, submit
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.reviewing import finish
from tests.reviewing import submit as submit_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(challenge, invite: Callable[..., Interview]) -> Interview:
    """With files, checks that were run, and a kept state."""
    save_checks()
    interview = submit(invite())
    actions.run_again(interview, by="ada")
    ProgressState.objects.create(
        interview_id=interview.id, number=1, sitting=1, at=now(), key="k", files=1, lines=1
    )
    return interview


def tabs(client: Client, address: str) -> dict[str, str]:
    """The titles of the links, with `aria-current` of each."""
    page = soup(client.get(address, follow=True))
    (nav,) = page.select("#part-pages")
    if nav.has_attr("hidden"):
        return {}
    return {text_of(link): str(link.get("aria-current", "")) for link in nav.select("a")}


def test_each_page_leads_to_the_others(client: Client, submitted: Interview) -> None:
    client.force_login(member("rita", REVIEWER))
    titles = ["Overview", "Submission", "Checks", "Progress", "Review"]
    base = f"/interviews/{submitted.id}/"
    paths = {"Overview": "", "Submission": "submission/", "Checks": "checks/", "Review": "review/"}
    for title, path in paths.items():
        expected = {each: "page" if each == title else "" for each in titles}
        assert tabs(client, base + path) == expected
    # A file is no page of these, but one below it.
    assert tabs(client, f"{base}submission/file/?path=count.py")["Submission"] == "true"
    links = soup(client.get(base)).select("#part-pages a")
    assert [link["href"] for link in links] == [
        base + part for part in ("", "submission/", "checks/", "progress/", "review/")
    ]


def test_who_may_not_review_sees_no_link_to_reviews(client: Client, submitted: Interview) -> None:
    client.force_login(member("vera", VIEWER))
    assert list(tabs(client, f"/interviews/{submitted.id}/checks/")) == [
        *("Overview", "Submission", "Checks", "Progress")
    ]


def test_what_is_not_there_has_no_link(client: Client, invite: Callable[..., Interview]) -> None:
    interview = invite()
    client.force_login(member("boss", INTERVIEWER))
    assert tabs(client, f"/interviews/{interview.id}/") == {}
    # Somebody who came by its address is told where they are.
    assert tabs(client, f"/interviews/{interview.id}/checks/") == {"Overview": "", "Checks": "page"}
    finish(interview)
    assert list(tabs(client, f"/interviews/{interview.id}/")) == ["Overview", "Review"]


def neighbors(client: Client, interview: Interview) -> dict[str, Any]:
    nav = soup(client.get(f"/interviews/{interview.id}/review/")).select_one("#part-neighbors")
    return {text_of(link): link["href"].split("/")[2] for link in nav.select("a")}


def test_reviews_lead_to_the_next_that_waits(
    client: Client, invite: Callable[..., Interview]
) -> None:
    rita = member("rita", REVIEWER)
    client.force_login(rita)
    tests = [finish(invite(candidate_name=name)) for name in ("Ada", "Bo", "Cy")]
    assert neighbors(client, tests[0]) == {}
    for each in tests:
        reviewers.assign_reviewer(each, rita, by="boss")
    assert neighbors(client, tests[0]) == {"Next to review: Bo": tests[1].id}
    assert neighbors(client, tests[1]) == {
        "Previous: Ada": tests[0].id,
        "Next to review: Cy": tests[2].id,
    }
    assert neighbors(client, tests[2]) == {"Previous: Bo": tests[1].id}
    submit_review(tests[1], rita)
    # A review that is in leads on to the oldest that waits.
    assert neighbors(client, tests[1]) == {"Next to review: Ada": tests[0].id}
    # One whose interview is gone is passed over.
    tests[0].delete()
    assert neighbors(client, tests[1]) == {"Next to review: Cy": tests[2].id}
