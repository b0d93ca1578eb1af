"""The whole life of a take-home, on both screens at once, with a real workspace."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import (
    Platform,
    Staff,
    answers,
    expect_live,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
    press_submit,
)
from tests.e2e.sample import SAMPLE
from tests.e2e.workspace import READ, SAVE, no_trace_of, saved_names, sign_in_to_workspace
from tests.services import wait_until


def test_start_work_and_submit_live_on_both_screens(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Нина O'Neil <b>$(id)</b>", challenge=SAMPLE)
    staff.expect_status(invitation, "available")
    expect(staff.row(invitation)).to_contain_text("Нина O'Neil <b>$(id)</b>")

    open_link(candidate, invitation)
    expect_screen(candidate, "available")
    expect(candidate.locator("main")).to_contain_text("Please think aloud in NOTES.md.")
    press_start(candidate)
    expect_screen(candidate, "active")
    staff.expect_status(invitation, "active")
    password = staff.details(invitation)["password"]
    expect(staff.row(invitation)).not_to_contain_text(password)
    staff.row(invitation).get_by_role("button", name="Show password").click()
    expect(staff.row(invitation)).to_contain_text(password)
    seen = [moment["status"] for moment in staff.details(invitation)["timeline"]]
    # The invitation, and the confirmation of what is allowed.
    assert seen[:2] == ["available", "available"]
    assert seen[2:] == ["activated", "initializing", "configuring", "active"]

    workspace = sign_in_to_workspace(candidate)
    assert "# " in workspace.evaluate(READ, "README.md")
    assert workspace.evaluate(SAVE, ["answer.py", "print('жизнь')\n"]) == 200

    press_submit(candidate)
    expect_screen(candidate, "completed")
    expect(staff.row(invitation)).to_have_count(0)
    assert never_reloaded(candidate)
    assert never_reloaded(staff.page)

    details = staff.details(invitation)
    assert (details["status"], details["endReason"]) == ("completed", "submitted")
    assert (details["password"], details["accessUrl"]) == (None, None)
    files = saved_names(staff, invitation.id)
    assert files["answer.py"].decode() == "print('жизнь')\n"
    assert "README.md" in files
    no_trace_of(platform, invitation.id)

    staff.page.get_by_role("navigation").get_by_role("link", name="Ended").click()
    staff.expect_status(invitation, "completed")
    expect(staff.row(invitation).get_by_role("link", name="Download")).to_be_visible()


# More than a minute: no test is shorter than one.
def test_time_up_ends_the_test_by_itself_with_the_files_saved(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada", minutes=1)
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    expect(candidate.locator("[data-countdown]")).to_contain_text("0:")
    workspace = sign_in_to_workspace(candidate)
    assert workspace.evaluate(SAVE, ["late.txt", "at the last second"]) == 200
    expect(candidate.locator("#screen")).to_have_attribute(
        "data-status", "completed", timeout=100_000
    )
    expect(staff.row(invitation)).to_have_count(0)
    details = staff.details(invitation)
    assert (details["status"], details["endReason"]) == ("completed", "time_up")
    assert saved_names(staff, invitation.id)["late.txt"] == b"at the last second"
    assert never_reloaded(candidate)
    no_trace_of(platform, invitation.id)


def test_revoke_while_provisioning_tears_down_on_both_screens(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    expect(candidate.locator("#screen")).not_to_have_attribute("data-status", "available")
    staff.withdraw(invitation)
    expect_screen(candidate, "revoked")
    expect(staff.row(invitation)).to_have_count(0)
    wait_until(lambda: staff.details(invitation)["status"] == "revoked", "not revoked")
    no_trace_of(platform, invitation.id)


def test_revoke_of_an_unused_invitation_changes_the_open_page(
    staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    staff.withdraw(invitation)
    expect_screen(candidate, "revoked")
    expect(candidate.locator("#start-button")).to_have_count(0)
    assert never_reloaded(candidate)


def test_refresh_shows_the_same_in_each_state(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    candidate.reload()
    expect_screen(candidate, "available")
    press_start(candidate)
    expect(candidate.locator("#screen")).not_to_have_attribute("data-status", "available")
    candidate.reload()
    expect(candidate.locator("#start-button")).to_have_count(0)
    expect_screen(candidate, "active")
    password = str(candidate.locator("#workspace-password").text_content())
    candidate.reload()
    expect_screen(candidate, "active")
    assert str(candidate.locator("#workspace-password").text_content()) == password
    candidate.close()
    again = candidate.context.new_page()
    open_link(again, invitation)
    expect_screen(again, "active")
    staff.ask(invitation, "Stop now", "Stop now")
    expect(again.locator("#screen")).not_to_have_attribute("data-status", "active")
    again.reload()
    expect_screen(again, "completed")
    again.reload()
    expect_screen(again, "completed")
    assert password not in again.content()


def test_two_tabs_and_a_telephone_show_one_test(
    staff: Staff, candidate: Page, new_context: Callable[..., BrowserContext]
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    second = candidate.context.new_page()
    open_link(second, invitation)
    telephone = new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    open_link(telephone, invitation)
    press_start(candidate)
    for page in (candidate, second, telephone):
        expect_screen(page, "active")
        assert never_reloaded(page)
    passwords = {
        str(page.locator("#workspace-password").text_content())
        for page in (candidate, second, telephone)
    }
    assert len(passwords) == 1
    assert [m["status"] for m in staff.details(invitation)["timeline"]].count("activated") == 1
    width = telephone.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    staff.ask(invitation, "Stop now", "Stop now")
    for page in (candidate, second, telephone):
        expect_screen(page, "completed")


def test_countdown_follows_the_servers_clock_not_the_visitors(
    staff: Staff, candidate: Page, new_context: Callable[..., BrowserContext]
) -> None:
    invitation = staff.invite("Ada", minutes=60)
    wrong = new_context().new_page()
    wrong.clock.install(time="2001-01-01T00:00:00Z")
    wrong.goto(invitation.link)
    expect_live(wrong)
    press_start(wrong)
    expect_screen(wrong, "active")
    expect(wrong.locator("[data-countdown]")).to_contain_text("59:")
    staff.ask(invitation, "Stop now", "Stop now")
    expect_screen(wrong, "completed")


def test_unknown_passcode_is_a_page_of_its_own(platform: Platform, candidate: Page) -> None:
    for passcode in ("ABCD2345", "x"):
        answer = candidate.goto(f"{platform.origin}/take-home/{passcode}/")
        assert answer is not None
        assert answer.status == 404
        expect(candidate.get_by_role("heading", level=1)).to_be_visible()


def test_form_invites_and_says_what_is_wrong(staff: Staff, candidate: Page) -> None:
    staff.page.get_by_role("button", name="Invite a candidate").first.click()
    form = staff.page.locator("#invite")
    form.get_by_role("button", name="Create invitation").click()
    expect(form.locator(".field-error").first).to_be_visible()
    form.get_by_label("Candidate", exact=True).fill("李小龍")
    expect(form.locator(".field-candidate_name .field-error")).to_have_count(0)
    form.get_by_label("Challenge").select_option(index=1)
    form.get_by_role("button", name="Create invitation").click()
    link = form.locator("#invited-link").inner_text()
    form.get_by_role("button", name="Done").click()
    expect(staff.page.locator("#rows")).to_contain_text("李小龍")
    candidate.goto(link)
    expect_screen(candidate, "available")
    assert never_reloaded(staff.page)


def test_log_opens_over_the_table_and_grows_by_itself(staff: Staff, candidate: Page) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    staff.press(invitation, "Activity log")
    log = staff.page.locator("#logs")
    expect(log).to_be_visible()
    press_start(candidate)
    expect(log).to_contain_text("The workspace is responding.")
    staff.page.keyboard.press("Escape")
    expect(log).to_be_hidden()
    password = str(candidate.locator("#workspace-password").text_content())
    assert password not in log.inner_html()
    staff.withdraw(invitation)
    expect(staff.row(invitation)).to_have_count(0)


def test_every_copy_button_copies(
    platform: Platform, staff: Staff, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=platform.origin)
    page = context.new_page()
    invitation = staff.invite("Ada")
    open_link(page, invitation)
    press_start(page)
    expect_screen(page, "active")
    for output in ("#workspace-url", "#workspace-password"):
        page.locator(".secret", has=page.locator(output)).get_by_role("button").click()
        wanted = page.locator(output).inner_text()
        page.wait_for_function(
            "async wanted => (await navigator.clipboard.readText()) === wanted", arg=wanted
        )
    url = page.locator("#workspace-url").inner_text()
    assert answers(url)
    staff.withdraw(invitation)
    expect_screen(page, "revoked")
    assert not answers(url)


def test_fault_15_the_stream_is_closed_to_strangers_and_tells_no_secret(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    events = f"{platform.origin}/api/events"
    for query in ("", "?passcode=", "?passcode=ABCD2345", "?after=0-0"):
        answer = candidate.request.get(events + query)
        assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden")
    invitation, other = staff.invite("Ada"), staff.invite("Grace")
    open_link(candidate, invitation)
    passcode = invitation.link.rstrip("/").rsplit("/", 1)[1]
    candidate.evaluate(
        """passcode => {
            window.heard = [];
            window.source = new EventSource(`/api/events?passcode=${passcode}`);
            for (const name of ["interview", "operation", "log"]) {
                source.addEventListener(name, (event) => heard.push([name, event.data]));
            }
            return new Promise((open) => { source.onopen = open; }).then(() => null);
        }""",
        passcode,
    )
    staff.withdraw(other)
    press_start(candidate)
    expect_screen(candidate, "active")
    candidate.wait_for_function("heard.some(([, data]) => data.includes('\"active\"'))")
    heard = candidate.evaluate("heard")
    assert {name for name, _ in heard} == {"interview", "operation"}
    text = "".join(data for _, data in heard)
    assert other.id not in text
    for secret in (
        "http",
        "Ada",
        passcode,
        str(candidate.locator("#workspace-password").text_content()),
    ):
        assert secret not in text
    candidate.evaluate("source.close()")
    staff.withdraw(invitation)
    expect_screen(candidate, "revoked")
