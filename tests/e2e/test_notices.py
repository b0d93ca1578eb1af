"""The browser shows a notice for what was chosen on the profile, and asks only at a click."""

from playwright.sync_api import expect

from tests.e2e.conftest import Platform, Staff, expect_live
from tests.services import wait_until

# A headless browser shows no notifications, so this records them.
RECORD = """
window.Notification = class extends EventTarget {
  constructor(title, { body, tag }) {
    super();
    const shown = JSON.parse(sessionStorage.shown ?? "[]");
    sessionStorage.shown = JSON.stringify([...shown, [title, body, tag]]);
  }
  static get permission() { return localStorage.allowed ?? "default"; }
  static async requestPermission() {
    sessionStorage.asked = Number(sessionStorage.asked ?? 0) + 1;
    localStorage.allowed = "granted";
    return "granted";
  }
};
"""


def test_a_problem_is_shown_once_it_was_chosen(staff: Staff, platform: Platform) -> None:
    page = staff.page
    page.add_init_script(RECORD)
    page.goto(f"{platform.origin}/profile/")
    section = page.locator("[data-browser-notices]")
    assert page.evaluate("sessionStorage.asked") is None
    section.get_by_role("button", name="Turn on").click()
    expect(section.get_by_role("button", name="Turn off")).to_be_visible()
    assert page.evaluate("sessionStorage.asked") == "1"
    page.goto(f"{platform.origin}/")
    expect_live(page)
    invitation = staff.invite("Ada Noticed")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    told = page.request.post(
        f"{invitation.link}problem",
        form={"text": "The editor is blank."},
        headers={"X-CSRFToken": token, "HX-Request": "true"},
    )
    assert told.status == 204
    wait_until(
        lambda: invitation.id in page.evaluate("sessionStorage.shown ?? ''"), "no notice was shown"
    )
    # Others of the same platform may have a problem, too.
    shown = page.evaluate("JSON.parse(sessionStorage.shown)")
    assert [(title, body) for title, body, tag in shown if tag.startswith(invitation.id)] == [
        ("Ada Noticed", "The candidate reported a problem")
    ]
    page.goto(f"{platform.origin}/profile/")
    section.get_by_role("button", name="Turn off").click()
    assert not page.evaluate("JSON.parse(localStorage.notices).isOn")
