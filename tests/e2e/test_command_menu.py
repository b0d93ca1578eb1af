"""The command menu and the shortcuts, by keyboard and on a phone."""

from playwright.sync_api import expect

from tests.e2e import axe
from tests.e2e.conftest import Platform, Staff


def test_menu_leads_to_a_candidate_by_keyboard_alone(staff: Staff, platform: Platform) -> None:
    page = staff.page
    invitation = staff.invite("Menuetta Sought")
    page.goto(f"{platform.origin}/history/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find candidates, challenges and pages")
    expect(field).to_be_focused()
    # Without a text it offers the pages, and the arrow keys go round.
    expect(page.locator("#command-results [aria-selected=true]")).to_have_text("Take-home tests")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#command-results [aria-selected=true]")).to_have_text("API documentation")
    page.keyboard.type("menue")
    option = page.get_by_role("option", name="Menuetta Sought")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    assert axe.violations(page) == {}
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{platform.origin}/interviews/{invitation.id}/")


def test_single_keys_lead_to_pages_until_they_are_switched_off(
    staff: Staff, platform: Platform
) -> None:
    page = staff.page
    page.goto(f"{platform.origin}/history/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert axe.violations(page) == {}
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{platform.origin}/challenges/")
    # What is typed into a field is text.
    page.goto(f"{platform.origin}/history/")
    page.locator("#id_q").press_sequentially("g c/?")
    expect(page.locator("#id_q")).to_have_value("g c/?")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.reload()
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Find candidates")).to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_button_opens_the_menu_on_a_phone(staff: Staff, platform: Platform) -> None:
    page = staff.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(platform.origin)
    page.get_by_role("button", name="Find anything").click()
    page.get_by_role("combobox", name="Find candidates").fill("audit")
    page.get_by_role("option", name="Audit log").click()
    expect(page).to_have_url(f"{platform.origin}/audit/")
