"""Every page of the dashboard begins at the same left edge, as its header does."""

from tests.e2e.conftest import Platform, SignIn
from tests.e2e.pages import STAFF_PAGES

EDGES = """() => [".brand", "main h1, #content h1", ".site-footer, .admin-footer"].map((part) => {
  const found = document.querySelector(part);
  if (!found) return null;
  const padding = parseFloat(getComputedStyle(found).paddingLeft);
  return Math.round(found.getBoundingClientRect().left + padding);
})"""
# The title is in a card.
IN_A_CARD = {"not-found", "webhook-new"}


def test_header_and_content_stay_where_they_are(platform: Platform, sign_in: SignIn) -> None:
    page = sign_in(viewport={"width": 1920, "height": 800})
    found: dict[int, set[str]] = {}
    for name, path in STAFF_PAGES.items():
        page.goto(platform.origin + path)
        brand, title, footer = page.evaluate(EDGES)
        edges = [brand, None if name in IN_A_CARD else title, footer]
        for edge in edges:
            if edge is not None:
                found.setdefault(edge, set()).add(name)
    assert len(found) == 1, found
