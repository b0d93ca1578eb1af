"""A live interview from its form to the history, on two screens of staff and a candidate's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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
    press_in_row,
)
from tests.e2e.workspace import no_trace_of, saved_names, sign_in_to_workspace

ZONE = "America/St_Johns"
# Keeps the id of every row that was ever on this page.
WATCH_ROWS = """() => {
    window.everShown = [];
    const look = () => {
        for (const row of document.querySelectorAll("tr[data-interview]")) {
            everShown.push(row.dataset.interview);
        }
    };
    look();
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""


def ready(page: Page) -> Page:
    expect_live(page)
    page.evaluate("window.neverReloaded = true")
    page.evaluate(WATCH_ROWS)
    return page


def in_five_minutes(zone: str) -> str:
    """As one types it: a few seconds more than the time that a workspace is made ready before."""
    at = datetime.now(ZoneInfo(zone)) + timedelta(minutes=5, seconds=4)
    # A browser drops seconds that are none.
    return at.replace(microsecond=0, second=at.second or 1, tzinfo=None).isoformat()


def test_scheduled_interview_is_live_on_every_screen(
    platform: Platform,
    staff: Staff,
    candidate: Page,
    sign_in: SignIn,
) -> None:
    take_homes, history = staff.page, staff.page.context.new_page()
    take_homes.evaluate(WATCH_ROWS)
    history.goto(f"{platform.origin}/history/")
    ready(history)
    mine = ready(sign_in("/live/", timezone_id=ZONE))
    theirs = ready(sign_in("/live/"))

    # Created through the form, in the zone of the window.
    mine.locator("#create-button").click()
    form = mine.locator("#live-form")
    expect(form.locator("[name=zone]")).to_have_value(ZONE)
    form.locator("[name=candidate_name]").fill("Нина O'Neil")
    form.locator("[name=challenge]").select_option("settlement-check")
    form.locator("[name=at]").fill(in_five_minutes(ZONE))
    form.get_by_role("button", name="Create interview").click()
    link = mine.locator("#created-link").inner_text()
    password = mine.locator("#created-password").inner_text()
    # The candidate is told the time in the zone that it was chosen in.
    message = mine.locator("#created-message").inner_text()
    assert [text in message for text in (link, password, ZONE)] == [True, True, True]
    mine.get_by_role("button", name="Done").click()

    row = mine.locator("#rows tr[data-interview]")
    interview = Invitation(str(row.get_attribute("data-interview")), link)
    here, there = mine.locator(f"#row-{interview.id}"), theirs.locator(f"#row-{interview.id}")
    for shown in (here, there):
        expect(shown).to_contain_text("Нина O'Neil")
        expect(shown).not_to_contain_text(password)
        shown.get_by_role("button", name="Show password").click()
        expect(shown).to_contain_text(password)

    # It becomes active by itself, on all three screens.
    open_link(candidate, interview)
    expect(candidate.locator("#screen")).to_contain_text("Starts in")
    expect_screen(candidate, "active")
    for shown in (here, there):
        expect(shown).to_have_attribute("data-status", "active")
        expect(shown.get_by_role("link", name="Open workspace")).to_be_visible()

    # The workspace lets in with the password that was shown at scheduling.
    assert str(candidate.locator("#workspace-password").text_content()) == password
    sign_in_to_workspace(candidate)
    expect(candidate.locator(".clock[data-before]")).to_be_visible()
    expect(candidate.locator("#submit-button")).to_have_count(0)

    # Ended in one window, it is gone to the history in all.
    press_in_row(here, "Stop now")
    mine.locator("#ask").get_by_role("button", name="Stop now").click()
    expect_screen(candidate, "completed")
    for page in (mine, theirs):
        expect(page.locator(f"#row-{interview.id}")).to_have_count(0)
        expect(page.locator("#news")).to_contain_text("See History.")
    expect(history.locator(f"#row-{interview.id}")).to_be_visible()
    assert [never_reloaded(page) for page in (candidate, mine, theirs, history, take_homes)] == (
        [True] * 5
    )
    assert interview.id in mine.evaluate("everShown")
    assert interview.id not in take_homes.evaluate("everShown")

    details = staff.details(interview)
    assert [moment["status"] for moment in details["timeline"]] == [
        "scheduled", "activated", "initializing", "configuring", "active", "destroying",
        "completed",
    ]  # fmt: skip
    assert "README.md" in saved_names(staff, interview.id)
    no_trace_of(platform, interview.id)


def test_take_home_is_never_on_the_page_of_current_interviews(
    platform: Platform, staff: Staff
) -> None:
    live = staff.page.context.new_page()
    live.goto(f"{platform.origin}/live/")
    ready(live)
    invitation = staff.invite("Ada")
    staff.expect_status(invitation, "available")
    staff.withdraw(invitation)
    expect(staff.row(invitation)).to_have_count(0)
    # The other page has heard of it as well by the time that it has heard of something later.
    with live.expect_response("**/live/*"):
        live.evaluate("interviewRows.refreshAll()")
    assert invitation.id not in live.evaluate("everShown")
