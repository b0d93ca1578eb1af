"""A submission is checked by itself once it is saved, and the pages show it as it happens."""

from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    Platform,
    SignIn,
    Staff,
    expect_screen,
    open_link,
    press_start,
)

RESULT = "#result-title"
# The trial and the submission run one after the other on a busy machine.
PATIENCE = 120_000


def test_a_submission_is_checked_and_the_pages_follow(
    platform: Platform, sign_in: SignIn, staff: Staff, candidate: Page
) -> None:
    challenge = sign_in("/challenges/settlement-check/")
    challenge.get_by_role("button", name="Try the checks").click()
    trial = challenge.locator("#part-checks")
    expect(trial).to_contain_text("Reference solution: 44 of 44 tests passed", timeout=PATIENCE)
    expect(trial).to_contain_text("as it should be")

    invitation = staff.invite("Ada Checked")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    page = sign_in(f"/interviews/{invitation.id}/")
    expect(page.locator("#part-checks")).to_be_hidden()
    candidate.locator("#submit-button").click()
    candidate.locator("#confirm-submit").get_by_role("button", name="Submit").click()
    expect_screen(candidate, "completed")
    # Nobody asked for it.
    expect(page.locator("#part-checks")).to_contain_text("of 44 tests passed", timeout=PATIENCE)

    page.get_by_role("link", name="Open checks").click()
    expect(page.locator(RESULT)).to_contain_text("of 44 tests passed")
    expect(page.locator(".check-tests tbody tr")).to_have_count(44)
    page.locator(".check-tests details summary").first.click()
    page.get_by_role("button", name="Run checks").click()
    expect(page.get_by_text("The checks were started.")).to_be_visible()
    expect(page.locator("#part-run button")).to_be_disabled()
    # Its line is there at once, and it says without a reload how it went.
    expect(page.locator(".runs li")).to_have_count(2)
    expect(page.locator(".runs li").first).to_contain_text("of 44 tests", timeout=PATIENCE)
    expect(page.locator("#part-run button")).to_be_enabled()

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert not axe.violations(page)
    challenge.locator("#part-checks a").first.click()
    expect(challenge.locator(RESULT)).to_have_text("44 of 44 tests passed")
    assert not axe.violations(challenge)
