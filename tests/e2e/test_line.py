"""One workspace for two candidates: the second waits in line, sees how long, and loses no time."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    Platform,
    Staff,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
    running_platform,
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    with running_platform(folder, LOCAL_MAX_WORKSPACES="1") as platform:
        yield platform


def expect_place(page: Page, place: str) -> None:
    expect(page.locator("#headline")).to_have_text(f"You're {place} in line")


# Half a minute: three workspaces start one after another, as there is one place.
def test_the_second_waits_in_line_and_starts_by_itself(
    platform: Platform, staff: Staff, new_context, sign_in
) -> None:
    invitations = [staff.invite(name) for name in ("Ada", "Grace", "Joan")]
    pages = [new_context().new_page() for _ in invitations]
    for page, invitation in zip(pages, invitations, strict=True):
        open_link(page, invitation)
        press_start(page)
        if page is pages[0]:
            expect_screen(page, "active")
        else:
            expect(page.locator(".in-line")).to_be_visible()
    first, second, third = pages
    expect_place(second, "1st")
    expect_place(third, "2nd")
    expect(second.locator("[data-deadline]")).to_have_count(0)
    assert not axe.violations(second)

    # The place is kept, whatever the browser does.
    third.reload()
    expect_place(third, "2nd")
    second.close()
    second = new_context().new_page()
    open_link(second, invitations[1])
    expect_place(second, "1st")
    expect(staff.row(invitations[2]).locator(".working")).to_contain_text("In line (2nd)")

    # Staff moves the last one up; both pages hear of it.
    workspaces = sign_in("/workspaces/")
    expect(workspaces.locator("#line-local")).to_have_text("local: 1 of 1 workspaces in use")
    who = workspaces.locator(".work-who a")
    expect(who).to_have_text(["Grace", "Joan"])
    assert not axe.violations(workspaces)
    workspaces.get_by_role("button", name="Move to front of line").last.click()
    workspaces.get_by_role("button", name="Move to front", exact=True).click()
    expect(who).to_have_text(["Joan", "Grace"])
    expect_place(third, "1st")
    expect_place(second, "2nd")
    moved = staff.details(invitations[2])
    assert (moved["status"], moved["queue"]["place"]) == ("activated", 1)
    assert moved["timeline"][-1]["what"] == "moved_up"

    # The second asks whether to leave; the line moves meanwhile, and the question stays.
    second.get_by_role("button", name="Leave the line").click()
    question = second.locator("#confirm-leave")
    expect(question).to_be_visible()
    assert not axe.violations(second)
    workspaces.get_by_role("button", name="Move to front of line").last.click()
    workspaces.get_by_role("button", name="Move to front", exact=True).click()
    expect_place(second, "1st")
    expect(question).to_be_visible()
    # They leave, start again, and are the last.
    question.get_by_role("button", name="Leave the line").click()
    expect_screen(second, "available")
    expect_place(third, "1st")
    expect(who).to_have_text(["Joan"])
    staff.expect_status(invitations[1], "available")
    press_start(second)
    expect_place(second, "2nd")
    expect(who).to_have_text(["Joan", "Grace"])

    first.get_by_role("button", name="Submit").first.click()
    first.locator("dialog[open] button[type=submit]").click()
    expect_screen(third, "active")
    started = staff.details(invitations[2])
    assert started["queue"] is None
    expect_place(second, "1st")
    left = third.locator("#screen").get_attribute("data-minutes")
    assert left == "60"
    expect(third.locator("#screen")).to_have_attribute("data-deadline", re.compile("^[0-9]+$"))
    expect(who).to_have_text(["Grace"])
    staff.withdraw(invitations[2])
    expect_screen(second, "active")
    assert never_reloaded(second)
    staff.withdraw(invitations[1])
    expect_screen(second, "revoked")
    expect(workspaces.locator(".work-line")).to_contain_text("Nobody is in line.")
