"""Each service is killed while a workspace starts, runs and ends."""

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.compose.people import PATIENCE_MS, expect_screen, open_link
from tests.compose.stack import Stack, inspect, is_healthy
from tests.e2e.conftest import Staff, answers, never_reloaded, press_start, press_submit
from tests.e2e.workspace import saved_names
from tests.services import wait_until

# The container's working directory is the folder that the editor shows.
WRITE = "echo 'not lost' > kept.txt"


def kill_and_start(platform: Stack, part: str) -> None:
    platform.kill(part)
    platform.start(part)


@pytest.mark.parametrize("part", ["worker", "worker-ends", "web", "redis", "dynamodb"])
def test_killed_service_loses_no_file_and_creates_no_second_workspace(
    platform: Stack, staff: Staff, candidate: Page, part: str
) -> None:
    invitation = staff.invite("Ada")
    open_link(candidate, invitation)
    press_start(candidate)
    screen = candidate.locator("#screen")
    expect(screen).not_to_have_attribute("data-status", "available")
    kill_and_start(platform, part)
    expect_screen(candidate, "active")
    row = staff.row(invitation)
    expect(row).to_have_attribute("data-status", "active", timeout=PATIENCE_MS)
    (workspace,) = platform.workspaces(invitation.id)
    url = candidate.locator("#workspace-url").inner_text()
    password = str(candidate.locator("#workspace-password").text_content())
    write_as_candidate(platform, workspace)

    kill_and_start(platform, part)
    expect_live_again(staff.page, candidate)
    wait_until(lambda: answers(url), "the workspace does not answer", 60)
    assert platform.workspaces(invitation.id) == [workspace]
    assert str(candidate.locator("#workspace-password").text_content()) == password
    expect(row).to_have_attribute("data-status", "active", timeout=PATIENCE_MS)

    press_submit(candidate)
    expect(screen).not_to_have_attribute("data-status", "active", timeout=PATIENCE_MS)
    kill_and_start(platform, part)
    expect_screen(candidate, "completed")
    expect(row).to_have_count(0, timeout=PATIENCE_MS)
    expect_live_again(staff.page)
    # The final page does not show the state of the connection.
    expect(candidate.locator("[data-live]")).to_be_hidden()
    assert saved_names(staff, invitation.id)["kept.txt"] == b"not lost\n"
    wait_until(lambda: platform.left(invitation.id) == [], "something of it is left", 60)
    assert never_reloaded(candidate)
    assert never_reloaded(staff.page)


def expect_live_again(*pages: Page) -> None:
    for page in pages:
        expect(page.locator("[data-live]")).to_have_attribute(
            "data-live", "live", timeout=PATIENCE_MS
        )


def write_as_candidate(platform: Stack, workspace: str) -> None:
    platform.execute(workspace, "sh", "-c", WRITE)


def test_process_that_dies_is_restarted(platform: Stack, staff: Staff) -> None:
    web = platform.containers("web")
    before = {container: inspect(container)["State"]["StartedAt"] for container in web}
    for container in web:
        platform.execute(container, "bash", "-c", "kill -9 -1 || true")
    for container in web:
        again = partial(is_healthy, container, started_after=before[container])
        wait_until(again, "a web process that died was not started again", 120)
    expect_live_again(staff.page)
