"""Two candidates' workspaces with the real code-server, opened side by side in one Chromium."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from docker import DockerClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from interviews.models import Interview
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.candidate_portal.test_page_in_browser import make_active
from tests.operations.provisioners.docker.conftest import (
    client,
    editor,
    images,
    options,
    spec,
    start_workspace,
)

__all__ = ["client", "images", "options"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]

IMAGE = "codercom/code-server:latest"
WORKBENCH_MS = 90_000
# "Within a few seconds", on a busy machine.
PATIENCE_MS = 20_000
# A web app that says what it is asked for.
WEB_APP = """
require("http").createServer((request, response) => response.end(request.url)).listen(3000)
"""


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site)
    yield context
    context.close()


@pytest.fixture
def opened(
    options: DockerOptions,
    real_tables: None,
    invite: Callable[..., Interview],
    context: BrowserContext,
) -> Callable[[str, str], Page]:
    """Return a function that starts a workspace at an address, and presses Open workspace."""

    def call(name: str, url: str) -> Page:
        engine = DockerProvisioner(
            replace(options, image=IMAGE, url=url, disk_mb=256, memory_mb=1024)
        )
        interview = make_active(invite())
        workspace = start_workspace(engine, spec(name, password=str(interview.password)), 180)
        interview.change(access_url=workspace.url, workspace_state=workspace.state)
        page = context.new_page()
        page.goto(f"/take-home/{interview.passcode}/")
        with context.expect_page() as tab:
            page.locator("#open-workspace").click()
        wait_for_editor(tab.value)
        return tab.value

    return call


def wait_for_editor(tab: Page) -> None:
    """Wait, and press the button once if nothing happens, as the page says.

    Chromium aborts what it loads when a network appears or goes on its machine, as those of
    other tests' workspaces do.
    """
    editor = tab.locator(".monaco-workbench")
    button = tab.get_by_role("button", name="Open workspace")
    expect(editor.or_(button)).to_be_visible(timeout=WORKBENCH_MS)
    with suppress(AssertionError):
        expect(button).to_be_hidden(timeout=PATIENCE_MS)
    if button.is_visible():
        button.click()
    expect(editor).to_be_visible(timeout=WORKBENCH_MS)


@pytest.mark.parametrize("url", ["http://{name}.localhost:{port}/", "http://127.0.0.1:{port}/"])
def test_two_workspaces_stay_signed_in(
    opened: Callable[[str, str], Page], context: BrowserContext, url: str
) -> None:
    first, second = opened("takehome-1", url), opened("takehome-2", url)
    for tab in (first, second):
        tab.reload()
        expect(tab.locator(".monaco-workbench")).to_be_visible(timeout=WORKBENCH_MS)
        assert "/login" not in tab.url
    sessions = {cookie["name"] for cookie in context.cookies([first.url, second.url])}
    assert {f"code-server-session-takehome-{number}" for number in (1, 2)} <= sessions
    if "{name}" in url:
        sent = {cookie["name"] for cookie in context.cookies([second.url])}
        assert "code-server-session-takehome-1" not in sent


def test_web_apps_are_reached_through_the_editor(
    opened: Callable[[str, str], Page], client: DockerClient, options: DockerOptions
) -> None:
    tab = opened("takehome-1", "http://{name}.localhost:{port}/")
    editor(client, options).exec_run(["node", "-e", WEB_APP], detach=True)
    origin = "/".join(tab.url.split("/")[:3])
    for path, asked_for in (("proxy", "/a.css"), ("absproxy", "/absproxy/3000/a.css")):
        tab.goto(f"{origin}/{path}/3000/a.css")
        expect(tab.locator("body")).to_have_text(asked_for)
