"""Comments at the lines of a file: who sees which, who may add one, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, REVIEWER, VIEWER
from interviews.challenges.criteria import Criterion
from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.models import Interview
from operations.reviews import scorecards
from operations.reviews.models import Review, ReviewState
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.views.submissions.conftest import submitted
from tests.operations.submissions.archives import archive_of, save_archive
from tests.reviewing import CRITERIA, card, set_criteria, submit

pytestmark = pytest.mark.django_db

HOSTILE = "Why? <script>alert(1)</script>"
__all__ = ["submitted"]


def url(interview: Interview, part: str) -> str:
    return f"/interviews/{interview.id}/{part}"


def at(*wheres: str, text: str = HOSTILE) -> list[dict[str, str]]:
    return [{"text": text, "where": where} for where in wheres]


@pytest.fixture
def reviewed(submitted: Interview) -> Interview:
    """A submission with a submitted review of otto's, and a draft of dora's."""
    set_criteria(*CRITERIA)
    submit(submitted, member("otto", REVIEWER), 4, 4, comments=at("count.py:4", text="By otto"))
    draft = card(1, comments=at("count.py:4", text="By dora"))
    scorecards.save_draft(submitted, member("dora", REVIEWER), draft, version=0)
    return submitted


def comments_of(client: Client, interview: Interview, page: str) -> list[str]:
    found = soup(client.get(url(interview, f"submission/{page}"))).select(".line-comment-text")
    return [each.get_text() for each in found]


PAGES = ["file/?path=count.py", "difference/?path=count.py&view=column"]
PAGES += ["difference/?path=count.py&view=side"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "mine", "seen", "may_add"),
    [
        (VIEWER, None, [], False),
        (REVIEWER, None, [], True),
        (REVIEWER, ReviewState.DRAFT, ["Mine"], True),
        (REVIEWER, ReviewState.SUBMITTED, ["By otto", "Mine"], False),
        (INTERVIEWER, None, ["By otto"], True),
        (INTERVIEWER, ReviewState.DRAFT, ["Mine"], True),
        (INTERVIEWER, ReviewState.SUBMITTED, ["By otto", "Mine"], False),
        (ADMINISTRATOR, None, ["By otto"], True),
        (ADMINISTRATOR, ReviewState.DRAFT, ["Mine"], True),
    ],
)
def test_who_sees_which_comments_at_a_line(
    client: Client,
    reviewed: Interview,
    page: str,
    role: str,
    mine: ReviewState | None,
    seen: list[str],
    may_add: bool,
) -> None:
    user = member("rita", role)
    client.force_login(user)
    if mine is not None:
        write = scorecards.save_draft if mine == ReviewState.DRAFT else scorecards.submit_review
        comments = at("count.py:4", text="Mine")
        write(reviewed, user, card(2, 2, comments=comments), version=0)
    assert sorted(comments_of(client, reviewed, page)) == seen
    html = soup(client.get(url(reviewed, f"submission/{page}")))
    assert bool(html.select(".line-add")) is may_add
    assert bool(html.select("#comment-composer, [data-comment-file]")) is may_add


def test_comment_stands_at_its_line_and_is_text(client: Client, submitted: Interview) -> None:
    client.force_login(member("rita", REVIEWER))
    answer = client.post(
        url(submitted, "review/comment/"), {"where": "count.py:4", "text": HOSTILE}
    )
    assert answer.json()["version"] == 1
    assert "&lt;script&gt;" in answer.json()["html"]
    page = soup(client.get(url(submitted, "submission/file/?path=count.py")))
    below = page.select_one("#L4 + .line-comments")
    assert below.select_one(".line-comment-text").get_text() == HOSTILE
    assert below.a["href"] == url(submitted, "review/#scorecard-title")
    assert not page.select(".line-comment script")
    review = soup(client.get(url(submitted, "review/")))
    link = review.select_one("[data-place]")
    assert link["href"] == url(submitted, "submission/file/?path=count.py#L4")


def test_comments_at_no_shown_line_stand_above(client: Client, submitted: Interview) -> None:
    user = member("rita", REVIEWER)
    client.force_login(user)
    comments = at("count.py", "count.py:99", "README.md", "caf\\xe9.txt:1")
    scorecards.save_draft(submitted, user, card(1, comments=comments), version=0)
    page = soup(client.get(url(submitted, "submission/file/?path=count.py")))
    assert len(page.select(".file-comments .line-comment")) == 2
    assert "Line 99" in page.select_one(".file-comments").get_text()
    deleted = soup(client.get(url(submitted, "submission/file/?path=README.md")))
    assert len(deleted.select(".file-comments .line-comment")) == 1
    # A deleted file is commented on as a whole.
    assert deleted.select("[data-comment-file]")
    assert not deleted.select(".line-add")
    odd = soup(client.get(url(submitted, "submission/file/?path=caf%E9.txt")))
    assert odd.select("#L1 + .line-comments")
    picture = soup(client.get(url(submitted, "submission/file/?path=picture.png")))
    assert picture.select("[data-comment-file]")


def test_an_earlier_sitting_has_none(client: Client, submitted: Interview) -> None:
    user = member("rita", REVIEWER)
    client.force_login(user)
    scorecards.save_draft(submitted, user, card(1, comments=at("count.py:4")), version=0)
    earlier = submitted.history_s3_key
    # Another sitting's files follow these.
    submitted.earlier_archives = [EarlierArchive(key=earlier, at=now() - timedelta(hours=1))]
    submitted.save()
    save_archive(
        submitted, archive_of({"count.py": b"x\n" * 9}), key=f"archives/{submitted.id}/z-2.tar.gz"
    )
    first = soup(client.get(url(submitted, "submission/file/?opening=0&path=count.py")))
    assert not first.select(".line-comment, .line-add, [data-comment-file]")
    last = soup(client.get(url(submitted, "submission/file/?opening=1&path=count.py")))
    assert last.select("#L4 + .line-comments")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"where": "count.py:4", "text": " "}, 422),
        ({"where": "/etc/passwd", "text": "x"}, 422),
        ({"where": "count.py:4", "text": "x" * 2_001}, 422),
        ({"where": "count.py:4", "text": "\0"}, 422),
        ({}, 422),
    ],
)
def test_what_is_no_comment_is_refused_by_a_sentence(
    client: Client, submitted: Interview, fields: dict[str, str], status: int
) -> None:
    client.force_login(member("rita", REVIEWER))
    answer = client.post(url(submitted, "review/comment/"), fields)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert not Review.objects.exists()


def test_a_final_review_gets_no_comment(client: Client, submitted: Interview) -> None:
    user = member("rita", REVIEWER)
    set_criteria(*CRITERIA)
    submit(submitted, user, 3, 3)
    client.force_login(user)
    answer = client.post(url(submitted, "review/comment/"), {"where": "count.py", "text": "x"})
    assert (answer.status_code, "submitted" in answer.json()["error"]) == (409, True)


def test_a_line_leads_to_a_scorecard_with_its_place(client: Client, submitted: Interview) -> None:
    client.force_login(member("rita", REVIEWER))
    page = soup(client.get(url(submitted, "review/?path=a%20b.py&line=4")))
    assert page.select_one("#new-comment [name=comment_where]")["value"] == "a b.py:4"
    assert not Review.objects.exists()
    for query in ("", "?line=4", "?path=/etc", f"?path={'x' * 500}&line=1"):
        assert not soup(client.get(url(submitted, f"review/{query}"))).select("#new-comment")


def test_a_wrong_place_is_named_at_its_field_and_kept(client: Client, submitted: Interview) -> None:
    set_criteria(Criterion("Tests", "", 1))
    client.force_login(member("rita", REVIEWER))
    client.get(url(submitted, "submission/"))  # makes the index
    sent = {
        "criterion": "Tests",
        "score_0": "3",
        "recommendation": "yes",
        "version": "0",
        "comment_text": "Why?",
        "comment_where": "count.py:9",
    }
    message = "count.py has only 5 lines."
    draft = client.post(url(submitted, "review/draft/"), sent).json()
    assert (draft["errors"], draft["wrongPlaces"]) == ([], {"count.py:9": message})
    page = soup(client.get(url(submitted, "review/")))
    assert page.select_one("[data-wrong-place]").get_text() == message
    assert not page.select("#scorecard [role=alert]:not([hidden])")
    refused = client.post(
        url(submitted, "review/save/"), sent | {"version": "1", "action": "submit"}
    )
    page = soup(refused, 422)
    assert [each.get_text() for each in page.select(".comment .field-error")] == [message]
    assert page.select_one("[name=comment_where]")["value"] == "count.py:9"
    body: dict[str, Any] = {
        "comments": [{"text": "Why?", "where": "count.py:9"}],
        "recommendation": "yes",
    }
    body |= {"scores": [{"criterion": "Tests", "score": 3}], "version": 2}
    address = f"/api/interviews/{submitted.id}/reviews/mine/submit"
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert Review.objects.get().state == ReviewState.DRAFT
