"""Every page of the dashboard follows the rules of axe-core."""

import pytest

from tests.e2e import axe
from tests.e2e.conftest import Platform, SignIn
from tests.e2e.pages import STAFF_PAGES


# A minute at each width: axe goes through every element of every page.
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_the_dashboard_breaks_a_rule(
    platform: Platform, sign_in: SignIn, width: int
) -> None:
    page = sign_in(viewport={"width": width, "height": 800})
    found = {}
    for name, path in STAFF_PAGES.items():
        page.goto(platform.origin + path)
        if broken := axe.violations(page):
            found[name] = broken
    assert not found, "\n".join(f"{name}: {rules}" for name, rules in found.items())
