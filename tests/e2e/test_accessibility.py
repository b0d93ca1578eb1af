"""Every page of the dashboard follows the rules of axe-core."""

import pytest

from tests.e2e import axe
from tests.e2e.conftest import Platform, SignIn
from tests.e2e.pages import STAFF_PAGES

# The page of the API says the same of a hundred endpoints and types. One of each kind is left, by
# the elements that are in it: axe would take as long for the others as for all other pages.
ONE_OF_EACH = """() => {
  const seen = new Set();
  for (const item of document.querySelectorAll(".api-item")) {
    const elements = [item, ...item.querySelectorAll("*")];
    const kind = [...new Set(elements.map((e) => `${e.localName}.${e.className}`))].sort().join();
    if (seen.has(kind)) item.remove();
    seen.add(kind);
  }
  return seen.size;
}"""


# Twenty seconds at each width: axe goes through every element of every page.
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_the_dashboard_breaks_a_rule(
    platform: Platform, sign_in: SignIn, width: int
) -> None:
    page = sign_in(viewport={"width": width, "height": 800})
    found = {}
    for name, path in STAFF_PAGES.items():
        page.goto(platform.origin + path)
        if name == "api-docs":
            assert page.evaluate(ONE_OF_EACH) > 5
        if broken := axe.violations(page):
            found[name] = broken
    assert not found, "\n".join(f"{name}: {rules}" for name, rules in found.items())
