"""The platform is killed, stopped and started again under a running test."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

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
from tests.e2e.workspace import READ, SAVE, saved_names, sign_in_to_workspace
from tests.services import wait_until

# Keeps that a page said so, for however short a time.
WATCH_FOR_RESTART = """() => {
    window.sawRestart = false;
    new MutationObserver(() => {
        window.sawRestart ||= /is (being )?restart/.test(document.body.innerText);
    }).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


def test_pages_come_back_by_themselves_after_the_server_was_killed(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    platform.kill("web")
    wait_until(lambda: answers(f"{platform.origin}/healthz"), "web is not back", 60)
    press_start_when_possible(candidate)
    expect_screen(candidate, "active")
    expect_live(candidate)
    staff.expect_status(invitation, "active")
    assert never_reloaded(candidate)
    assert never_reloaded(staff.page)
    platform.kill("redis")
    platform.kill("worker")
    press_submit(candidate)
    expect(candidate.locator("#screen")).to_have_attribute(
        "data-status", "completed", timeout=90_000
    )
    expect(staff.row(invitation)).to_have_count(0, timeout=90_000)
    assert never_reloaded(candidate)


def press_start_when_possible(page: Page) -> None:
    expect_live(page)
    press_start(page)


def test_worker_killed_while_provisioning_leaves_exactly_one_workspace(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    expect(candidate.locator("#screen")).not_to_have_attribute("data-status", "available")
    platform.kill("worker")
    expect(candidate.locator("#screen")).to_have_attribute("data-status", "active", timeout=120_000)
    url = candidate.locator("#workspace-url").inner_text()
    assert answers(url)
    platform.kill("worker")
    staff.withdraw(invitation)
    expect(candidate.locator("#screen")).to_have_attribute(
        "data-status", "revoked", timeout=120_000
    )
    assert not answers(url)
    assert not platform.workspace(invitation.id).exists()


# Half a minute: the platform starts twice, and so does an editor.
def test_stop_and_start_brings_the_workspace_back_as_it_was(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    url = candidate.locator("#workspace-url").inner_text()
    password = str(candidate.locator("#workspace-password").text_content())
    workspace = sign_in_to_workspace(candidate)
    assert workspace.evaluate(SAVE, ["kept.txt", "still here"]) == 200
    platform.stop()
    press_submit(candidate)
    notice = candidate.locator("#notice")
    expect(notice).to_contain_text("We couldn't reach the server.")
    expect(candidate.locator("#confirm-submit")).to_be_hidden()
    assert not answers(url)
    assert of_this_platform(platform) == []
    platform.start()
    wait_until(lambda: answers(url), "the workspace is not back", 60)
    expect_live(candidate)
    expect_screen(candidate, "active")
    assert candidate.locator("#workspace-url").inner_text() == url
    assert str(candidate.locator("#workspace-password").text_content()) == password
    expect(notice).to_be_hidden()
    # The tab that was open goes on, still signed in.
    assert workspace.evaluate(READ, "kept.txt") == "still here"
    staff.ask(invitation, "Stop now", "Stop now")
    expect_screen(candidate, "completed")
    assert saved_names(staff, invitation.id)["kept.txt"] == b"still here"


# A minute: the platform starts again, and waits for the leases of the workers that were killed.
def test_workspace_goes_on_when_everything_else_is_killed_and_is_adopted(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    url = candidate.locator("#workspace-url").inner_text()
    editor = editor_of(platform.workspace(invitation.id))
    assert platform.process is not None
    platform.process.send_signal(signal.SIGKILL)
    platform.process.wait(10)
    assert platform.process.stdout is not None
    platform.process.stdout.close()
    platform.start()
    assert answers(url)
    assert psutil.Process(editor.pid) == editor
    # A page that is not back yet would hear of a restart when it is over.
    expect_live(candidate)
    expect_live(staff.page)
    for page in (candidate, staff.page):
        page.evaluate(WATCH_FOR_RESTART)
    os.kill(editor.pid, signal.SIGKILL)
    wait_until(lambda: not answers(url), "it survived")
    # An editor that starts at once is back before one can look at both pages.
    for page in (candidate, staff.page):
        wait_until(partial(page.evaluate, "window.sawRestart"), "nothing was said of a restart")
    wait_until(lambda: answers(url), "it was not started again", 90)
    expect(candidate.locator("#screen")).not_to_contain_text("is restarting")
    expect(staff.row(invitation)).not_to_contain_text("is being restarted")
    staff.ask(invitation, "Stop now", "Stop now")
    expect_screen(candidate, "completed")


def editor_of(folder: Path) -> psutil.Process:
    """The process that an answering workspace is."""

    return psutil.Process(json.loads((folder / "state.json").read_text())["pid"])


def of_this_platform(platform: Platform) -> list[str]:
    """What still runs on its folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(platform.folder) in command:
            found.append(command)
    return found
