"""An engine with one place: the second candidate waits until the first one's container is gone."""

import time
from collections.abc import Callable, Iterator

import pytest
from docker import DockerClient
from docker.errors import NotFound
from playwright.sync_api import BrowserContext, expect

from operations.provisioners.docker import naming
from tests.e2e.conftest import Platform, Staff, expect_live, open_link, press_start
from tests.e2e.docker_engine import all_of, new_prefix, running_on_docker
from tests.operations.provisioners.docker.conftest import EDITOR, client, images
from tests.services import wait_until

__all__ = ["client", "images"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

# A disk, a network and two containers, on a machine that also runs other tests.
PATIENCE_MS = 180_000


@pytest.fixture(scope="module")
def prefix() -> str:
    return new_prefix("line")


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, images: None, client: DockerClient, prefix: str
) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("line")
    limits = {"DOCKER_MAX_WORKSPACES": "1", "DOCKER_MEMORY_MB": "256"}
    with running_on_docker(folder, client, prefix, DOCKER_IMAGE=EDITOR, **limits) as platform:
        yield platform


def test_the_second_gets_a_container_once_that_of_the_first_is_gone(
    platform: Platform,
    staff: Staff,
    new_context: Callable[..., BrowserContext],
    client: DockerClient,
    prefix: str,
) -> None:
    began_at = int(time.time()) - 1
    invitations = [staff.invite(name) for name in ("Ada", "Grace")]
    editors = [naming.names_of(prefix, each.id).editor for each in invitations]
    first, second = pages = [new_context().new_page() for _ in invitations]

    open_link(first, invitations[0])
    press_start(first)
    expect(first.locator("#screen")).to_have_attribute("data-status", "active", timeout=PATIENCE_MS)
    open_link(second, invitations[1])
    press_start(second)
    expect(second.locator("#headline")).to_have_text("You're 1st in line")
    assert client.containers.get(editors[0]).status == "running"
    with pytest.raises(NotFound):
        client.containers.get(editors[1])

    first.get_by_role("button", name="Submit").first.click()
    first.locator("dialog[open] button[type=submit]").click()
    expect(second.locator("#screen")).to_have_attribute(
        "data-status", "active", timeout=PATIENCE_MS
    )
    expect_live(second)
    with pytest.raises(NotFound):
        client.containers.get(editors[0])
    assert client.containers.get(editors[1]).status == "running"
    assert staff.details(invitations[0])["status"] == "completed"
    assert order_of(client, editors, began_at) == [
        (editors[0], "create"),
        (editors[0], "destroy"),
        (editors[1], "create"),
    ]
    staff.withdraw(invitations[1])
    expect(second.locator("#screen")).to_have_attribute(
        "data-status", "revoked", timeout=PATIENCE_MS
    )
    with pytest.raises(NotFound):
        client.containers.get(editors[1])

    def is_nothing_left() -> bool:
        ours = all_of(prefix)
        return client.containers.list(all=True, filters=ours, ignore_removed=True) == []

    # The checks of what the first one submitted have containers of their own.
    wait_until(is_nothing_left, "a container is left", seconds=60, pause=0.5)
    for page in pages:
        page.close()


def order_of(client: DockerClient, names: list[str], since: int) -> list[tuple[str, str]]:
    """When containers of these names were created and removed, as the engine remembers it."""
    events = client.events(
        since=since,
        until=int(time.time()) + 1,
        filters={"type": "container", "event": ["create", "destroy"]},
        decode=True,
    )
    found = [(each["Actor"]["Attributes"]["name"], each["Action"]) for each in events]
    return [(name, action) for name, action in found if name in names]
