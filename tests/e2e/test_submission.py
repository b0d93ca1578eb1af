"""A reviewer reads a hostile submission: no script of it runs, and the pages follow axe's rules."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    Platform,
    Staff,
    expect_screen,
    open_link,
    press_start,
)
from tests.e2e.submissions import CHANGED, FILES, MARKER, write_files


@pytest.fixture
def submission(platform: Platform, staff: Staff, candidate: Page) -> str:
    """The URL of a submission with hostile files."""
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    write_files(platform.workspace(invitation.id) / "files")
    candidate.locator("[data-opens=confirm-submit]").click()
    candidate.locator("#confirm-submit").get_by_role("button", name="Submit").click()
    expect_screen(candidate, "completed")
    return f"{platform.origin}/interviews/{invitation.id}/submission/"


# Half a minute: each file is opened on each page that could show it.
def test_no_script_of_a_submission_runs(submission: str, staff: Staff) -> None:
    page, asked = staff.page, []

    def hear(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.context.route(f"**/{MARKER}", hear)

    def check(where: str) -> None:
        assert page.evaluate(f"typeof window.{MARKER}") == "undefined", where
        assert asked == [], where

    page.goto(f"{submission}?all=1")
    links = [link.get_attribute("href") for link in page.locator(".file-tree a").all()]
    assert len(links) > len(FILES)  # and the starting files
    for link in links:
        page.goto(f"{submission.partition('/interviews')[0]}{link}")
        expect(page.locator("#title")).to_be_visible()
        page.wait_for_load_state("networkidle")
        check(f"{link}")
        if source := page.get_by_role("link", name="Show as text").all():
            source[0].click()
            expect(page.locator(".code")).to_be_visible()
            check(f"{link} as text")
    # Opened by its own address, a drawing is saved, and nothing else has a type.
    for name in ("drawing.svg", "lies.png", "page.html", "script.js"):
        answer = page.request.get(f"{submission}raw/?path={name}")
        is_saved = "attachment" in answer.headers.get("content-disposition", "")
        assert is_saved or answer.status == 404, name
    page.goto(f"{submission}file/?path=drawing.svg")
    with page.expect_download():
        page.evaluate("location.assign(document.querySelector('.file-picture img').src)")
    check("a drawing by its address")


def test_change_is_reached_by_key_and_the_view_is_kept(submission: str, staff: Staff) -> None:
    page = staff.page
    page.goto(submission)
    page.get_by_role("link", name="Review changes").click()
    for _ in range(len(FILES)):
        if page.locator("#title").inner_text() == CHANGED:
            break
        press(page, "j")
    expect(page.locator(".row-added").first).to_be_visible()
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator(".difference-side")).to_be_visible()
    press(page, "k")
    press(page, "j")
    expect(page.locator("#title")).to_have_text(CHANGED)
    expect(page.locator(".difference-side")).to_be_visible()

    # A phone has no room for two sides, and the choice stays for when there is.
    row = page.locator(".difference-side .row-changed").first
    for width, is_wide in ((390, False), (800, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        old, new = (row.locator(f".source-{side}").bounding_box() for side in ("old", "new"))
        assert old is not None
        assert new is not None
        assert (old["y"] == new["y"]) is is_wide, width
        assert is_wide or new["y"] >= old["y"] + old["height"], width
        assert page.locator(".scroll").evaluate("box => box.scrollWidth <= box.clientWidth"), width
        expect(page.get_by_role("link", name="One column")).to_be_visible(visible=is_wide)


def press(page: Page, key: str) -> None:
    """Press a key, and wait for the page that it leads to."""
    page.wait_for_load_state()
    with page.expect_navigation():
        page.keyboard.press(key)


# Half a minute: axe goes through every element of eight pages, at two widths.
def test_pages_break_no_rule(submission: str, staff: Staff) -> None:
    page = staff.page
    paths = {
        "tree": "?all=1",
        "one column": f"difference/?path={CHANGED}&view=column",
        "side by side": f"difference/?path={CHANGED}&view=side",
        "code": "file/?path=src/%3Cscript%3E.py",
        "table": "file/?path=table.csv",
        "notebook": "file/?path=notes.ipynb",
        "drawing": "file/?path=drawing.svg",
        "message": "?opening=0&folder=none",
    }
    found = {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for name, path in paths.items():
            page.goto(submission + path)
            if broken := axe.violations(page):
                found[f"{name}, {width}"] = broken
            # What is wide scrolls by itself.
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert not found, "\n".join(f"{name}: {rules}" for name, rules in found.items())
