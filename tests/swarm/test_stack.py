"""The whole platform on the swarm: a take-home in the real editor, and an update meanwhile."""

import os
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from http.client import HTTPSConnection
from typing import Any

import pytest
from docker import DockerClient
from playwright.sync_api import Browser, BrowserContext, expect

from tests import chromium
from tests.compose.editor import open_editor, run_in_terminal
from tests.compose.people import PATIENCE_MS, expect_screen, open_link, settle, sign_in
from tests.e2e.conftest import Staff, never_reloaded, press_start, press_submit
from tests.e2e.workspace import saved_names
from tests.services import wait_until
from tests.swarm.cluster import ADDRESSES, Cluster
from tests.swarm.stack import DOMAIN, IMAGES, POSTGRES_IMAGE, SITE, WORKSPACES, Stack, deployed

pytestmark = [pytest.mark.swarm, pytest.mark.timeout(1800)]

EDITOR = os.environ.get("DOCKER_IMAGE", "") or "codercom/code-server:latest"
# A machine that is neither the site's nor the workspaces': any proxy leads to any workspace.
PROXY = ADDRESSES["m1"]
assert PROXY not in (SITE, ADDRESSES[WORKSPACES])


@pytest.fixture(scope="module")
def stack(
    cluster: Cluster, client: DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    client.images.build(
        path=str(IMAGES), dockerfile="postgres.Dockerfile", tag=POSTGRES_IMAGE, rm=True
    )
    with deployed(cluster, client, tmp_path_factory.mktemp("stack"), EDITOR) as stack:
        yield stack


@pytest.fixture
def new_context(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., BrowserContext]]:
    """Call it for a browser profile that finds the names of workspaces."""
    rule = f"--host-resolver-rules=MAP *.{DOMAIN} {PROXY}"
    monkeypatch.setattr(chromium, "FLAGS", [*chromium.FLAGS, rule])
    browsers = chromium.SharedBrowser()

    def call(browser: Browser, **options: Any) -> BrowserContext:
        context = browser.new_context(ignore_https_errors=True, **options)
        context.set_default_timeout(PATIENCE_MS)
        return context

    with browsers.use() as browser:
        yield partial(call, browser)
    browsers.close()


@pytest.fixture
def staff(stack: Stack, new_context: Callable[..., BrowserContext]) -> Staff:
    page = new_context().new_page()
    sign_in(page, stack.origin)
    return Staff(page, stack.origin)


def test_take_home_goes_on_while_the_platform_is_replaced(
    stack: Stack, staff: Staff, new_context: Callable[..., BrowserContext]
) -> None:
    candidate = new_context().new_page()
    invitation = staff.invite("Нина O'Neil")
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    staff.expect_status(invitation, "active")
    assert machines_of(stack, invitation.id) == {WORKSPACES}

    editor = open_editor(candidate)
    host = editor.url.split("/")[2]
    assert host.endswith(f".{DOMAIN}")
    # The proxy on the workspace's own machine leads to it as well.
    assert status_at(ADDRESSES[WORKSPACES], host) in (HTTPStatus.OK, HTTPStatus.FOUND)
    run_in_terminal(
        editor,
        "echo 'echo $((6 * 7))' > answer.sh && test -s answer.sh && sh answer.sh > out.txt",
        makes="out.txt",
    )
    ends_at = staff.details(invitation)["autoDestroyAt"]
    first = {service: ids(stack, service) for service in ("web", "worker", "worker-ends", "beat")}

    stack.up(COMPANY_NAME="Example Ltd")
    wait_until(stack.is_up, "The update does not end.", 400)
    for service, before in first.items():
        assert not before & ids(stack, service), f"{service} was not replaced"
    # Events reach the pages that were open all the time.
    for page in (candidate, staff.page):
        live = page.locator("[data-live]")
        expect(live).to_have_attribute("data-live", "live", timeout=PATIENCE_MS)
    assert staff.details(invitation)["autoDestroyAt"] == ends_at
    run_in_terminal(editor, "ls > after.txt", makes="after.txt")

    candidate.bring_to_front()
    press_submit(candidate)
    expect_screen(candidate, "completed")
    expect(staff.row(invitation)).to_have_count(0, timeout=PATIENCE_MS)
    assert never_reloaded(candidate)
    assert never_reloaded(staff.page)
    files = saved_names(staff, invitation.id)
    assert files["out.txt"] == b"42\n"
    assert "after.txt" in files
    wait_until(lambda: not machines_of(stack, invitation.id), "Something of it is left.", 60)


