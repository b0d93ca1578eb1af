"""The history in two windows of staff: what ends comes by itself, is found, downloaded, deleted."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    Invitation,
    Platform,
    SignIn,
    Staff,
    expect_live,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
    press_submit,
)


def open_history(page: Page, platform: Platform, query: str = "") -> None:
    page.goto(f"{platform.origin}/history/{query}")
    expect_live(page)
    page.evaluate("window.neverReloaded = true")


def test_ended_test_appears_is_found_downloaded_and_deleted_in_two_windows(
    platform: Platform,
    staff: Staff,
    candidate: Page,
    sign_in: SignIn,
) -> None:
    invitation = staff.invite("Нина O'Neil")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    other = sign_in("/history/")
    open_history(other, platform)
    open_history(staff.page, platform, "?q=нин&type=take-home")
    staff.expect_status(invitation, "active")
    expect(other.locator(f"#row-{invitation.id}")).to_have_count(0)

    press_submit(candidate)
    expect_screen(candidate, "completed")
    first = other.locator("#rows tr").first
    expect(first).to_have_attribute("id", f"row-{invitation.id}")
    expect(first).to_contain_text("Submitted")
    staff.expect_status(invitation, "completed")

    with other.expect_download() as download:
        first.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "Нина O'Neil - word-count.tar.gz"

    staff.ask(invitation, "Delete permanently", "Delete permanently")
    expect(staff.row(invitation)).to_have_count(0)
    expect(other.locator(f"#row-{invitation.id}")).to_have_count(0)
    assert never_reloaded(staff.page)
    assert never_reloaded(other)
    # The candidate's page hears of it, too, and finds its address unknown.
    expect(candidate.locator("#headline")).to_have_text("We can't find this test")


def test_form_narrows_the_history_to_an_address_that_can_be_shared(
    platform: Platform, staff: Staff, sign_in: SignIn
) -> None:
    grace, ada = staff.invite("Grace"), staff.invite("Ada Whom Nobody Forgets")
    for invitation in (grace, ada):
        staff.withdraw(invitation)
        expect(staff.row(invitation)).to_have_count(0)
    phone = sign_in(
        "/history/",
        viewport={"width": 390, "height": 844},
        timezone_id="America/New_York",
    )
    form = phone.get_by_role("search")
    form.get_by_label("Search").fill("forg whom")
    form.get_by_label("Outcome").select_option("Withdrawn")
    form.get_by_label("Ended from").fill("2026-01-01")
    form.get_by_role("button", name="Search").click()
    expect(phone.locator("#rows tr")).to_have_count(1)
    expect(phone.locator(f"#row-{ada.id}")).to_contain_text("Withdrawn")
    address = phone.url.removeprefix(f"{platform.origin}/history/")
    assert address == ("?q=forg+whom&status=revoked&from=2026-01-01&zone=America%2FNew_York")
    open_history(staff.page, platform, address)
    expect(staff.row(ada)).to_be_visible()
    expect(staff.row(grace)).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    form.get_by_role("link", name="Clear filters").click()
    expect(phone.locator(f"#row-{grace.id}")).to_be_visible()
    expect_live(phone)
    delete_by_keyboard(phone, grace)


def delete_by_keyboard(page: Page, invitation: Invitation) -> None:
    row = page.locator(f"#row-{invitation.id}")
    keep = page.locator("#ask").get_by_role("button", name="Cancel")
    # What is swapped in takes that long to work: nobody may press it before.
    page.evaluate("htmx.config.defaultSettleDelay = 300; window.neverReloaded = true")
    menu = row.locator("[data-menu] summary")

    def choose_deletion() -> None:
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowUp")
        expect(row.get_by_role("button", name="Delete permanently")).to_be_focused()
        page.keyboard.press("Enter")
        expect(keep).to_be_focused()

    menu.focus()
    choose_deletion()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    choose_deletion()
    page.keyboard.press("Tab")
    expect(page.locator("#ask").get_by_role("button", name="Delete permanently")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    assert never_reloaded(page)
