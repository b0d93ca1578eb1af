"""The system check before the start, in Chromium."""

from playwright.sync_api import expect

from interviews.lifecycle import Status
from tests.candidate_portal.test_page_in_browser import (  # noqa: F401
    interview,
    open_page,
    page,
)


def warnings(page):  # noqa: F811
    return page.locator(".check-warn").all_inner_texts()


def test_check_says_what_does_not_fit_and_follows_the_window(page, interview):  # noqa: F811
    open_page(page, interview)
    summary = page.locator("[data-summary]")
    expect(summary).to_have_text("Your computer is ready.")
    expect(page.locator(".check-good")).to_have_count(7)
    page.set_viewport_size({"width": 700, "height": 800})
    expect(summary).to_have_text("You can start anyway, but some things may not work well.")
    assert warnings(page) == [
        "Your window is small for a code editor. Make it larger, or use a computer."
    ]
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(page.locator(".check-warn")).to_have_count(0)
    # A changed screen is checked as well, and a started test is not.
    version = page.locator("#screen").get_attribute("data-version")
    interview.change(custom_instructions="Be quick.")
    expect(page.locator("#screen")).not_to_have_attribute("data-version", version)
    expect(page.locator(".check-good")).to_have_count(7)
    interview.move_to(Status.REVOKED, by="boss")
    expect(page.locator("#screen")).to_have_attribute("data-status", "revoked")
    expect(page.locator("[data-system-check]")).to_have_count(0)


def test_check_finds_blocked_cookies_and_a_missing_stream(page, interview):  # noqa: F811
    page.add_init_script(
        "Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set: () => {}})"
    )
    page.route("**/api/events*", lambda route: route.abort())
    page.route("**/icon*.svg", lambda route: route.abort())
    page.goto(f"/take-home/{interview.passcode}/")
    expect(page.locator(".check-warn")).to_have_text(
        [
            "Cookies are off. The workspace needs them to sign you in.",
            "Live updates aren't connected. If this stays, a proxy or VPN may be in the way.",
            "Your connection is slow. The editor may lag.",
        ]
    )
    expect(page.locator("#start-button")).to_be_enabled()