def test_nothing_happens_twice_and_every_event_is_heard_everywhere(
    stack: Stack, staff: Staff, new_context: Callable[..., BrowserContext]
) -> None:
    stack.scale("beat", 2)
    try:
        live_together(stack, staff, new_context)
    finally:
        stack.scale("beat", 1)


def live_together(stack: Stack, staff: Staff, new_context: Callable[..., BrowserContext]) -> None:
    webs = stack.containers("web")
    assert (len(webs), len(stack.containers("worker"))) == (2, 2)
    watching = [staff]
    state = staff.page.context.storage_state()
    while not all(stack.streams(web) for web in webs):
        assert len(watching) < 12, "Every stream went to one of the two."
        page = new_context(storage_state=state).new_page()
        page.goto(f"{stack.origin}/")
        settle(page)
        watching.append(Staff(page, stack.origin))

    invited = [staff.invite(f"Candidate {number}") for number in range(4)]
    for each in invited:
        candidate = new_context().new_page()
        open_link(candidate, each)
        press_start(candidate)
    for each in invited:
        for one in watching:
            expect(one.row(each)).to_have_attribute("data-status", "active", timeout=PATIENCE_MS)
        assert staff.details(each)["attempts"] == 1
        assert machines_of(stack, each.id) == {WORKSPACES}
    for each in invited:
        staff.withdraw(each)
    for each in invited:
        for one in watching:
            expect(one.row(each)).to_have_count(0, timeout=PATIENCE_MS)
        assert staff.details(each)["attempts"] == 1

    def are_gone() -> bool:
        return not any(machines_of(stack, each.id) for each in invited)

    wait_until(are_gone, "Some are left.", 60)
    for one in watching:
        assert never_reloaded(one.page)


def test_proxy_leads_to_ports_of_workspaces_on_machines_of_the_swarm_alone(
    stack: Stack, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    for place in (
        "22-172-29-8-3",  # no port of workspaces
        "02376-172-29-8-3",
        "40000-172-29-8-3",
        "20000-172-29-8-9",  # no machine of the swarm
        "20000-127-0-0-1",
        "20000-10-0-1-2",
        "20000-172-29-8-1",
        "20000-999-29-8-3",
    ):
        answer = page.goto(f"https://a-{place}.{DOMAIN}/")
        assert answer is not None
        # The first is no name of a workspace, so that the site answers, which does not know it.
        assert answer.status in (400, 404), place
        assert "workspace" not in answer.text(), place
    # Nothing listens there now.
    answer = page.goto(f"https://a-29999-172-29-8-3.{DOMAIN}/")
    assert answer is not None
    assert answer.status == 503
    assert page.get_by_role("heading", name="Your workspace doesn't answer").is_visible()


def test_a_repetition_changes_nothing(stack: Stack) -> None:
    before = {service: ids(stack, service) for service in ("proxy", "web", "worker", "redis")}
    stack.up()
    assert before == {service: ids(stack, service) for service in before}


def test_stores_want_a_password_and_tls(stack: Stack) -> None:
    [redis] = stack.containers("redis")
    plain = redis.exec_run(["redis-cli", "ping"])
    assert b"PONG" not in plain.output
    by_tls = ["redis-cli", "--tls", "--cacert", "/run/secrets/stores_ca.pem", "--sni", "redis"]
    assert b"NOAUTH" in redis.exec_run([*by_tls, "ping"]).output


def test_no_secret_is_in_an_environment(stack: Stack) -> None:
    state = stack.folder / "state"
    secrets = [
        (state / name).read_text().strip()
        for name in ("secret_key", "database_password", "redis_password")
    ]
    for service in ("proxy", "web", "worker", "worker-ends", "beat", "postgres", "redis"):
        for container in stack.containers(service):
            found: Any = container.exec_run(
                ["sh", "-c", "cat /proc/[0-9]*/environ"], user="0", privileged=True
            )
            said = f"{container.attrs['Config']} {found.output.decode(errors='replace')}"
            assert "PATH=" in said
            assert not [secret for secret in secrets if secret in said], container.name


def status_at(address: str, host: str) -> int:
    """Return what a proxy answers for a host name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(address, timeout=30, context=context)
    try:
        connection.request("GET", "/login", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def ids(stack: Stack, service: str) -> set[str]:
    return {task["ID"] for task in stack.tasks(service)}


def machines_of(stack: Stack, interview_id: str) -> set[str]:
    """Return the machines that have a part of the interview's workspace."""
    filters = {"label": f"takehome.workspace={interview_id}"}
    return {
        name
        for name, engine in stack.cluster.engines.items()
        if engine.api.containers(all=True, filters=filters)
        or engine.api.volumes(filters=filters)["Volumes"]
    }
