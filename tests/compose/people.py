"""Browser helpers that cope with the engine's networks appearing and disappearing.

Chromium aborts what it is loading when the machine's networks change, and each workspace has its
own network. So the helpers retry opening a page after that error; the page's own requests must
handle it by themselves.
"""

from playwright.sync_api import Error, Page, TimeoutError, expect

from tests.e2e.conftest import PASSWORD, Invitation, expect_live

TRIES = 5
# Creating a workspace's container and disk takes long on a busy machine.
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
    """Sign in, and wait until the dashboard receives events."""
    go(page, f"{origin}/login/")
    for left in reversed(range(TRIES)):
        page.get_by_label("Email or username").fill("admin")
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
    """Wait until the page receives events; from now on it must not reload."""
    expect_live(page)
    page.evaluate("window.neverReloaded = true")


def expect_screen(page: Page, status: str) -> None:
    expect(page.locator("#screen")).to_have_attribute("data-status", status, timeout=PATIENCE_MS)
