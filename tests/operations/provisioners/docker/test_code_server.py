"""The real code-server in a container: sign-in, files and export."""

import http.client
import json
import re
import tarfile
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from docker import DockerClient

from interviews.models import Interview
from operations.practice.files import practice_files
from operations.practice.rows import practice_id
from operations.provisioners.base import EditorFeatures
from operations.provisioners.docker.options import DockerOptions
from tests.operations.provisioners.conftest import PASSWORD
from tests.operations.provisioners.docker.conftest import (
    editor,
    other,
    sidecar,
    spec,
    start_workspace,
)

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

IMAGE = "codercom/code-server:latest"
# What the page of VS Code is configured with.
CONFIGURATION = re.compile(r'id="vscode-workbench-web-configuration" data-settings="([^"]*)"')


def ask(url: str | None, method: str, path: str, cookie: str = "", **form: str) -> tuple[int, str]:
    """Return the status, and the new cookie, or the redirect's location, or the page."""
    parts = urlsplit(str(url))
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    try:
        connection.request(method, path, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        set_cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
        return response.status, set_cookie or response.getheader("Location") or text
    finally:
        connection.close()


def test_code_server_needs_the_password_and_its_files_are_exported(
    options: DockerOptions, client: DockerClient, tmp_path: Path
) -> None:
    engine = other(options, image=IMAGE, disk_mb=256, memory_mb=1024)
    workspace = start_workspace(engine, spec(), seconds=180)
    assert ask(workspace.url, "GET", "/") == (302, "./login")
    status, page = ask(workspace.url, "POST", "/login", password="wrong")
    assert status == 200 and "Incorrect password" in page
    status, cookie = ask(workspace.url, "POST", "/login", password=PASSWORD)
    assert (status, cookie.partition("=")[0]) == (302, "code-server-session-takehome-1")
    status, location = ask(workspace.url, "GET", "/", cookie)
    assert (status, location) == (302, "./?folder=/home/coder/project")

    editor_container = editor(client, options)
    code, _ = editor_container.exec_run(["sh", "-c", "echo 42 >answer.txt"])
    assert code == 0
    again = engine.provision(spec(files=None), lambda line: None)
    assert again.url == workspace.url
    assert editor(client, options).id == editor_container.id
    assert sidecar(client, options).status == "running"
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert sorted(archive.getnames()) == [
            "takehome-1/README.md",
            "takehome-1/answer.txt",
            "takehome-1/src",
            "takehome-1/src/main.py",
        ]
    logs = editor_container.logs().decode()
    assert PASSWORD not in logs


def test_wrong_passwords_close_the_editor_for_a_while_and_that_is_found(
    options: DockerOptions,
) -> None:
    engine = other(options, image=IMAGE, disk_mb=256, memory_mb=1024)
    workspace = start_workspace(engine, spec(), seconds=180)
    for _ in range(20):
        assert not engine.is_sign_in_refused(workspace), "asking is no attempt"
    for _ in range(14):
        status, page = ask(workspace.url, "POST", "/login", password="wrong")
        assert (status, "Incorrect password" in page) == (200, True)
    status, page = ask(workspace.url, "POST", "/login", password=PASSWORD)
    assert (status, "Login rate limited" in page) == (200, True)
    assert engine.is_sign_in_refused(workspace)
    assert engine.is_ready(workspace)


def test_practice_project_runs_in_the_real_image(
    options: DockerOptions, client: DockerClient
) -> None:
    """The image has what its README asks for, beside the test's own workspace."""
    engine = other(options, image=IMAGE, disk_mb=256, memory_mb=1024)
    files = practice_files(Interview(practice_language="de"))
    name = practice_id("takehome-1", 1)
    practice = spec(name, files=files, executable=files.executable)
    workspace = start_workspace(engine, practice, seconds=180)
    assert ask(workspace.url, "POST", "/login", password=PASSWORD)[0] == 302
    container = editor(client, options, name)
    assert container.exec_run(["sh", "hello.sh"]) == (0, b"Hallo, Welt!\n")
    assert container.exec_run(["./hello.sh"]) == (0, b"Hallo, Welt!\n")
    engine.destroy(workspace, lambda line: None)
    assert engine.list_owned() == []


@pytest.mark.parametrize(
    "features",
    [EditorFeatures(), EditorFeatures(ai=True, extensions=False)],
    ids=["usual", "other"],
)
def test_code_server_has_the_features_that_it_is_given(
    options: DockerOptions, client: DockerClient, features: EditorFeatures
) -> None:
    engine = other(options, image=IMAGE, disk_mb=256, memory_mb=1024)
    workspace = start_workspace(engine, spec(features=features), seconds=180)
    _, cookie = ask(workspace.url, "POST", "/login", password=PASSWORD)
    _, page = ask(workspace.url, "GET", "/?folder=/home/coder/project", cookie)
    found = CONFIGURATION.search(page)
    assert found
    product = json.loads(unescape(found[1]))["productConfiguration"]
    # Without this address VS Code has no gallery.
    assert ("serviceUrl" in product["extensionsGallery"]) is features.extensions
    path = "/home/coder/.local/share/code-server/User/settings.json"
    _, output = editor(client, options).exec_run(["cat", path])
    assert isinstance(output, bytes)
    assert json.loads(output)["chat.disableAIFeatures"] is not features.ai
