"""The page of a live interview in Chromium, before and after its start, without a reload."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from interviews import events
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions
from tests.candidate_portal.test_page_in_browser import (
    widths_on_a_phone,
)
from tests.conftest import fresh


@pytest.fixture
def planned(real_tables, redis_url, monkeypatch, schedule):
    client = redis.Redis.from_url(redis_url)
    monkeypatch.setattr(events, "_redis", lambda: client)
    return schedule(scheduled_at=now() + timedelta(days=3, minutes=150))


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(base_url=site, timezone_id="America/St_Johns")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    yield page
    assert wrong == []
    context.close()


def open_page(page: Page, interview: Interview) -> None:
    page.goto(f"/interview/{interview.passcode}/")
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.evaluate("window.loadedOnce = true")


def make_active(interview: Interview) -> Interview:
    actions.activate(interview, by="schedule")
    interview = fresh(interview)
    interview.move_to(Status.INITIALIZING, by="worker")
    interview.move_to(Status.CONFIGURING, by="worker", access_url="http://workspace.test/x/")
    interview.move_to(
        Status.ACTIVE,
        by="worker",
        ready_at=now(),
        auto_destroy_at=interview.scheduled_at + interview.length,
    )
    return fresh(interview)


def test_page_updates_itself_through_the_start(page, planned):
    open_page(page, planned)
    counted = page.locator("[data-begins-in]")
    expect(counted).to_have_text("3 days 2 h")
    expect(page.locator("[data-before] time")).to_contain_text("GMT-3:30")
    expect(page).to_have_title("Starts in 3 days 2 h · Word count")
    # Staff starts it manually, shortly before its time.
    planned.change(scheduled_at=now() + timedelta(seconds=6))
    make_active(planned)
    expect(page.locator("#workspace-password")).to_have_text(planned.password)
    expect(counted).to_be_visible()
    expect(page.locator("[data-countdown]")).to_be_hidden()
    expect(counted).to_be_hidden(timeout=15_000)
    expect(page.locator("[data-countdown]")).to_have_text("59:59")
    expect(page.locator("#spoken-now")).to_have_text("Your interview starts now.")
    assert page.evaluate("window.loadedOnce") is True


def test_page_without_scripts_shows_the_start_time(browser, site, planned):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/interview/{planned.passcode}/")
    at = planned.scheduled_at
    expect(page.locator("[data-before] time")).to_have_text(f"{at.day} {at:%B %Y, %H:%M} UTC")
    context.close()


def test_page_fits_a_phone_in_every_status(browser, site, planned):
    widths = widths_on_a_phone(browser, site, "interview", planned)
    assert widths == dict.fromkeys(Status, 320)
