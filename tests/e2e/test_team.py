"""The tools of a team, in a browser: copying is noted, the menu opens and closes, and the admin
works under the policy that forbids scripts and styles of a page's own."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.e2e.conftest import Platform, Staff

# A button says it for two seconds, in which a busy machine may not come to look.
WATCH = """() => new MutationObserver(() => {
  const labels = [...document.querySelectorAll("[data-copy-label]")];
  window.wasCopied ||= labels.some((label) => label.textContent === "Copied");
}).observe(document.body, { childList: true, subtree: true, characterData: true })"""


@pytest.fixture
def complaints(staff: Staff) -> Iterator[list[str]]:
    """What the browser says against a page: none is allowed."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        address = message.location["url"]
        # The list asks for a row that another test deletes at that moment: then it goes.
        is_gone = address.partition("?")[0].endswith("/row/") and "404" in message.text
        if message.type == "error" and not is_gone:
            heard.append(f"{address}: {message.text}")

    staff.page.on("console", hear)
    yield heard
    assert heard == []


def no_wider_than_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_copying_a_link_is_in_the_audit_trail(
    staff: Staff, platform: Platform, complaints: list[str]
) -> None:
    invitation = staff.invite("Ada who is copied")
    staff.page.evaluate(WATCH)
    with staff.page.expect_response(re.compile("/copied/")) as noted:
        staff.row(invitation).locator(".cell-link .copy").click()
    assert noted.value.status == 204
    staff.page.wait_for_function("window.wasCopied")
    staff.page.goto(f"{platform.origin}/audit/?interview={invitation.id}")
    first = staff.page.locator(".audit tbody tr").first
    expect(first).to_contain_text("Copied the link or password")
    expect(first).to_contain_text("link")
    with staff.page.expect_download() as file:
        staff.page.get_by_role("link", name="Export as CSV").click()
    assert "copied_credentials" in file.value.path().read_text()


def test_copying_does_not_wait_for_the_note(staff: Staff) -> None:
    invitation = staff.invite("Grace offline")
    button = staff.row(invitation).locator(".cell-link .copy")
    expect(button).to_be_visible()
    staff.page.route("**/copied/", lambda route: route.abort())
    staff.page.evaluate(WATCH)
    button.click()
    staff.page.wait_for_function("window.wasCopied")


def test_menu_is_worked_with_the_keyboard(staff: Staff, complaints: list[str]) -> None:
    page = staff.page
    menu, team = page.locator(".nav-menu").last, page.locator(".nav-more summary").last
    team.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(team).to_be_focused()
    team.click()
    expect(menu).to_be_visible()
    page.locator("h1").click()
    expect(menu).to_be_hidden()


def test_admin_revokes_after_a_question(
    staff: Staff, platform: Platform, complaints: list[str]
) -> None:
    page = staff.page
    invitation = staff.invite("Edith in the admin")
    page.goto(f"{platform.origin}/admin/dashboard/interviewrecord/?q=edith")
    page.locator(f"input[value='{invitation.id}']").check()
    expect(page.locator(".action-counter")).to_contain_text("1 of")
    page.locator("select[name=action]").select_option("Withdraw or cancel")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".asked")).to_contain_text("can no longer be started")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".messagelist")).to_contain_text("The invitation was withdrawn.")
    page.get_by_role("link", name="Edith in the admin").click()
    page.get_by_role("link", name="History").last.click()
    expect(page.locator("#change-history")).to_contain_text("Withdraw or cancel.")
    assert staff.details(invitation)["status"] == "revoked"


def test_pages_fit_a_phone_and_a_desk(
    staff: Staff, platform: Platform, complaints: list[str]
) -> None:
    invitation = staff.invite("Fits")
    pages = ["/", "/audit/", "/tokens/", "/admin/", "/admin/auth/user/", "/admin/auth/user/add/"]
    pages += [f"/admin/dashboard/{name}record/" for name in ("interview", "operation", "challenge")]
    pages += [f"/admin/dashboard/interviewrecord/{invitation.id.replace('_', '_5F')}/change/"]
    pages += ["/admin/dashboard/auditentry/", "/admin/dashboard/apitoken/add/"]
    for width in (390, 1280):
        staff.page.set_viewport_size({"width": width, "height": 800})
        for address in pages:
            staff.page.goto(platform.origin + address)
            assert no_wider_than_the_screen(staff.page), (width, address)
        is_phone = width == 390
        header = staff.page.locator(".site-header")
        # One row.
        assert not is_phone or header.evaluate("element => element.offsetHeight") < 64
        button = "[data-nav-toggle]" if is_phone else ".nav-more summary"
        staff.page.locator(button).last.click()
        assert no_wider_than_the_screen(staff.page), width
        box = staff.page.locator(".nav-menu").last.bounding_box()
        assert box is not None
        assert box["x"] >= 0, width
