"""axe-core's rules of accessibility (WCAG 2.2 A and AA, and its best practices) on a page."""

from typing import Any

from playwright.sync_api import Page

from takehome_platform.local_stack.config import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) =>
    `${html.slice(0, 200)} ${failureSummary}`)]);
}"""

# A color that is on its way from one scheme to the other is neither.
STILL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { transition: none !important; animation: none !important }");
  document.adoptedStyleSheets = [sheet];
}"""


def violations(page: Page) -> dict[str, Any]:
    """By rule, the elements that break it: in light colors all rules, in dark ones the contrast."""
    # A page that has begun but has no style sheet yet shows the browser's own colors.
    page.wait_for_load_state()
    # Not as a script of the page, which its content security policy would refuse.
    page.evaluate(SOURCE.read_text())
    page.evaluate(STILL)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    # Django's admin labels its search field by a picture with a text, which this rule overlooks.
    rules = {"label-title-only": {"enabled": "/admin/" not in page.url}}
    found = dict(page.evaluate(RUN, {"rules": rules}))
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    found |= {f"{rule} (dark)": nodes for rule, nodes in page.evaluate(RUN, only)}
    return found
