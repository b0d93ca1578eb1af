"""A test can be taken by keyboard alone, and by a screen reader."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Platform, Staff, expect_live, expect_screen
from tests.e2e.sample import SAMPLE

# More than any page has up to what is looked for.
MAX_TABS = 80


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(MAX_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def test_a_test_is_taken_by_keyboard_alone(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada Lovelace", challenge=SAMPLE)
    candidate.goto(invitation.link)
    expect_live(candidate)
    assert axe.violations(candidate) == {}
    start = candidate.locator("#start-button")
    tab_to(candidate, start)
    candidate.keyboard.press("Enter")
    expect(candidate.locator("#confirm-start")).to_be_visible()
    assert axe.violations(candidate) == {}
    # The dialog is closed by Escape, and the focus is where it was.
    candidate.keyboard.press("Escape")
    expect(start).to_be_focused()
    candidate.keyboard.press("Enter")
    tab_to(candidate, candidate.locator("#confirm-start [name=policy]"))
    candidate.keyboard.press("Space")
    tab_to(candidate, candidate.locator("#confirm-start button[type=submit]"))
    candidate.keyboard.press("Enter")
    expect_screen(candidate, "active")
    headline = candidate.locator("#headline")
    expect(headline).to_be_focused()
    assert axe.violations(candidate) == {}
    tab_to(candidate, candidate.locator("a[target=_blank]").first)
    tab_to(candidate, candidate.locator("#submit-button"))
    candidate.keyboard.press("Enter")
    tab_to(candidate, candidate.locator("#confirm-submit button[type=submit]"))
    candidate.keyboard.press("Enter")
    expect_screen(candidate, "completed")
    expect(candidate.locator("#headline")).to_be_focused()
    assert axe.violations(candidate) == {}
    # What a screen reader finds: one heading of the page, and nothing without a name.
    tree = candidate.locator("main").aria_snapshot()
    assert tree.count("[level=1]") == 1
    assert not [line for line in tree.splitlines() if line.strip() in ("- button", "- link")]
