"""The people in front of the containers, in browsers that see the engine's networks come and go.

Chromium gives up what it is loading when the machine has another network than before, and each
workspace has one of its own. So a page is opened again where that was why it did not open; what a
page does by itself must cope with it.
"""

from playwright.sync_api import Error, Page, TimeoutError, expect

from tests.e2e.conftest import PASSWORD, Invitation, expect_live

TRIES = 5
# A workspace is a container with a disk of its own, on a machine that may be busy.
PATIENCE_MS = 240_000


def go(page: Page, url: str) -> None:
    for left in reversed(range(TRIES)):
        try:
            page.goto(url)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in str(error) or not left:
                raise
        else:
            return


def sign_in(page: Page, origin: str) -> None:
    """Until the dashboard is there, and hears events."""
    go(page, f"{origin}/login/")
    for left in reversed(range(TRIES)):
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        try:
            page.locator("[data-live]").wait_for(state="attached", timeout=15_000)
            break
        except TimeoutError:
            if not left:
                raise
            go(page, f"{origin}/login/")
    settle(page)


def open_link(page: Page, invitation: Invitation) -> None:
    go(page, invitation.link)
    settle(page)


def settle(page: Page) -> None:
    """It hears events; from now on it must do without a reload."""
    expect_live(page)
    page.evaluate("window.neverReloaded = true")


def expect_screen(page: Page, status: str) -> None:
    expect(page.locator("#screen")).to_have_attribute("data-status", status, timeout=PATIENCE_MS)
