"""A take-home from the invitation to the saved archive, in containers and without stubs."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.compose.editor import open_editor, run_in_terminal
from tests.compose.people import PATIENCE_MS, expect_screen, go, open_link, settle, sign_in
from tests.compose.stack import Stack
from tests.e2e.conftest import Staff, never_reloaded, press_start, press_submit
from tests.e2e.workspace import saved_names


def test_files_written_in_the_editor_are_in_the_archive(
    platform: Stack, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Нина O'Neil")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    assert len(platform.workspaces(invitation.id)) == 1

    editor = open_editor(candidate)
    run_in_terminal(
        editor,
        "echo 'echo $((6 * 7))' > answer.sh && test -s answer.sh && sh answer.sh > out.txt",
        makes="out.txt",
    )

    candidate.bring_to_front()
    press_submit(candidate)
    expect_screen(candidate, "completed")
    expect(staff.row(invitation)).to_have_count(0, timeout=PATIENCE_MS)
    assert never_reloaded(candidate)
    assert never_reloaded(staff.page)
    files = saved_names(staff, invitation.id)
    assert files["answer.sh"] == b"echo $((6 * 7))\n"
    assert files["out.txt"] == b"42\n"
    assert "README.md" in files
    assert platform.left(invitation.id) == []


def test_events_reach_browsers_on_both_replicas(
    platform: Stack,
    staff: Staff,
    candidate: Page,
    new_context: Callable[..., BrowserContext],
) -> None:
    pages = streams_on_each(platform, new_context)
    for page in pages:
        protocol = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert page.evaluate(protocol) == "h2"
    all_staff = [staff, *(Staff(page, platform.tls_origin) for page in pages)]
    # Every dashboard shows the changes of pages and workers, whichever replica serves it.
    invitation = staff.invite("Ada")
    for each in all_staff:
        each.expect_status(invitation, "available")
    open_link(candidate, invitation)
    press_start(candidate)
    for each in all_staff:
        expect(each.row(invitation)).to_have_attribute("data-status", "active", timeout=PATIENCE_MS)
    all_staff[-1].withdraw(invitation)
    for each in all_staff:
        expect(each.row(invitation)).to_have_count(0, timeout=PATIENCE_MS)
        assert never_reloaded(each.page)
    expect_screen(candidate, "revoked")


def streams_on_each(platform: Stack, new_context: Callable[..., BrowserContext]) -> list[Page]:
    """Open dashboards over TLS until each web process serves a stream to one of them."""
    replicas = platform.containers("web")
    assert len(replicas) == 2
    before = [streams(platform, replica) for replica in replicas]
    pages: list[Page] = []
    state: Any = None
    while any(streams(platform, r) <= b for r, b in zip(replicas, before, strict=True)):
        assert len(pages) < 12, "every stream went to one of the two"
        context = new_context(ignore_https_errors=True, storage_state=state)
        page = context.new_page()
        if state is None:
            sign_in(page, platform.tls_origin)
            state = context.storage_state()
        else:
            go(page, f"{platform.tls_origin}/")
            settle(page)
        pages.append(page)
    return pages


def streams(platform: Stack, container: str) -> float:
    return platform.metric(container, "takehome_streams_open")
