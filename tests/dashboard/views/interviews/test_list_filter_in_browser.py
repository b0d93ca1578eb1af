"""The chips and the search above a list, in Chromium: the address keeps what was chosen."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page

from interviews.models import Interview
from tests.dashboard.browser import ORIGIN, OpenPage
from tests.services import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def names(page: Page) -> list[str]:
    return page.locator("#rows tr:visible .name").all_inner_texts()


def test_reload_and_shared_link_keep_what_is_shown(
    staff_client: Client,
    running: Interview,
    invite: Callable[..., Interview],
    browser_page: OpenPage,
) -> None:
    invite(candidate_name="Grace Hopper")
    with browser_page({"/": staff_client.get("/").content}) as (page, _):
        page.goto(f"{ORIGIN}/")
        assert sorted(names(page)) == ["Ada", "Grace Hopper"]
        page.locator(".chip[data-group=running]").click()
        assert names(page) == ["Ada"]
        page.reload()
        assert names(page) == ["Ada"]
        assert page.locator(".chip[data-group=running]").get_attribute("aria-pressed") == "true"
        page.locator(".skip-link").focus()
        page.keyboard.press("Enter")
        page.locator(".chip[data-group='']").click()
        page.locator("[data-filter] input").fill("grace")
        # What the page writes into its address is told to this process a moment later.
        page.wait_for_url(lambda url: "find=grace" in url)
        shared = page.url
        assert urlsplit(shared).query == ""
        other = page.context.new_page()
        other.goto(shared)
        assert names(other) == ["Grace Hopper"]
        assert other.locator("[data-filter] input").input_value() == "grace"
        page.goto(f"{ORIGIN}/#show=waiting")
        # It loads nothing: the page hears of it a moment later.
        wait_until(lambda: names(page) == ["Grace Hopper"], "the link's filter was not applied")
        page.locator(".skip-link").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{ORIGIN}/#show=waiting")


def test_search_that_finds_nothing_here_leads_to_all_interviews(
    staff_client: Client, take_home: Interview, browser_page: OpenPage
) -> None:
    with browser_page({"/": staff_client.get("/").content}) as (page, _):
        page.goto(f"{ORIGIN}/")
        link = page.locator("[data-search-all]")
        page.locator("[data-filter] input").fill("müller & co ")
        assert link.inner_text() == "Search all interviews for “müller & co”"
        address = urlsplit(str(link.evaluate("link => link.href")))
        assert (address.path, parse_qs(address.query)) == ("/history/", {"q": ["müller & co"]})
        page.locator("[data-filter-reset]").click()
        assert names(page) == ["Ada"]
