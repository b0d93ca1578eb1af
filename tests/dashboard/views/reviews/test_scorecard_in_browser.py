"""Saving a scorecard of any size by its script, in Chromium."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Route, expect

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from tests.chromium import UseBrowser
from tests.conftest import member
from tests.reviewing import CRITERIA, finish, set_criteria

pytestmark = pytest.mark.django_db

ORIGIN = "http://testserver"
# 40 comments of the longest kind: more than the 64 KiB of a request that may outlive its page.
LONG = """
for (let n = 0; n < 40; n++) document.querySelector("[data-comment-add]").click();
const fields = document.querySelectorAll("[data-comments] textarea");
for (const field of fields) field.value = "x".repeat(2000);
"""


def test_a_long_review_is_saved_and_its_page_not_closed_before(
    client: Client, invite: Callable[..., Interview], use_browser: UseBrowser
) -> None:
    interview = invite()
    set_criteria(*CRITERIA)
    finish(interview)
    client.force_login(member("rita", REVIEWER))
    address = f"/interviews/{interview.id}/review/"
    html = client.get(address).content
    sizes: list[int] = []
    waiting: list[Route] = []

    def answer(route: Route) -> None:
        request, path = route.request, urlsplit(route.request.url).path
        if request.method == "POST":
            sizes.append(len(request.post_data_buffer or b""))
            waiting.append(route)
        elif path == address:
            route.fulfill(body=html, content_type="text/html")
        elif path.startswith("/static/"):
            route.fulfill(path=str(finders.find(path.removeprefix("/static/"))))
        else:
            # A 204 ends an event stream for good.
            route.fulfill(status=204)

    with use_browser() as browser:
        page = browser.new_page()
        page.route(f"{ORIGIN}/**", answer)
        page.goto(f"{ORIGIN}{address}")
        page.evaluate(LONG)
        with page.expect_request(lambda request: request.method == "POST"):
            page.locator("#summary").press_sequentially("Long")
        expect(page.locator("[data-saved]")).to_have_text("Saving…")
        page.on("dialog", lambda dialog: dialog.dismiss())
        with page.expect_event("dialog") as asked:
            page.evaluate("location.reload()")
        assert asked.value.type == "beforeunload"
        saved = {"version": 1, "savedAt": "2030-01-01T12:00:00+00:00"}
        waiting[0].fulfill(body=json.dumps(saved), content_type="application/json")
        expect(page.locator("[data-saved]")).to_contain_text("Draft saved")
    assert sizes[0] > 64 * 1024
