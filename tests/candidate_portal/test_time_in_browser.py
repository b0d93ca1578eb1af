"""Time changes on the candidate's page in Chromium: countdown, notice, dismissal, and receipt."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.timeline import TimelineEvent
from operations import actions
from tests.candidate_portal.test_page_in_browser import (  # noqa: F401 - fixtures among them
    interview,
    is_right,
    make_active,
    open_page,
    page,
)
from tests.conftest import fresh
from tests.services import wait_until

# A test cannot cover the only window, so it fakes the visibility state.
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def active(interview):  # noqa: F811
    return make_active(interview)


def is_seen(changed) -> bool:
    return fresh(changed).time_changes_seen == fresh(changed).time_changes


def test_more_time_is_counted_shown_dismissed_and_recorded(page, active):  # noqa: F811
    open_page(page, active)
    actions.extend(active, 15, by="boss")
    expect(page.locator("[data-news]")).to_contain_text("been given 15 minutes more.")
    assert is_right(page, fresh(active).auto_destroy_at)
    expect(page.locator("#spoken-now")).to_have_text(
        re.compile("^You've been given 15 minutes more. Your test now ends at .+")
    )
    wait_until(lambda: is_seen(active), "the page did not tell that it was seen")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("[data-news]")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "headline"
    assert page.evaluate("window.loadedOnce") is True
    page.reload()
    expect(page.locator("[data-live]")).to_have_text("Live")
    expect(page.locator("[data-news]")).to_be_hidden()
    actions.extend(fresh(active), -5, by="boss")
    expect(page.locator("[data-news]")).to_contain_text("shortened by 5 minutes.")
    expect(page.locator("[data-news]")).not_to_contain_text("15 minutes", use_inner_text=True)


def test_more_time_is_shown_dismissed_and_recorded_without_storage(page, active):  # noqa: F811
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off'); } });"
    )
    open_page(page, active)
    actions.extend(active, 15, by="boss")
    news = page.locator("[data-news]")
    expect(news).to_be_visible()
    wait_until(lambda: is_seen(active), "nobody was told that the page has shown it")
    page.get_by_role("button", name="Dismiss").click()
    expect(news).to_be_hidden()


def test_change_on_a_hidden_page_is_recorded_when_it_is_visible(page, active):  # noqa: F811
    open_page(page, active)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else 0)
    page.evaluate(HIDE, True)
    actions.extend(active, 15, by="boss")
    expect(page.locator("[data-news]")).to_be_attached()
    assert (posts, fresh(active).time_changes_seen) == ([], None)
    page.evaluate(HIDE, False)
    wait_until(lambda: is_seen(active), "the page did not tell that it was seen")
    fresh(active).announce()
    with page.expect_response(f"**/take-home/{active.passcode}/"):
        fresh(active).announce()
    assert len(posts) == 1


def test_old_notices_are_shown_but_not_announced_again(page, active):  # noqa: F811
    actions.extend(active, 15, by="boss")
    open_page(page, active)
    expect(page.locator("#spoken-now")).to_have_text(re.compile("15 minutes more"))
    wait_until(lambda: is_seen(active), "the page did not tell that it was seen")
    open_page(page, active)
    expect(page.locator("[data-news]")).to_be_visible()
    expect(page.locator("#spoken-now")).to_have_text("")


def test_refused_receipt_leaves_the_page_unchanged(page, active):  # noqa: F811
    open_page(page, active)
    page.route("**/seen", lambda route: route.fulfill(status=403))
    with page.expect_response("**/seen"):
        actions.extend(active, 15, by="boss")
    expect(page.locator("[data-news]")).to_be_visible()
    assert page.evaluate("window.loadedOnce") is True


def test_receipt_is_retried_after_an_outage(page, active):  # noqa: F811
    open_page(page, active)
    page.route("**/seen", lambda route: route.fulfill(status=503), times=1)
    for status in (503, 204):
        with page.expect_response("**/seen") as answered:
            if status == 503:
                actions.extend(active, 15, by="boss")
        assert answered.value.status == status
    assert is_seen(active)


def test_clock_pauses_and_resumes(page, active):  # noqa: F811
    open_page(page, active)
    active.change_time(paused_at=now(), paused_left=754, restarting=True)
    expect(page.locator("[data-countdown]")).to_have_text("12:34")
    expect(page.locator("#spoken-now")).to_have_text(
        "Your workspace is restarting and the clock is paused. You won't lose any time."
    )
    expect(page).to_have_title("Paused · Word count")
    active.change_time(
        by="schedule",
        what=TimelineEvent.CREDITED,
        seconds=65,
        auto_destroy_at=now() + timedelta(seconds=754),
        paused_at=None,
        paused_left=None,
        restarting=None,
    )
    expect(page.locator("[data-news]")).to_contain_text("didn't respond for 1 minute 5 seconds")
    assert is_right(page, fresh(active).auto_destroy_at)
    wait_until(lambda: is_seen(active), "the page did not tell that it was seen")


def test_completed_page_becomes_active_when_reopened(page, active):  # noqa: F811
    open_page(page, active)
    actions.end(active, by="boss", reason=EndReason.ENDED_BY_STAFF)
    ended = fresh(active)
    ended.move_to(Status.COMPLETED, by="worker", completed_at=now(), history_s3_key="k")
    expect(page.locator("h1")).to_have_text("Thank you, Ada")
    expect(page.locator("[data-live]")).to_be_hidden()
    actions.reopen(fresh(ended), 30, by="boss")
    expect(page.locator("[data-news]")).to_contain_text("was reopened for 30 minutes")
    expect(page.locator("[data-live]")).to_be_visible()
    expect(page.locator("#spoken-now")).to_contain_text("was reopened for 30 minutes")
    assert page.evaluate("window.loadedOnce") is True
