"""The report of a problem in Chromium: what is typed is never lost."""

from playwright.sync_api import expect

from interviews.lifecycle import Status
from operations import actions
from tests.candidate_portal.test_page_in_browser import (  # noqa: F401
    interview,
    open_page,
    page,
)
from tests.conftest import fresh


def test_report_survives_changes_and_reloads_until_it_is_sent(page, interview):  # noqa: F811
    open_page(page, interview)
    page.get_by_text("I have a problem").click()
    field = page.get_by_label("What's wrong?")
    field.fill("My connection is slow.")
    actions.activate(interview, by="candidate")
    expect(page.locator("#screen")).to_have_attribute("data-status", "activated")
    expect(field).to_have_value("My connection is slow.")
    expect(field).to_be_focused()
    page.reload()
    expect(field).to_have_value("My connection is slow.")
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.route("**/problem", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("[data-problem] [data-form-error]")).to_contain_text(
        "Your text is still here"
    )
    expect(field).to_have_value("My connection is slow.")
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("[data-problem] [data-form-sent]")).to_be_visible()
    expect(page.locator("#spoken")).to_have_text("Sent. Your interviewers can see it now.")
    expect(field).to_have_value("")
    report = fresh(interview).timeline[-1]
    assert (report.text, report.status) == ("My connection is slow.", Status.ACTIVATED)
    assert (report.context["screen"], report.context["stream"]) == ("1280x720", "live")
    page.reload()
    expect(field).to_have_value("")


def test_report_is_sent_from_a_browser_without_storage(page, interview):  # noqa: F811
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off'); } });"
    )
    open_page(page, interview)
    page.get_by_text("I have a problem").click()
    page.get_by_label("What's wrong?").fill("My connection is slow.")
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("[data-problem] [data-form-sent]")).to_be_visible()
    expect(page.locator("[data-problem] [data-form-error]")).to_be_hidden()
