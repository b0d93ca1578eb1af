"""The navigation at every width of a window, in Chromium."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard.browser import ORIGIN, OpenPage

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# As they are for somebody with much to review.
WAITING = {"en": "To review (28)", "de": "Zu bewerten (28)"}
ALL_WIDTHS = range(1240, 1700, 20)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_header_has_room_for_the_name_of_who_signed_in(
    client: Client, admin_user: User, language: str, browser_page: OpenPage
) -> None:
    client.force_login(admin_user)
    body = client.get("/history/", headers={"Accept-Language": language}).content
    with browser_page({"/history/": body}) as (page, _posted):
        page.goto(f"{ORIGIN}/history/")
        assert page.evaluate("document.documentElement.lang") == language
        page.evaluate(
            "text => document.querySelector(\".site-nav a[href='/reviews/']\").textContent = text",
            WAITING[language],
        )
        for width in ALL_WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            name = page.locator(".who-name")
            if not name.is_visible():
                continue
            is_whole = name.evaluate("each => each.scrollWidth <= each.clientWidth")
            assert is_whole, (width, name.bounding_box())
            assert page.locator(".site-header-inner").bounding_box()["height"] < 72, width
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
