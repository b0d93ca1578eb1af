"""Pages that were rendered in this process, in Chromium."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route

from tests.chromium import UseBrowser

ORIGIN = "http://testserver"
# `open_page`, which knows the browser.
OpenPage = Callable[..., AbstractContextManager[tuple[Page, list[Any]]]]


@contextmanager
def open_page(
    use_browser: UseBrowser,
    pages: dict[str, bytes],
    script: str = "",
    *,
    refused: bytes | None = None,
    accepted: dict[str, str] | None = None,
    locale: str = "en-US",
) -> Iterator[tuple[Page, list[Any]]]:
    """A page of a browser, and the forms that it posts.

    They get `refused`, or an empty answer with the headers `accepted`.
    """
    posted: list[Any] = []

    def answer(route: Route) -> None:
        request, path = route.request, urlsplit(route.request.url).path
        if request.method == "POST":
            posted.append(parse_qs(request.post_data, keep_blank_values=True))
            if refused is None:
                route.fulfill(status=204, headers=accepted)
            else:
                route.fulfill(status=422, body=refused, content_type="text/html")
        elif path in pages:
            route.fulfill(body=pages[path], content_type="text/html")
        elif path.startswith("/static/"):
            route.fulfill(path=str(finders.find(path.removeprefix("/static/"))))
        else:
            # A 204 ends an event stream for good.
            route.fulfill(status=204)

    with use_browser() as browser:
        context = browser.new_context(timezone_id="Europe/Berlin", locale=locale)
        context.route(f"{ORIGIN}/**", answer)
        page = context.new_page()
        page.add_init_script(script)
        yield page, posted
