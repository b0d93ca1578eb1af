"""The local provisioner with the real JupyterLab, which starts slowly: few tests, many steps."""

import http.cookiejar
import json
import os
import signal
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import psutil

from operations.provisioners.base import Workspace
from operations.provisioners.editor_config import jupyter_token
from operations.provisioners.local.processes import MARKER, started_at, workspace_processes
from operations.provisioners.local.provisioner import LocalProvisioner
from tests.operations.provisioners.conftest import PASSWORD, LogLines, make_spec, ready
from tests.services import wait_until


class Browser:
    """Signs in to JupyterLab and sends requests like its page."""

    def __init__(self, workspace: Workspace) -> None:
        assert workspace.url is not None
        # Only browsers find a name below localhost; the editor must answer to it.
        self.host = urllib.parse.urlsplit(workspace.url).netloc
        self.base = f"http://127.0.0.1:{workspace.state['port']}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def _headers(self) -> dict[str, str]:
        return {"Host": self.host}

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
        """Return the status, the URL after redirects, and the body of the response."""
        token = next((cookie.value for cookie in self.cookies if cookie.name == "_xsrf"), None)
        headers = self._headers() | {"X-XSRFToken": token or ""}
        url = self.base + path
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with self.opener.open(request, timeout=20) as response:
                return response.status, response.url, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url, error.read()

    def sign_in_from_another_site(self, password: str) -> tuple[int, str]:
        """Post what `open_workspace.html` posts, without a cookie or a token of JupyterLab's."""
        fields = {"password": password, "token": jupyter_token(password)}
        request = urllib.request.Request(
            f"{self.base}/login",
            data=urllib.parse.urlencode(fields).encode(),
            headers=self._headers() | {"Origin": "null"},
        )
        try:
            with self.opener.open(request, timeout=20) as response:
                return response.status, response.url.removeprefix(self.base)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def sign_in(self, password: str) -> tuple[int, str]:
        self.call("GET", "/login")
        status, url, _ = self.call(
            "POST", "/login", urllib.parse.urlencode({"password": password}).encode()
        )
        return status, url.removeprefix(self.base)


def everything_visible(root: Path) -> str:
    """Return the arguments and environments of a workspace's processes, and all its files."""
    processes = workspace_processes(root / "takehome-1")
    assert processes
    running = [str((process.cmdline(), process.environ())) for process in processes]
    written = [path.read_text(errors="replace") for path in root.rglob("*") if path.is_file()]
    return "\n".join(running + written)


def test_jupyterlab_from_start_to_end(
    jupyter: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines, monkeypatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-secret-key-of-the-platform")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-access-key")
    # The editor must not import a candidate's module with the name of one of its own.
    workspace = ready(jupyter, jupyter.provision(make_spec(extra={"tornado.py": b"1/0\n"}), log))

    stranger = Browser(workspace)
    assert stranger.call("GET", "/api/contents/README.md")[0] == 403
    assert stranger.sign_in("wrong")[0] == 401
    assert stranger.call("GET", "/api/contents/README.md")[0] == 403
    assert stranger.sign_in_from_another_site("wrong")[0] == 404
    assert Browser(workspace).sign_in_from_another_site(PASSWORD) == (200, "/lab/tree/README.md")
    browser = Browser(workspace)
    assert browser.sign_in(PASSWORD) == (200, "/lab/tree/README.md")

    saved = {"type": "file", "format": "text", "content": "answer = 42\n"}
    status, _, _ = browser.call("PUT", "/api/contents/answer.py", json.dumps(saved).encode())
    assert status == 201
    assert (root / "takehome-1/files/answer.py").read_text() == "answer = 42\n"

    status, _, body = browser.call(
        "GET", "/lab/api/settings/@jupyterlab/docmanager-extension:plugin"
    )
    assert status == 200
    schema = json.loads(body)["schema"]["properties"]
    assert schema["autosaveInterval"]["default"] == 2
    status, _, body = browser.call("GET", "/lab")
    page = json.loads(
        body.split(b'id="jupyter-config-data" type="application/json">')[1].split(b"</")[0]
    )
    assert page["quitButton"] is False
    assert page["news"]["disabled"] is True if "news" in page else True

    visible = everything_visible(root)
    for secret in (PASSWORD, "the-secret-key-of-the-platform", "the-secret-access-key"):
        assert secret not in visible
    assert PASSWORD not in "".join(log)
    environment = psutil.Process(workspace.state["pid"]).environ()
    ours = {name for name in environment if not name.startswith(("JUPYTER", "IPYTHON"))}
    assert ours - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {
        MARKER,
        "PATH",
        "HOME",
        "LANG",
        "TERM",
        "SHELL",
    }

    status, _, body = browser.call("POST", "/api/terminals", b"{}")
    assert status == 200
    shells = [
        process
        for process in workspace_processes(root / "takehome-1")
        if process.pid != workspace.state["pid"]
    ]
    assert [process.cwd() for process in shells] == [str(root / "takehome-1/files")]

    jupyter.export(workspace, tmp_path / "x.tar.gz", [])
    assert workspace_processes(root / "takehome-1") == []
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert sorted(archive.getnames()) == [
            "takehome-1/README.md",
            "takehome-1/answer.py",
            "takehome-1/src",
            "takehome-1/src/main.py",
            "takehome-1/tornado.py",
        ]
    jupyter.destroy(workspace, log)
    assert [path.name for path in root.iterdir()] == [".locks"]


def test_jupyterlab_comes_back_where_it_was(
    jupyter: LocalProvisioner, root: Path, log: LogLines
) -> None:
    first = ready(jupyter, jupyter.provision(make_spec(), log))
    browser = Browser(first)
    browser.sign_in(PASSWORD)
    (root / "takehome-1/files/src/main.py").write_text("mine\n")
    os.kill(first.state["pid"], signal.SIGKILL)
    # Its sockets close before the process is gone, so a refused connection is not enough.
    wait_until(lambda: started_at(first.state["pid"]) is None, "It was killed.")

    again = ready(jupyter, jupyter.provision(make_spec(), log))
    assert again.url == first.url
    # The start does not need the network.
    assert not (root / "takehome-1/home/.npm").exists()
    # The session is still signed in, and the password is the same.
    status, _, body = browser.call("GET", "/api/contents/src/main.py")
    assert (status, json.loads(body)["content"]) == (200, "mine\n")
    assert Browser(again).sign_in(PASSWORD) == (200, "/lab/tree/README.md")
