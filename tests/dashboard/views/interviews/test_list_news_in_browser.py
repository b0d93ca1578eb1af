"""Tests that leave an open list, in Chromium: each has a line, and of many it is said how many."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect

from interviews.models import Interview
from tests.dashboard.browser import ORIGIN, OpenPage
from tests.reviewing import finish

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# The test tells of events itself.
STREAM = "window.connectStream = (options) => { window.stream = options; };"
# The row as it is, but for what is said of it, is what the next fetch gets.
CHANGED_ROW = """([id, path, said]) => {
  const row = document.getElementById(`row-${id}`).cloneNode(true);
  row.dataset.said = said;
  const real = window.realFetch ??= window.fetch;
  window.fetch = async (url, ...rest) =>
    String(url).includes(path) ? new Response(row.outerHTML) : real(url, ...rest);
}"""
NAMES = [f"Candidate {number}" for number in range(14)]


@pytest.fixture
def tests(invite: Callable[..., Interview]) -> list[Interview]:
    return [invite(candidate_name=name) for name in NAMES]


def open_list(page: Page, pages: dict[str, bytes], after: bytes) -> None:
    """The list of before; it is fetched again as `after`."""

    def answer(route: Route) -> None:
        is_part = "hx-request" in route.request.headers
        body = after if is_part else pages["/"]
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    page.route(f"{ORIGIN}/", answer)
    page.route(
        "**/static/shared/stream.js",
        lambda route: route.fulfill(body=STREAM, content_type="text/javascript"),
    )
    page.goto(f"{ORIGIN}/")


def hear(page: Page, interviews: list[Interview]) -> None:
    """An event of each, at once."""
    page.evaluate(
        "ids => ids.forEach((interviewId) => stream.onEvent('interview',"
        " { interviewId, type: 'take-home', status: 'completed' }))",
        [each.id for each in interviews],
    )


def test_each_that_left_has_a_line(
    staff_client: Client, tests: list[Interview], browser_page: OpenPage
) -> None:
    pages = {"/": staff_client.get("/").content}
    for each in tests[:7]:
        finish(each)
        path = f"/interviews/{each.id}/row/"
        pages[path] = staff_client.get(path, {"tab": "take-home"}).content
    with browser_page(pages) as (page, _posted):
        open_list(page, pages, b"")
        news = page.locator("#news")
        expect(news).to_be_hidden()
        hear(page, tests[:2])
        expect(news.locator("li")).to_have_count(2)
        expect(news).to_contain_text("Candidate 0: Finished.")
        expect(news).to_contain_text("Candidate 1: Finished.")
        link = news.get_by_role("link", name="Candidate 0")
        assert link.get_attribute("href") == f"/interviews/{tests[0].id}/"
        expect(news.locator("[data-news-rest]")).to_be_hidden()
        for each in tests[2:7]:
            hear(page, [each])
            expect(news.locator("li").first).to_contain_text(each.candidate_name)
        expect(news.locator("li")).to_have_count(5)
        expect(news.locator("[data-news-rest]")).to_have_text("2 more left this list. Open History")
        news.get_by_role("button", name="Dismiss").click()
        expect(news).to_be_hidden()
        assert page.evaluate("document.activeElement.id") == "title"


def test_of_many_at_once_it_is_said_how_many(
    staff_client: Client, tests: list[Interview], browser_page: OpenPage
) -> None:
    pages = {"/": staff_client.get("/").content}
    for each in tests[:13]:
        finish(each)
    after = staff_client.get("/", headers={"HX-Request": "true"}).content
    with browser_page(pages) as (page, _posted):
        open_list(page, pages, after)
        expect(page.locator("#rows tr")).to_have_count(14)
        hear(page, tests[:13])
        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#news p")).to_have_text("13 left this list. Open History")


def test_who_was_away_is_told_of_nobody_in_particular(
    staff_client: Client, tests: list[Interview], browser_page: OpenPage
) -> None:
    pages = {"/": staff_client.get("/").content}
    finish(tests[0])
    after = staff_client.get("/", headers={"HX-Request": "true"}).content
    with browser_page(pages) as (page, _posted):
        open_list(page, pages, after)
        page.evaluate("stream.onSync()")
        expect(page.locator("#rows tr")).to_have_count(13)
        expect(page.locator("#news")).to_be_hidden()


def test_each_change_of_a_row_is_highlighted(
    staff_client: Client, tests: list[Interview], browser_page: OpenPage
) -> None:
    ada = tests[0]
    path = f"/interviews/{ada.id}/row/"
    pages = {"/": staff_client.get("/").content}
    with browser_page(pages) as (page, _posted):
        open_list(page, pages, b"")
        row = page.locator(f"#row-{ada.id}")
        for said in ("starts", "ends"):
            page.evaluate(CHANGED_ROW, [ada.id, path, said])
            hear(page, [ada])
            expect(row).to_have_attribute("data-said", said)
            expect(row).to_have_class("just-changed")
            # Its cells are what moves.
            row.locator("td").first.dispatch_event("animationend")
            expect(row).not_to_have_class("just-changed")
