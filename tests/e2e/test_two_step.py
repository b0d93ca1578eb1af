"""Somebody turns on two-step sign-in with their app, keeps the codes, and signs in with both."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.authenticator import code_for_text
from tests.e2e import axe
from tests.e2e.conftest import PASSWORD, Platform

HIRE = """
from django.contrib.auth.models import Group, User
user = User.objects.create_user("grace", password={password!r}, is_staff=True)
user.groups.set([Group.objects.get(name="Viewer")])
"""


def give_password(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Email or username").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_two_steps_from_the_profile_to_the_next_sign_in(
    platform: Platform, new_context: Callable[..., BrowserContext]
) -> None:
    platform.python(HIRE.format(password=PASSWORD))
    page = new_context(accept_downloads=True).new_page()
    give_password(page, f"{platform.origin}/login/?next=/profile/")
    page.get_by_role("link", name="Set up").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    broken = {"off": axe.violations(page)}
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("img", name="QR code with your key")).to_be_visible()
    broken["set-up"] = axe.violations(page)
    key = page.locator("#key").inner_text()
    page.get_by_role("textbox", name="Code").fill(code_for_text(key))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    broken["codes"] = axe.violations(page)
    codes = page.locator("#codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    saved = Path(download.value.path()).read_text()
    assert [line for line in saved.splitlines() if line in codes] == codes
    page.get_by_role("button", name="Copy codes").click()
    expect(page.get_by_role("button", name="Copy codes")).to_have_text("Copied")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.get_by_role("link", name="I've saved them").click()
    page.get_by_role("link", name="Manage").click()
    expect(page.get_by_role("heading", name="Turn off two-step sign-in")).to_be_visible()
    broken["on"] = axe.violations(page)

    other = new_context().new_page()
    give_password(other, f"{platform.origin}/login/?next=/history/")
    expect(other.get_by_role("link", name="Use a recovery code")).to_be_visible()
    broken["code"] = axe.violations(other)
    other.get_by_role("link", name="Use a recovery code").click()
    other.get_by_label("Recovery code").fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    expect(other).to_have_url(f"{platform.origin}/history/")
    assert {name: rules for name, rules in broken.items() if rules} == {}
