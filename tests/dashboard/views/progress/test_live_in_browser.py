"""An open page of progress while states are added, in Chromium."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from interviews.dynamodb import now
from interviews.models import Interview
from tests.conftest import fresh
from tests.dashboard.browser import ORIGIN, OpenPage
from tests.operations.progress.conftest import folder_engine, keep_now, watched, workspace

__all__ = ["folder_engine", "watched", "workspace"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db]

QUERIES = ("", "?state=1", "?state=2")
# The test tells of events itself.
STREAM = "window.connectStream = (options) => { window.stream = options; };"


class Platform:
    """The page as it was with two, three and four states: `states` says which of them is now."""

    def __init__(
        self, client: Client, interview: Interview, workspace: Path, browser_page: OpenPage
    ) -> None:
        self.browser_page = browser_page
        self.address = reverse("dashboard:progress", args=[interview.id])
        self.interview_id = interview.id
        self.states = 2
        self.asked: list[str] = []
        self._bodies: dict[tuple[int, str, bool], bytes] = {}
        for number in range(1, 5):
            (workspace / f"part_{number}.py").write_text("line\n" * 10 * number)
            keep_now(interview)
            # Several of them are kept within a second here.
            fresh(interview).change(kept_at=now() + timedelta(minutes=number))
            for query in QUERIES if number > 1 else ():
                for is_part in (False, True):
                    headers = {"HX-Request": "true"} if is_part else {}
                    answer = client.get(self.address + query, headers=headers)
                    assert answer.status_code == 200
                    self._bodies[number, query, is_part] = answer.content

    def answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        query = f"?{url.query}" if url.query else ""
        is_part = "hx-request" in route.request.headers
        if is_part:
            self.asked.append(query)
        body = self._bodies[self.states, query, is_part]
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    @contextmanager
    def open(self, query: str = "") -> Iterator[Page]:
        with self.browser_page({}) as (page, _posted):
            page.route(f"{ORIGIN}{self.address}*", self.answer)
            page.route(
                "**/static/shared/stream.js",
                lambda route: route.fulfill(body=STREAM, content_type="text/javascript"),
            )
            page.goto(f"{ORIGIN}{self.address}{query}")
            page.evaluate("window.neverReloaded = true")
            yield page
            assert page.evaluate("window.neverReloaded")

    def keep(self, page: Page) -> None:
        """Another state, of which the page hears."""
        self.states += 1
        page.evaluate(f"stream.onEvent('interview', {{interviewId: '{self.interview_id}'}})")


@pytest.fixture
def platform(
    staff_client: Client, watched: Interview, workspace: Path, browser_page: OpenPage
) -> Platform:
    return Platform(staff_client, watched, workspace, browser_page)


def slider(page: Page) -> list[str]:
    """Its place, and how far it goes."""
    found = page.locator("#state-slider")
    return [found.input_value(), found.get_attribute("max") or ""]


def test_a_page_that_was_only_opened_follows_the_newest_state(platform: Platform) -> None:
    with platform.open() as page:
        kept = page.locator("#progress-kept").inner_html()
        page.locator("#progress-states summary").click()
        page.locator("#progress-states summary").focus()
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 3 of 3")
        assert slider(page) == ["3", "3"]
        expect(page.locator(".file-tree")).to_contain_text("part_3.py")
        expect(page.locator(".progress-plot circle")).to_have_count(3)
        assert page.locator("#progress-kept").inner_html() != kept
        # Whoever reads the table goes on there.
        assert page.evaluate("document.activeElement.matches('#progress-states[open] summary')")
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 4 of 4")
        assert platform.asked == ["", ""]


def test_a_chosen_state_stays_and_the_slider_goes_further(platform: Platform) -> None:
    with platform.open("?state=1") as page:
        assert slider(page) == ["1", "2"]
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 1 of 3")
        assert slider(page) == ["1", "3"]
        expect(page.locator(".file-tree")).to_contain_text("part_1.py")


def test_who_is_among_the_files_is_not_taken_to_others(platform: Platform) -> None:
    with platform.open() as page:
        page.locator("#progress-files a", has_text="part_2.py").focus()
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 2 of 3")
        assert slider(page) == ["2", "3"]
        expect(page.locator(".file-tree")).to_contain_text("part_2.py")
        assert page.evaluate("document.activeElement.textContent") == "part_2.py"
        page.locator("#title").focus()
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 4 of 4")
        assert platform.asked == ["?state=2", ""]


def test_a_slider_that_is_being_moved_is_not_put_back(platform: Platform) -> None:
    with platform.open() as page:
        # As while it is dragged: nothing is sent before it is let go.
        page.evaluate("document.getElementById('state-slider').value = 1")
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 2 of 3")
        assert slider(page) == ["1", "3"]


def test_options_have_their_times_in_the_readers_zone(platform: Platform) -> None:
    with platform.open() as page:
        option = page.locator("#state-base option").nth(1)
        at = datetime.fromisoformat(option.get_attribute("data-at") or "")
        in_berlin = at.astimezone(ZoneInfo("Europe/Berlin"))
        expect(option).to_have_text(re.compile(rf"^State 1, kept .*{in_berlin:%-I:%M}\s[AP]M$"))
        page.locator("#state-base").select_option("1")
        platform.keep(page)
        expect(page.locator("#state-title")).to_have_text("State 3 of 3")
        expect(page.locator("#state-base option").nth(2)).not_to_contain_text("UTC")
