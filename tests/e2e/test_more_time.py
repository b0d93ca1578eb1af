"""More time, a stopped clock and a second opening, on two screens of staff and a candidate's."""

import io
import signal
import tarfile

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import (
    Invitation,
    Platform,
    SignIn,
    Staff,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
)
from tests.e2e.workspace import READ, SAVE, no_trace_of, sign_in_to_workspace

SEEN = "The candidate has seen the new time"


class Sheet:
    """One interview's page, in a window of somebody of staff."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    def expect_status(self, status: str) -> None:
        expect(self.page.locator("#interview")).to_have_attribute("data-status", status)

    def ask(self, button: str) -> Locator:
        actions = self.page.locator(".sheet-actions")
        actions.get_by_role("button", name=button, exact=True).click()
        return self.page.locator("#ask")

    def end(self) -> None:
        self.ask("Stop now").get_by_role("button", name="Stop now").click()
        self.expect_status("completed")

    def files(self) -> list[dict[str, bytes]]:
        """What each download holds, the newest first."""
        links = self.page.locator(".sheet-files a[download]")
        found = []
        for place in range(links.count()):
            address = links.nth(place).get_attribute("href")
            answer = self.page.request.get(f"{self.origin}{address}")
            assert answer.status == 200
            with tarfile.open(fileobj=io.BytesIO(answer.body())) as archive:
                found.append(
                    {
                        member.name.split("/", 1)[1]: archive.extractfile(member).read()  # type: ignore[union-attr]
                        for member in archive
                        if member.isfile()
                    }
                )
        return found


@pytest.fixture
def invitation(staff: Staff) -> Invitation:
    return staff.invite("Нина O'Neil", minutes=60)


@pytest.fixture
def sheets(platform: Platform, invitation: Invitation, sign_in: SignIn) -> tuple[Sheet, Sheet]:
    address = f"/interviews/{invitation.id}/"
    return (
        Sheet(sign_in(address), platform.origin),
        Sheet(sign_in(address), platform.origin),
    )


def test_more_time_and_a_second_opening_are_live_on_every_screen(
    platform: Platform,
    staff: Staff,
    candidate: Page,
    invitation: Invitation,
    sheets: tuple[Sheet, Sheet],
) -> None:
    mine, theirs = sheets
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    for sheet in sheets:
        sheet.expect_status("active")
        expect(sheet.page.locator(".operation-step")).to_have_count(2)
    mine.page.locator("#instructions summary").click()

    # More time, while it runs: said, counted and told back.
    question = mine.ask("Extend time")
    question.get_by_role("radio", name="+30 min").check()
    question.get_by_role("button", name="Update time").click()
    expect(candidate.locator("[data-news]")).to_contain_text("been given 30 minutes more.")
    expect(candidate.locator("[data-countdown]")).to_contain_text("1:29:")
    expect(candidate.locator("#spoken-now")).to_contain_text("been given 30 minutes more.")
    for sheet in sheets:
        expect(sheet.page.locator(".timeline")).to_contain_text("admin added 30 min")
        expect(sheet.page.locator(".sheet-count")).to_contain_text("1:29:")
        expect(sheet.page.locator("#part-now")).to_contain_text(SEEN)
    expect(staff.row(invitation)).to_contain_text(SEEN)
    # What somebody had folded out is still so, and the focus is back at the button.
    assert mine.page.evaluate("document.getElementById('instructions').open") is True
    assert mine.page.evaluate("document.activeElement.textContent.trim()") == "Extend time"

    # The end, and open it again: the page that said goodbye turns live, on the same files.
    workspace = sign_in_to_workspace(candidate)
    assert workspace.evaluate(SAVE, ["first.txt", "the first time"]) == 200
    workspace.close()
    theirs.end()
    expect_screen(candidate, "completed")
    mine.expect_status("completed")
    question = mine.ask("Reopen")
    expect(question.get_by_label("Minutes")).to_have_value("30")
    question.get_by_label("Minutes").fill("20")
    question.get_by_role("button", name="Reopen").click()
    expect_screen(candidate, "active")
    expect(candidate.locator("[data-news]")).to_contain_text("reopened for 20 minutes")
    expect(candidate.locator("[data-countdown]")).to_contain_text("19:")
    workspace = sign_in_to_workspace(candidate)
    assert workspace.evaluate(READ, "first.txt") == "the first time"
    assert workspace.evaluate(SAVE, ["second.txt", "the second time"]) == 200
    workspace.close()
    for sheet in sheets:
        sheet.expect_status("active")
        expect(sheet.page.locator(".timeline")).to_contain_text("admin reopened it for 20 min")

    # The second end: both archives are there, the older one as it was.
    mine.end()
    theirs.expect_status("completed")
    expect_screen(candidate, "completed")
    expect(theirs.page.locator(".sheet-files a[download]")).to_have_count(2)
    newest, oldest = theirs.files()
    assert (newest["first.txt"], newest["second.txt"]) == (b"the first time", b"the second time")
    assert (oldest["first.txt"], "second.txt" in oldest) == (b"the first time", False)
    expect(theirs.page.locator(".moment-completed")).to_have_count(2)
    no_trace_of(platform, invitation.id)
    for page in (mine.page, theirs.page, candidate):
        assert never_reloaded(page)


# Half a minute: a health check has to miss the editor before it is started again.
def test_clock_stands_still_while_the_workspace_is_away(
    platform: Platform,
    candidate: Page,
    invitation: Invitation,
    sheets: tuple[Sheet, Sheet],
) -> None:
    mine, theirs = sheets
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    kill_editor(platform, invitation.id)
    expect(candidate.locator("#spoken-now")).to_contain_text("the clock is paused")
    for sheet in sheets:
        expect(sheet.page.locator(".timeline")).to_contain_text("given back")
        expect(sheet.page.locator(".sheet-log")).to_contain_text("Restart workspace")
        expect(sheet.page.locator("#part-now [data-until]")).to_be_visible()
    expect(candidate.locator("[data-news]")).to_contain_text("You got that time back")
    workspace = sign_in_to_workspace(candidate)
    workspace.close()
    assert never_reloaded(candidate)
    mine.end()
    theirs.expect_status("completed")


def test_deleted_interview_is_said_on_its_open_page(
    invitation: Invitation, sheets: tuple[Sheet, Sheet]
) -> None:
    mine, theirs = sheets
    mine.ask("Withdraw").get_by_role("button", name="Withdraw").click()
    theirs.expect_status("revoked")
    theirs.ask("Delete permanently").get_by_role("button", name="Delete permanently").click()
    for sheet in sheets:
        expect(sheet.page.locator("#gone-title")).to_be_visible()
        expect(sheet.page.locator("#interview")).to_have_count(0)
        expect(sheet.page.get_by_role("link", name="Back to history")).to_be_visible()
        assert never_reloaded(sheet.page)


def kill_editor(platform: Platform, interview_id: str) -> None:
    folder = str(platform.workspace(interview_id))
    killed = 0
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if folder in " ".join(process.info["cmdline"] or []) + (process.info["cwd"] or ""):
            process.send_signal(signal.SIGKILL)
            killed += 1
    assert killed
