"""A candidate practises in a real workspace, comes back and starts; nothing of it is left."""

import re

from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    Platform,
    Staff,
    answers,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
)
from tests.e2e.workspace import READ, SAVE, no_trace_of
from tests.services import wait_until


def expect_phase(page: Page, phase: str) -> None:
    expect(page.locator("[data-practice]")).to_have_attribute("data-practice", phase)


def open_practice(page: Page) -> Page:
    with page.context.expect_page() as opened:
        page.locator("#open-practice").click()
    workspace = opened.value
    expect(workspace).not_to_have_url(re.compile("/open$"))
    expect(workspace.locator("#main")).to_be_visible()
    return workspace


def test_practise_and_then_start(platform: Platform, staff: Staff, candidate: Page) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    expect_phase(candidate, "offered")
    candidate.locator("#practice-start").press("Enter")
    expect_phase(candidate, "ready")
    title = candidate.locator("#practice-title")
    expect(title).to_have_text("Your practice workspace is ready")
    # The button that was pressed is gone; a second Enter must not press End.
    expect(title).to_be_focused()
    expect(candidate.locator("[data-practice-until]")).to_have_text(re.compile("^9:[0-5][0-9]$"))
    assert not axe.violations(candidate)
    assert never_reloaded(candidate)

    workspace = open_practice(candidate)
    assert "sh hello.sh" in workspace.evaluate(READ, "README.md")
    assert workspace.evaluate(SAVE, ["hello.txt", "Ada\n"]) == 200
    practice_url = workspace.url
    # A reload shows the same, and staff sees that it was there, without a way in.
    candidate.reload()
    expect_phase(candidate, "ready")
    password = str(candidate.locator("#practice-password").text_content())
    staff.expect_status(invitation, "available")
    details = staff.details(invitation)
    assert details["timeline"][-1]["what"] == "practised"
    assert password not in str(details)

    candidate.locator("#practice-end").click()
    expect_phase(candidate, "over")
    expect(title).to_have_text("Worked? You're ready.")
    assert not axe.violations(candidate)
    assert not answers(practice_url)
    no_trace_of(platform, f"practice1-{invitation.id}")

    # The second one is running when the test starts.
    candidate.locator("#practice-start").click()
    expect_phase(candidate, "ready")
    press_start(candidate)
    expect_screen(candidate, "active")
    expect(candidate.locator("[data-practice]")).to_have_count(0)
    started = staff.details(invitation)
    assert [each["status"] for each in started["timeline"]].count("activated") == 1
    assert started["durationMinutes"] == details["durationMinutes"]
    folder = platform.workspace(f"practice2-{invitation.id}")
    wait_until(lambda: not folder.exists(), "the practice workspace stays")
    no_trace_of(platform, f"practice2-{invitation.id}")
    staff.withdraw(invitation)
    expect_screen(candidate, "revoked")
