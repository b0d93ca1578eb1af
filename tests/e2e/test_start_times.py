"""The page of start times, on the whole platform: a start appears on it while somebody looks."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Staff, expect_live, never_reloaded, open_link, press_start

PATIENCE_MS = 90_000


def counted(page: Page) -> Any:
    return page.locator(".figures-steps tfoot td").last


def test_starts_appear_on_the_page_and_disturb_no_reader(staff: Staff, candidate: Page) -> None:
    page = staff.page
    first, second = staff.invite("Ada Lovelace"), staff.invite("Grace Hopper")
    page.goto(f"{staff.origin}/start-times/")
    page.evaluate("window.neverReloaded = true")
    expect_live(page)
    before = int(counted(page).inner_text()) if counted(page).count() else 0

    open_link(candidate, first)
    press_start(candidate)
    expect(counted(page)).to_have_text(str(before + 1), timeout=PATIENCE_MS)

    page.locator("#day-by-day summary").click()
    open_link(candidate, second)
    press_start(candidate)
    expect(counted(page)).to_have_text(str(before + 2), timeout=PATIENCE_MS)
    expect(page.locator("#day-by-day")).to_have_attribute("open", "")
    expect(page.locator("#day-by-day summary")).to_be_focused()
    assert never_reloaded(page)
