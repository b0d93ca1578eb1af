"""Parts of a page, and others that take their place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.dashboard.browser import ORIGIN, OpenPage
from tests.dashboard.views.replace_part.parts import SHELL


@pytest.fixture
def page(browser_page: OpenPage) -> Iterator[Page]:
    with browser_page({"/shell/": SHELL.encode()}) as (page, _posted):
        page.goto(f"{ORIGIN}/shell/")
        yield page
