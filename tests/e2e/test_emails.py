"""Previews of emails in a browser: above a dialog that is being filled in, and beside a text."""

from playwright.sync_api import expect

from tests.e2e import axe
from tests.e2e.conftest import Platform, SignIn


def test_previews_by_keyboard_and_on_a_phone(platform: Platform, sign_in: SignIn) -> None:
    page = sign_in(viewport={"width": 390, "height": 844})
    page.goto(f"{platform.origin}/")
    page.locator("#invite-button").click()
    dialog, preview = page.locator("#invite"), page.locator("#email-preview")
    dialog.locator("[name=candidate_name]").fill("Ada {link} %s")
    button = dialog.get_by_role("button", name="Preview email")
    # There is nothing to preview before an email is asked for.
    expect(button).to_be_hidden()
    dialog.locator("[name=candidate_email]").fill("ada@example.com")
    button.focus()
    page.keyboard.press("Enter")
    expect(preview).to_be_visible()
    expect(preview.locator("li")).to_have_text("Challenge: Choose a challenge.")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    dialog.locator("[name=challenge]").select_option("settlement-check")
    button.click()
    expect(preview.locator(".email-text")).to_contain_text("Hello Ada {link} %s,")
    assert axe.violations(page) == {}
    preview.get_by_role("button", name="Back").click()
    expect(dialog.locator("[name=candidate_name]")).to_have_value("Ada {link} %s")
    expect(dialog).to_have_attribute("open", "")

    page.goto(f"{platform.origin}/email-texts/test-invitation/en/")
    shown = page.locator("#email-text-preview")
    page.locator("[name=body]").fill("Hi {name}: {link}")
    expect(shown).to_contain_text("Put in {deadline}")
    page.locator("[name=body]").press_sequentially(" by {deadline}")
    expect(shown.locator(".email-text")).to_contain_text("Hi Ada Lovelace: ")
