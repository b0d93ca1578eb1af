"""static/shared/coalesce.js in Chromium, on a clock that stands."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from takehome_platform.local_stack.config import ROOT
from tests.dashboard.browser import ORIGIN, OpenPage

pytestmark = pytest.mark.slow

SCRIPT = (ROOT / "static/shared/coalesce.js").read_text()
# Each refresh ends when the test says so, or at once.
BEGIN = """() => {
  window.begun = 0;
  window.waits = false;
  window.request = coalesce(() => {
    window.begun += 1;
    return window.waits ? new Promise((resolve) => { window.finish = resolve; }) : undefined;
  }, 1_000);
}"""


@pytest.fixture
def page(browser_page: OpenPage) -> Iterator[Page]:
    with browser_page({"/empty/": b"<!doctype html><title>Empty</title>"}) as (page, _posted):
        page.clock.install()
        page.goto(f"{ORIGIN}/empty/")
        page.clock.pause_at("2030-01-01T00:00:00Z")
        page.evaluate(SCRIPT)
        page.evaluate(BEGIN)
        yield page


def begun_after(page: Page, milliseconds: int) -> int:
    page.clock.run_for(milliseconds)
    return int(page.evaluate("window.begun"))


def test_the_first_is_not_waited_for_and_what_follows_is_gathered(page: Page) -> None:
    page.evaluate("() => { request(); request(); }")
    assert begun_after(page, 10) == 1
    page.evaluate("() => request()")
    assert begun_after(page, 900) == 1
    page.evaluate("() => request()")
    assert begun_after(page, 200) == 2
    assert begun_after(page, 5_000) == 2
    page.evaluate("() => request()")
    assert begun_after(page, 10) == 3


def test_what_is_asked_for_during_a_refresh_is_refreshed_after_it(page: Page) -> None:
    page.evaluate("() => { window.waits = true; request(); }")
    assert begun_after(page, 10) == 1
    page.evaluate("() => { request(); request(); }")
    assert begun_after(page, 5_000) == 1
    page.evaluate("() => { window.waits = false; window.finish(); }")
    assert begun_after(page, 1_100) == 2
    assert begun_after(page, 5_000) == 2
