"""The scorecard: drafts, comments and what is missing."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

from dashboard.forms.reviews.scorecard import ScorecardForm
from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from operations.reviews.models import Review, ReviewState
from tests.dashboard.html import soup
from tests.dashboard.views.reviews.scorecard.form import NOTE, fields, url
from tests.reviewing import CRITERIA, finish, set_criteria, submit

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("rita")
def test_the_others_are_hidden_until_mine_is_in(client: Client, submission: Interview) -> None:
    for address in (url(submission), url(submission, "")):
        page = client.get(address).content.decode()
        assert NOTE not in page
        assert "weighted mean 4" not in page
    done = client.post(url(submission, "review/save/"), fields("2", "1", action="submit"))
    assert done["Location"] == url(submission)
    page = soup(client.get(url(submission)))
    assert page.select_one("#scorecard") is None
    table = page.select_one(".compare").get_text(" ", strip=True)
    assert NOTE in table
    assert "otto" in table
    assert "rita" in table
    # (4 + 1.75) / 2, and a criterion on which they are 3 apart.
    assert page.select_one(".totals strong").get_text() == "2.9"
    assert "3 apart" in table


def test_a_fragment_has_no_form_and_hides_as_much(
    client: Client, submission: Interview, rita: User
) -> None:
    part = client.get(url(submission), headers={"HX-Request": "true"}).content.decode()
    assert "<form" not in part
    assert NOTE not in part
    assert "part-submitted" in part


@pytest.mark.usefixtures("rita")
def test_a_draft_is_saved_by_the_script_and_read_again(
    client: Client, submission: Interview
) -> None:
    sent = fields("3", note_0="Half done", comment_text="Why?", comment_where="a.py:4")
    answer = client.post(url(submission, "review/draft/"), sent)
    assert answer.json()["version"] == 1
    page = soup(client.get(url(submission)))
    assert page.select_one("[name=score_0][checked]")["value"] == "3"
    assert page.select_one("#note_0").get_text() == "Half done"
    assert page.select_one("[name=comment_where]")["value"] == "a.py:4"
    assert page.select_one("[name=version]")["value"] == "1"
    outdated = client.post(url(submission, "review/draft/"), fields("1"))
    assert (outdated.status_code, outdated.json()["version"]) == (409, 1)


@pytest.mark.usefixtures("rita")
def test_one_invalid_value_keeps_no_other_from_being_saved(
    client: Client, submission: Interview
) -> None:
    comments = {"comment_text": ["First", "Second"], "comment_where": ["a.py:1", ""]}
    first = fields("3", "2", note_0="Good", summary="Long", **comments)
    assert client.post(url(submission, "review/draft/"), first).json()["errors"] == []
    # The first score, the note and the first comment's text can't be stored, and more is new.
    comments["comment_text"] = ["a\x00", "Second, too", "Third"]
    comments["comment_where"] = ["a.py:1", "", ""]
    sent = fields("7", "1", note_0="x" * 3000, recommendation="no", summary="a\x01", **comments)
    answer = client.post(url(submission, "review/draft/"), sent | {"version": "1"})
    control = "Control characters aren't allowed here."
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert answer.json()["errors"] == [
        f"Summary: {control}",
        "Correctness: Enter 4 or less.",
        "Correctness: Enter 2000 characters or fewer.",
        f"Comment 1: {control}",
    ]
    review = Review.objects.get(reviewer_name="rita")
    # What was stored stays in place of what is invalid.
    assert review.scores == [
        {"criterion": "Correctness", "score": 3, "note": "Good"},
        {"criterion": "Tests", "score": 1, "note": ""},
    ]
    assert (review.recommendation, review.summary) == ("no", "Long")
    assert [each["text"] for each in review.comments] == ["First", "Second, too", "Third"]


@pytest.mark.usefixtures("rita")
def test_comment_that_moved_does_not_take_anothers_text(
    client: Client, submission: Interview
) -> None:
    two = {"comment_text": ["First", "Second"], "comment_where": ["a.py:1", "b.py:2"]}
    client.post(url(submission, "review/draft/"), fields("3", **two))
    one = {"comment_text": ["a\x00"], "comment_where": ["b.py:2"]}
    client.post(url(submission, "review/draft/"), fields("3", version="1", **one))
    review = Review.objects.get(reviewer_name="rita")
    assert review.comments == [{"text": "", "where": "b.py:2"}]


@pytest.mark.usefixtures("rita")
def test_form_with_an_invalid_value_is_saved_but_for_it(
    client: Client, submission: Interview
) -> None:
    sent = fields("7", "2", summary="Kept", action="submit")
    page = soup(client.post(url(submission, "review/save/"), sent), 422)
    assert "The rest is saved." in page.select_one("#scorecard [role=alert]").get_text()
    assert page.select_one("[name=version]")["value"] == "1"
    review = Review.objects.get(reviewer_name="rita")
    assert (review.state, review.summary) == (ReviewState.DRAFT, "Kept")
    assert [each["score"] for each in review.scores] == [None, 2]
    # Another tab saved meanwhile: nothing is said to be saved.
    page = soup(client.post(url(submission, "review/save/"), sent | {"summary": "Lost"}), 422)
    assert "The rest is saved." not in page.select_one("#scorecard [role=alert]").get_text()


@pytest.mark.usefixtures("rita")
def test_comment_leads_to_its_line(client: Client, submission: Interview) -> None:
    comments = [{"text": "Why?", "where": "src/ä b.py:42"}, {"text": "All in all", "where": ""}]
    submit(submission, User.objects.get(username="rita"), 3, 3, comments=comments)
    address = url(submission)
    assert soup(client.get(address)).select(".compare-note a") == []
    # Only then there is a file to open.
    submission.change(history_s3_key="saved.tar.gz")
    (link,) = soup(client.get(address)).select(".compare-note a")
    path = "src/%C3%A4%20b.py"
    assert link["href"] == f"{url(submission, 'submission/file/')}?path={path}#L42"
    assert link.get_text() == "src/ä b.py:42"


@pytest.mark.usefixtures("rita")
def test_what_is_missing_is_named_and_nothing_is_lost(
    client: Client, submission: Interview
) -> None:
    sent = fields("3", recommendation="", summary="Long thoughts", action="submit")
    refused = client.post(url(submission, "review/save/"), sent)
    assert refused.status_code == 422
    page = soup(refused)
    errors = [each.get_text() for each in page.select(".field-error")]
    assert errors == ["Choose a score for “Tests”.", "Choose a recommendation."]
    assert page.select_one("#summary").get_text() == "Long thoughts"
    again = fields("3", "3", version=page.select_one("[name=version]")["value"], action="submit")
    assert client.post(url(submission, "review/save/"), again).status_code == 302
    assert Review.objects.get(reviewer_name="rita").state == ReviewState.SUBMITTED


def test_criteria_that_changed_while_the_form_was_open(
    client: Client, invite: Callable[..., Interview], rita: User
) -> None:
    interview = invite()
    set_criteria(*CRITERIA)
    finish(interview)
    seen = soup(client.get(url(interview))).select_one("[name=seen]")["value"]
    set_criteria(Criterion("Speed"))
    sent = fields("3", seen=seen, action="submit")
    refused = client.post(url(interview, "review/save/"), sent)
    assert refused.status_code == 422
    page = soup(refused)
    assert [each["value"] for each in page.select("[name=criterion]")] == ["Correctness", "Tests"]
    assert page.select_one("[name=score_0][checked]")["value"] == "3"
    errors = [each.get_text() for each in page.select(".field-error")]
    assert errors == ["Choose a score for “Tests”."]


def test_an_error_of_a_criterion_that_the_form_lacks_is_above_all() -> None:
    form = ScorecardForm([])
    form.add_missing({"scores.Tests": "Choose one.", "scores.Speed": "Choose two."})
    assert form.messages() == ["Choose one. Choose two."]
    html = render_to_string(
        "dashboard/reviews/_scorecard.html", {"form": form, "interview": {"id": "take-home-1"}}
    )
    assert (
        BeautifulSoup(html, "html.parser").select_one(".field-error").get_text()
        == "Choose one. Choose two."
    )


@pytest.mark.usefixtures("rita")
def test_the_second_tab_is_told_and_may_replace(client: Client, submission: Interview) -> None:
    client.post(url(submission, "review/draft/"), fields("1"))
    refused = client.post(url(submission, "review/save/"), fields("4", "4", action="draft"))
    assert refused.status_code == 409
    page = soup(refused)
    assert "in another tab" in page.select_one(".scorecard .message-warn").get_text()
    assert page.select_one("[name=score_0][checked]")["value"] == "4"
    again = fields("4", "4", version=page.select_one("[name=version]")["value"], action="draft")
    assert client.post(url(submission, "review/save/"), again).status_code == 302
    assert Review.objects.get(reviewer_name="rita").scores[0]["score"] == 4
