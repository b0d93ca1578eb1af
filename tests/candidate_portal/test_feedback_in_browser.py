"""Feedback in Chromium: the questions appear with the end, and what is typed is never lost."""

from playwright.sync_api import expect

from interviews.lifecycle import Status
from tests.candidate_portal.test_feedback import in_status
from tests.candidate_portal.test_page_in_browser import (  # noqa: F401
    interview,
    open_page,
    page,
)
from tests.conftest import fresh
from tests.e2e import axe


def test_answers_survive_reloads_until_they_are_sent(page, interview):  # noqa: F811
    in_status(interview, Status.DESTROYING)
    open_page(page, interview)
    title = page.get_by_role("heading", name="How was it?")
    expect(title).to_be_hidden()
    in_status(interview, Status.COMPLETED).announce()
    expect(title).to_be_visible()
    great = page.get_by_role("radio", name="5 Great")
    field = page.get_by_label("What should we know or do better?")
    great.check()
    field.fill("The terminal was slow.")
    page.reload()
    expect(great).to_be_checked()
    expect(field).to_have_value("The terminal was slow.")
    assert axe.violations(page) == {}
    page.route("**/feedback", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator(".feedback [data-form-error]")).to_contain_text("Your text is still here")
    expect(field).to_have_value("The terminal was slow.")
    page.get_by_role("button", name="Send feedback").click()
    thanks = page.locator(".feedback [data-form-sent]")
    expect(thanks).to_be_visible()
    expect(field).to_have_value("The terminal was slow.")
    row = fresh(interview)
    assert (row.feedback_rating, row.feedback_text) == (5, "The terminal was slow.")
    page.reload()
    expect(great).to_be_checked()
    expect(thanks).to_be_hidden()
