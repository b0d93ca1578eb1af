"""A candidate works, and the team sees the work grow: live, by keyboard, and by axe's rules."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Platform, Staff, expect_live, expect_screen, open_link, press_start
from tests.e2e.progress import keep_now, write_work

pytestmark = pytest.mark.long


# A minute: the schedule asks every 20 seconds whose turn it is, and each state needs one.
def test_progress_is_seen_by_both_while_it_is_kept(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    expect(candidate.locator(".rules")).to_contain_text("Your progress is kept while you work.")
    press_start(candidate)
    expect_screen(candidate, "active")
    folder = platform.workspace(invitation.id) / "files"
    page = staff.page
    page.goto(f"{platform.origin}/interviews/{invitation.id}/")
    assert keep_now(platform.folder, invitation.id) == 1
    # Neither page is loaded again.
    expect(candidate.locator("#kept-at")).to_contain_text("Progress last kept at")
    expect(page.locator("#part-progress")).to_contain_text("The starting files")

    page.locator("#part-progress").get_by_role("link", name="Open progress").click()
    expect(page.locator("#state-title")).to_have_text("State 1 of 1")
    write_work(folder)
    assert keep_now(platform.folder, invitation.id) == 2
    expect(page.locator("#progress-states summary")).to_have_text("All 2 states")
    expect(page.locator("#state-title")).to_have_text("State 2 of 2")
    expect(page.locator("#state-slider")).to_have_value("2")
    page.reload()
    expect(page.locator("#state-title")).to_have_text("State 2 of 2")
    assert axe.violations(page) == {}

    # Back and forth by keyboard: the slider, and single keys.
    page.locator("#state-slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#state-title")).to_have_text("State 1 of 2")
    # Its scripts listen.
    expect_live(page)
    page.locator("#title").focus()
    page.keyboard.press("j")
    expect(page.locator("#state-title")).to_have_text("State 2 of 2")
    page.get_by_role("link", name="settle.py").click()
    expect(page.locator(".code")).to_contain_text("def step_0(rows):")
    assert axe.violations(page) == {}

    page.goto(f"{platform.origin}/interviews/{invitation.id}/progress/")
    page.locator("#state-base").select_option("1")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("link", name="README.md").click()
    expect(page.locator(".row-added .source").last).to_contain_text("My notes")
    page.goto(f"{platform.origin}/interviews/{invitation.id}/")
    assert axe.violations(page) == {}
