"""What nobody needs, on the whole platform: it is found, shown without a reload, and ended."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Platform, Staff, expect_live, never_reloaded
from tests.services import wait_until


def test_a_workspace_that_nobody_needs_is_shown_and_ended(platform: Platform, staff: Staff) -> None:
    page: Page = staff.page
    folder = platform.workspace("takehome-nobodys")
    (folder / "files").mkdir(parents=True)
    page.goto(f"{staff.origin}/workspaces/")
    page.evaluate("window.neverReloaded = true")
    expect_live(page)
    # The next worker looks at the engine as soon as it is there.
    platform.kill("worker")
    row = page.get_by_role("row", name="takehome-nobodys")
    expect(row).to_contain_text("There is no interview of this name", timeout=60_000)
    assert never_reloaded(page)
    assert folder.is_dir()

    row.get_by_role("link", name="Shut down now").click()
    page.get_by_role("button", name="Shut down now").click()
    expect(page.locator(".work-ended")).to_contain_text("takehome-nobodys", timeout=60_000)
    expect(row).to_have_count(0)
    wait_until(lambda: not folder.exists(), "the folder is still there")
