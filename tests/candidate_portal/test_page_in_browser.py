"""The candidate's page in Chromium, on a real Daphne, Redis and DynamoDB-compatible server.

The test plays the worker: it moves the interview, and the page must follow without a reload.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from interviews import events
from interviews.challenges import library, versions
from interviews.challenges.policy import Policy, Stance
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions
from tests.conftest import fresh
from tests.e2e import axe
from tests.services import wait_until

# Mocks the clock of the browser's machine, and its sleep, in milliseconds.
CLOCKS = """
window.clockIsOff = 3 * 3600e3; window.slept = 0;
const date = Date.now.bind(Date), counter = performance.now.bind(performance);
Date.now = () => date() + window.clockIsOff;
performance.now = () => counter() - window.slept;
"""


@pytest.fixture
def interview(real_tables, redis_url, monkeypatch, invite):
    client = redis.Redis.from_url(redis_url)
    monkeypatch.setattr(events, "_redis", lambda: client)
    return invite()


@pytest.fixture
def page(browser: Browser, site: str, interview: Interview) -> Iterator[Page]:
    """A browser page; script errors and CSP violations fail the test."""
    context = browser.new_context(base_url=site, timezone_id="Asia/Kolkata")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page = context.new_page()
    page.add_init_script(CLOCKS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    yield page
    assert wrong == []
    context.close()


def open_page(page: Page, interview: Interview) -> None:
    # Once its stream is open, the page fetches what it may have missed before.
    with page.expect_response(lambda response: "hx-request" in response.request.headers):
        page.goto(f"/take-home/{interview.passcode}/")
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.evaluate("window.loadedOnce = true")


def save_policy(interview: Interview, policy: Policy) -> None:
    """Let the interview have a version of its challenge that says what is allowed."""
    version = library.get_version(interview.challenge, None)
    assert version is not None
    about = replace(version.about, ai_assistants=policy.ai_assistants, policy_note=policy.note)
    saved = versions.save_version(
        interview.challenge,
        about,
        library.read_files(version),
        base=int(version.number),
        by="ada",
    )
    interview.change(challenge_version=saved.number)


def make_active(interview: Interview, left: timedelta = timedelta(minutes=60)) -> Interview:
    actions.activate(interview, by="candidate")
    interview = fresh(interview)
    interview.move_to(Status.INITIALIZING, by="worker")
    interview.move_to(Status.CONFIGURING, by="worker", access_url="http://workspace.test/x/")
    interview.move_to(
        Status.ACTIVE, by="worker", ready_at=now(), auto_destroy_at=now() + left, save_files=True
    )
    return fresh(interview)


def shown_seconds(page: Page) -> int:
    seconds = 0
    for part in page.locator("[data-countdown]").inner_text().split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


def is_right(page: Page, deadline):
    return abs(shown_seconds(page) - (deadline - now()).total_seconds()) <= 3


def test_page_follows_the_interview_without_a_reload(page, interview):
    open_page(page, interview)
    page.get_by_role("button", name="Start test").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("starts when it's ready")
    page.get_by_role("dialog").get_by_role("button", name="Start test").press("Enter")
    expect(page.locator("[aria-current=step]")).to_have_text("Queued")
    expect(page.locator("#headline")).to_be_focused()
    page.evaluate("window.firstHeadline = document.getElementById('headline')")
    interview = fresh(interview)
    interview.move_to(Status.INITIALIZING, by="worker")
    expect(page.locator("[aria-current=step]")).to_have_text("Preparing your workspace")
    interview.move_to(Status.CONFIGURING, by="worker", access_url="http://workspace.test/x/")
    expect(page.locator("[aria-current=step]")).to_have_text("Starting the editor")
    # The same headline, with its focus: a screen reader reads it once.
    assert page.evaluate("document.activeElement === window.firstHeadline")
    interview.move_to(
        Status.ACTIVE, by="worker", ready_at=now(), auto_destroy_at=now() + timedelta(hours=1)
    )
    expect(page.locator("#workspace-password")).to_have_text(interview.password)
    expect(page.locator("#headline")).to_be_focused()
    expect(page.locator("#headline")).to_have_text("Word count In progress")
    expect(page.locator("#spoken")).to_have_text("")
    expect(page.locator("#workspace-password")).to_be_hidden()
    link = page.get_by_role("link", name="Open workspace")
    assert [link.get_attribute(name) for name in ("href", "target", "rel")] == [
        f"/take-home/{interview.passcode}/open",
        "_blank",
        "noopener noreferrer",
    ]
    page.get_by_role("button", name="Copy password").click()
    expect(page.locator("#spoken")).to_have_text("Password copied.")
    assert page.evaluate("navigator.clipboard.readText()") == interview.password
    page.get_by_role("button", name="Submit test", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("can't be undone")
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_have_text("Saving your files")
    expect(page.locator("#headline")).to_be_focused()
    expect(page.locator("#spoken")).to_have_text("Password copied.")
    fresh(interview).move_to(
        Status.COMPLETED, by="worker", completed_at=now(), history_s3_key="k", archive_bytes=2048
    )
    expect(page.locator("h1")).to_have_text("Thank you, Ada")
    expect(page.locator("[data-live]")).to_be_hidden()
    assert page.evaluate("window.loadedOnce") is True


def test_countdown_ignores_the_browser_clock(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    assert is_right(page, interview.auto_destroy_at)
    with page.expect_request(lambda request: request.headers.get("hx-request") == "true"):
        page.evaluate("window.clockIsOff = -5 * 3600e3")
    wait_until(lambda: is_right(page, interview.auto_destroy_at), "The clock's change was believed")


def test_countdown_is_correct_after_sleep(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    page.evaluate("window.slept = 20 * 60e3")
    wait_until(lambda: is_right(page, interview.auto_destroy_at), "The sleep stopped the clock")


def test_deadline_is_in_the_viewers_time_zone(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    there = interview.auto_destroy_at + timedelta(hours=5, minutes=30)
    clock = re.sub(r"^0", "", there.strftime("%I:%M"))
    expect(page.locator(".clock time")).to_contain_text(clock)
    expect(page.locator(".clock [data-zone]")).to_have_text(re.compile("Asia/(Kolkata|Calcutta)"))


def test_warning_is_shown_and_announced_on_time(page, interview):
    interview = make_active(interview, timedelta(minutes=10, seconds=8))
    open_page(page, interview)
    expect(page.locator("[data-warning]")).to_have_text("Less than 30 minutes left.")
    expect(page.locator("#spoken-now")).to_have_text("")
    expect(page.locator("#spoken-now")).to_have_text("10 minutes left.", timeout=15_000)
    expect(page.locator("[data-warning]")).to_have_text("Less than 10 minutes left.")


def test_time_up_is_shown_until_the_end_event(page, interview):
    interview = make_active(interview, timedelta(seconds=6))
    open_page(page, interview)
    page.get_by_role("button", name="Submit test", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Time is up", timeout=15_000)
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="Open workspace")).to_be_hidden()
    expect(page.locator("#spoken-now")).to_have_text("Time is up. Saving your files.")
    actions.end(fresh(interview), by="schedule", reason=EndReason.TIME_UP)
    expect(page.locator("h1")).to_have_text("Saving your files")


def test_open_confirmation_closes_only_on_a_change(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    page.get_by_role("button", name="Submit test", exact=True).click()
    with page.expect_response(f"**/take-home/{interview.passcode}/"):
        interview.announce()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Keep working"
    actions.end(interview, by="staff", reason=EndReason.ENDED_BY_STAFF)
    expect(page.locator("h1")).to_have_text("Saving your files")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "headline"


@pytest.mark.parametrize("failure", ["lost", "refused"])
def test_failed_refresh_is_retried_without_an_event(page, interview, failure):
    """As after a network change: the request fails, but the stream stays connected."""
    open_page(page, interview)
    page.route(
        f"**/take-home/{interview.passcode}/",
        lambda route: route.abort() if failure == "lost" else route.fulfill(status=503),
        times=1,
    )
    with page.expect_request(f"**/take-home/{interview.passcode}/"):
        interview.move_to(Status.REVOKED, by="boss")
    expect(page.locator("#screen")).to_have_attribute("data-status", "revoked", timeout=10_000)
    assert page.evaluate("window.loadedOnce") is True


def test_focus_and_opened_details_survive_a_change(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    page.locator("#show-password summary").click()
    expect(page.locator("#workspace-password")).to_be_visible()
    page.locator("#open-workspace").focus()
    version = page.locator("#screen").get_attribute("data-version")
    interview.change(auto_destroy_at=interview.auto_destroy_at + timedelta(minutes=15))
    expect(page.locator("#screen")).not_to_have_attribute("data-version", version)
    assert page.evaluate("document.activeElement.id") == "open-workspace"
    assert page.evaluate("document.getElementById('show-password').open") is True
    assert is_right(page, interview.auto_destroy_at)


def test_a_control_without_an_id_keeps_the_focus(page, interview):
    interview = make_active(interview)
    open_page(page, interview)
    page.locator("#show-password summary").focus()
    version = page.locator("#screen").get_attribute("data-version")
    interview.change(auto_destroy_at=interview.auto_destroy_at + timedelta(minutes=15))
    expect(page.locator("#screen")).not_to_have_attribute("data-version", version)
    expect(page.locator("#show-password summary")).to_be_focused()


def test_late_action_shows_a_message(page, interview):
    open_page(page, interview)
    page.get_by_role("button", name="Start test").click()
    # Changes the row without publishing an event.
    interview.update(actions=[Interview.status.set("expired")])
    page.get_by_role("dialog").get_by_role("button", name="Start test").click()
    expect(page.get_by_role("alert").first).to_have_text(
        "This invitation has expired and can no longer be started."
    )
    expect(page.locator("h1")).to_have_text("This invitation has expired")


def test_start_works_without_scripts(browser, site, interview):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/take-home/{interview.passcode}/")
    page.locator("#start-button").click()
    expect(page.locator("h1")).to_have_text("Getting your workspace ready")
    context.close()


def widths_on_a_phone(
    browser: Browser, site: str, kind: str, interview: Interview
) -> dict[Status, int]:
    context = browser.new_context(base_url=site, viewport={"width": 320, "height": 640})
    page = context.new_page()
    widths = {}
    for status in Status:
        interview.update(
            actions=[
                Interview.status.set(status.value),
                Interview.access_url.set("http://workspace.test/" + "a-long-name" * 9),
                Interview.auto_destroy_at.set(now() + timedelta(hours=1)),
                Interview.candidate_name.set("W" * 80),
            ]
        )
        page.goto(f"/{kind}/{interview.passcode}/")
        widths[status] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    return widths


def test_page_fits_a_phone_in_every_status(browser, site, interview):
    widths = widths_on_a_phone(browser, site, "take-home", interview)
    assert widths == dict.fromkeys(Status, 320)


@pytest.mark.parametrize("width", [1280, 320])
def test_accessibility_statement_follows_its_own_rules(page, interview, width):
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, interview)
    page.get_by_role("link", name="Accessibility").click()
    expect(page.locator("h1")).to_have_text("Accessibility")
    assert axe.violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.go_back()
    expect(page.locator("#start-button")).to_be_visible()


def test_phone_has_the_start_on_its_first_screen(page, interview):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, interview)
    box = page.locator("#start-button").bounding_box()
    assert box["y"] + box["height"] < 844


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_allowed_is_confirmed_with_the_start(
    page: Page, interview: Interview, width: int
) -> None:
    save_policy(interview, Policy(ai_assistants=Stance.NOT_ALLOWED, note="Paper is fine."))
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, interview)
    assert axe.violations(page) == {}
    page.locator("#start-button").click()
    dialog = page.locator("#confirm-start")
    expect(dialog).to_be_visible()
    assert axe.violations(page) == {}
    start, box = dialog.locator("button[type=submit]"), dialog.locator("input[name=policy]")
    # Above the button, whatever the order of the buttons is.
    assert box.bounding_box()["y"] < start.bounding_box()["y"]
    start.click()
    # The browser asks for it, and sends nothing.
    expect(dialog.locator("input[name=policy]:invalid")).to_have_count(1)
    assert fresh(interview).state is Status.AVAILABLE
    box.check()
    start.click()
    expect(page.locator("#screen[data-status=activated]")).to_be_visible()
    expect(page.locator("#task")).to_contain_text("AI assistants: not allowed")
    assert fresh(interview).policy_confirmed_at is not None
