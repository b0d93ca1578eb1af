"""Open pages that follow events, in Chromium: a reader keeps what they have there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect

from interviews.challenges import library, versions
from interviews.challenges.starting_files import StartingFiles
from interviews.models import Interview
from operations.actions import time
from operations.checks import actions
from tests.checking import CHECK_FILES
from tests.dashboard.browser import ORIGIN, OpenPage

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# The test tells of events itself.
STREAM = "window.connectStream = (options) => { window.stream = options; };"


@contextmanager
def opened(
    browser_page: OpenPage, client: Client, path: str, change: Callable[[], object]
) -> Iterator[Page]:
    """The page, which is fetched again as it is after the change."""
    before = client.get(path).content
    change()
    after = client.get(path, headers={"HX-Request": "true"}).content

    def answer(route: Route) -> None:
        body = after if "hx-request" in route.request.headers else before
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    with browser_page({}) as (page, _posted):
        page.route(f"{ORIGIN}{path}*", answer)
        page.route(
            "**/static/shared/stream.js",
            lambda route: route.fulfill(body=STREAM, content_type="text/javascript"),
        )
        page.goto(f"{ORIGIN}{path}")
        page.evaluate("window.neverReloaded = true")
        yield page
        assert page.evaluate("window.neverReloaded")


def hear(page: Page, name: str, data: dict[str, Any]) -> None:
    page.evaluate("([name, data]) => stream.onEvent(name, data)", [name, data])


def test_a_challenge_keeps_the_places_in_its_boxes(
    staff_client: Client, challenge: object, browser_page: OpenPage
) -> None:
    current = library.get_version("word-count", None)
    assert current is not None
    many = StartingFiles({f".checks/hidden/test_{n}.py": b"# hidden" for n in range(40)})
    files = library.read_files(current) | CHECK_FILES | many
    versions.save_version("word-count", current.about, files, base=1, by="ada")

    def try_them() -> None:
        actions.start_trial("word-count", 2, by="ada")

    with opened(browser_page, staff_client, "/challenges/word-count/", try_them) as page:
        card = page.locator("#part-checks")
        expect(card).to_contain_text("Not tried yet")
        card.locator("#check-2 > summary").click()
        card.locator("#checks-help > summary").click()
        names, example = card.locator("#check-2 .checks-list"), card.locator("#checks-help pre")
        names.evaluate("list => { list.scrollTop = 50; }")
        example.evaluate("pre => { pre.style.width = '100px'; pre.scrollLeft = 30; pre.focus(); }")
        hear(page, "checks", {"challengeId": "word-count", "interviewId": ""})
        expect(card).to_contain_text("Reference solution")
        assert names.evaluate("list => list.scrollTop") == 50
        assert example.evaluate("pre => pre.scrollLeft") == 30
        assert example.evaluate("pre => pre === document.activeElement")


def test_an_interview_keeps_what_is_selected_in_it(
    staff_client: Client, invite: Callable[..., Interview], browser_page: OpenPage
) -> None:
    interview = invite(custom_instructions="Please count the words.")

    def give_more_time() -> None:
        time.extend(interview, 15, by="ada")

    path = f"/interviews/{interview.id}/"
    with opened(browser_page, staff_client, path, give_more_time) as page:
        facts = page.locator("#part-facts")
        expect(facts).not_to_contain_text("15 min")
        facts.locator("#instructions > summary").click()
        facts.locator("#instructions p").evaluate("text => getSelection().selectAllChildren(text)")
        hear(page, "interview", {"interviewId": interview.id})
        expect(facts).to_contain_text("+ 15 min")
        assert page.evaluate("getSelection().toString()") == "Please count the words."
        # What somebody closed or opened is theirs.
        assert facts.locator("#instructions").get_attribute("open") is not None
