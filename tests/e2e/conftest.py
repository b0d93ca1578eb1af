"""The whole platform as `make run` starts it, and the people in front of it, in real browsers."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    StorageState,
    WebError,
    expect,
)

from operations import workspace_sign_in
from takehome_platform.local_stack.config import ROOT, free_port
from tests.e2e import editor
from tests.e2e.sample import SAMPLE, quick_archives
from tests.interviews.challenges.uploads import zips
from tests.services import wait_until

PATIENCE_MS = 40_000
PASSWORD = "for-the-tests-only"
FILES = {"README.md": "# Word count\n", "count.py": "print(1)\n", "run.sh": "python3 count.py\n"}
SignIn = Callable[..., Page]
expect.set_options(timeout=PATIENCE_MS)


class Platform:
    """One `make run`, on a folder and a port that it keeps when it is started again."""

    def __init__(
        self, folder: Path, code_server: str | Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.code_server = code_server
        # What a host configures, as environment variables.
        self.settings = dict(settings or {})
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        # The cookies of those who signed in, by username.
        self.sessions: dict[str, StorageState] = {}
        # The challenge without checks, once there is one.
        self.challenge = ""
        self._ensured: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        """What `make run` finds."""
        return {
            **os.environ,
            "PORT": str(self.port),
            "DATA_DIR": str(self.folder),
            "ADMIN_PASSWORD": PASSWORD,
            # What pytest puts in place for its own process is not for the platform.
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
            "CODE_SERVER": str(self.code_server),
            "FILES_BUCKET": "",
            "DATABASE_URL": "",
            "TABLE_PREFIX": "",
            "SECRET_KEY": "",
            **self.settings,
        }

    def start(self) -> None:
        with (self.folder / "supervisor.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "takehome_platform.local_stack"],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == f"{self.origin}/  sign in as admin / {PASSWORD}\n", self.logs()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()

    def kill(self, part: str) -> None:
        """As kill -9 does to one part; the supervisor starts it again."""

        def pid_of_part() -> int:
            return int(json.loads((self.folder / "run.json").read_text())["parts"][part]["pid"])

        # One that was killed a moment ago may not be started again yet.
        wait_until(lambda: psutil.pid_exists(pid_of_part()), f"{part} was not started again")
        pid = pid_of_part()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(pid), f"{part} survived")

    def python(self, code: str) -> str:
        """Run it on the platform's data, with Django set up; returns what it prints."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": "",
            "DEBUG": "true",
            "SECRET_KEY": "x" * 50,
            **self.settings,
        }
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)

    def ensure(self, code: str) -> None:
        """Run it as `python` does, unless it was run here before: a process takes two seconds."""
        if code not in self._ensured:
            self.python(code)
            self._ensured.add(code)

    def logs(self) -> str:
        paths = [self.folder / "supervisor.log", *(self.folder / "logs").glob("*.log")]
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in paths)

    def workspace(self, interview_id: str) -> Path:
        return self.folder / "workspaces" / interview_id


@contextmanager
def running_platform(folder: Path, **settings: str) -> Iterator[Platform]:
    """A platform with the small editor in its workspaces, which stops at the end of the block."""
    platform = Platform(folder, editor.program(folder), settings)
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def new_context(browser: Browser, platform: Platform) -> Iterator[Callable[..., BrowserContext]]:
    """Call it for a browser profile of somebody's own; what a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(error: WebError) -> None:
        # The editor of a workspace that was just torn down complains, and may.
        if error.page is None or error.page.url.startswith(platform.origin):
            complaints.append(str(error.error))

    def call(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", heard)
        contexts.append(context)
        return context

    yield call
    for context in contexts:
        context.close()
    assert complaints == []


class Staff:
    """Somebody of the hiring team at the dashboard."""

    def __init__(self, page: Page, origin: str, challenge: str = SAMPLE) -> None:
        self.page = page
        self.origin = origin
        # What candidates are invited to, unless a test names another.
        self.challenge = challenge

    def invite(self, name: str, *, minutes: int = 60, challenge: str = "") -> "Invitation":
        """Returns what the recruiter sends."""
        fields = {
            "candidateName": name,
            "challenge": challenge or self.challenge,
            "durationMinutes": minutes,
            "validDays": 3,
            "customInstructions": "Please think aloud in NOTES.md.",
        }
        made = self.post("/api/takehome", fields)["interview"]
        return Invitation(made["id"], f"{self.origin}/take-home/{made['passcode']}/")

    def create_challenge(self, name: str, files: Mapping[str, str]) -> str:
        """Returns its id. It has no checks."""
        archive = {"name": "a.zip", "mimeType": "application/zip", "buffer": zipped(files)}
        about = {"name": name, "description": name, "language": "Python", "durationMinutes": "60"}
        return str(self.post("/api/challenges", multipart={**about, "archive": archive})["id"])

    def save_quick_samples(self) -> None:
        """Let candidates from now on have versions of the samples whose checks cost little."""
        for name, content in quick_archives().items():
            archive = {"name": "a.zip", "mimeType": "application/zip", "buffer": content}
            fields = {"baseVersion": "1", "archive": archive}
            self.post(f"/api/challenges/{name}/versions", multipart=fields)

    def post(self, path: str, fields: Any = None, **options: Any) -> dict[str, Any]:
        """Create something by the API, with the session of the page."""
        answer = self.page.request.post(
            f"{self.origin}{path}",
            # Over TLS a form has to come from a page of the site.
            headers={"X-CSRFToken": csrf_token(self.page), "Referer": f"{self.origin}/"},
            data=fields,
            **options,
        )
        assert answer.status == 201, answer.text()
        return dict(answer.json())

    def row(self, invitation: "Invitation") -> Any:
        return self.page.locator(f"#row-{invitation.id}")

    def expect_status(self, invitation: "Invitation", status: str) -> None:
        expect(self.row(invitation)).to_have_attribute("data-status", status)

    def ask(self, invitation: "Invitation", button: str, confirm: str) -> None:
        """Press a button of the row or of its menu, and confirm in the page."""
        self.press(invitation, button)
        self.page.locator("#ask").get_by_role("button", name=confirm).click()

    def press(self, invitation: "Invitation", button: str) -> None:
        """Press a button of the row or of its menu."""
        press_in_row(self.row(invitation), button)

    def withdraw(self, invitation: "Invitation") -> None:
        """Withdraw it whatever its status is, in the page."""
        row, dialog = self.row(invitation), self.page.locator("#ask")
        row.locator("[data-menu] summary").click()
        row.locator("[data-ask$='/revoke/'], [data-ask$='/end/']").click()
        expect(dialog).to_be_visible()
        if dialog.locator("[value=withdraw]").count():
            dialog.locator("[value=withdraw]").check()
        dialog.locator("button[type=submit]").click()

    def details(self, invitation: "Invitation") -> dict[str, Any]:
        found = self.page.request.get(f"{self.origin}/api/interviews/{invitation.id}").json()
        return dict(found)


def zipped(files: Mapping[str, str]) -> bytes:
    return zips.zipped({name: text.encode() for name, text in files.items()}).getvalue()


def csrf_token(page: Page) -> str:
    """What the browser of this page sends with a POST of its own."""
    cookies = page.context.cookies(page.url)
    return next(str(each["value"]) for each in cookies if each["name"] == "csrftoken")


def press_in_row(row: Locator, button: str) -> None:
    found = row.locator(".cell-actions button", has_text=button)
    if not found.is_visible():
        row.locator("[data-menu] summary").click()
    found.click()


class Invitation:
    def __init__(self, interview_id: str, link: str) -> None:
        self.id = interview_id
        self.link = link


@pytest.fixture
def sign_in(platform: Platform, new_context: Callable[..., BrowserContext]) -> SignIn:
    """Call it for a page of the dashboard, signed in, in a browser profile of its own."""

    def call(path: str = "/", username: str = "admin", **options: Any) -> Page:
        # Checking a password takes a quarter of a second of a processor, so one session serves
        # all tests.
        page = new_context(storage_state=platform.sessions.get(username), **options).new_page()
        page.goto(f"{platform.origin}/login/?next={path}")
        if page.get_by_label("Email or username").count():
            page.get_by_label("Email or username").fill(username)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect_live(page)
            platform.sessions[username] = page.context.storage_state()
        expect_live(page)
        page.evaluate("window.neverReloaded = true")
        return page

    return call


@pytest.fixture
def staff(platform: Platform, sign_in: SignIn) -> Staff:
    page = sign_in()
    expect(page.get_by_role("heading", name="Take-home tests")).to_be_visible()
    staff = Staff(page, platform.origin)
    # The checks of a sample take seconds of a processor for each submission and each kept state.
    if not platform.challenge:
        platform.challenge = staff.create_challenge("Word count", FILES)
        staff.save_quick_samples()
    staff.challenge = platform.challenge
    return staff


@pytest.fixture
def candidate(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


def expect_live(page: Page) -> None:
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")


def expect_screen(page: Page, status: str) -> None:
    expect(page.locator("#screen")).to_have_attribute("data-status", status)


def open_link(page: Page, invitation: Invitation) -> None:
    page.goto(invitation.link)
    page.evaluate("window.neverReloaded = true")
    expect_live(page)


def press_start(page: Page) -> None:
    page.locator("#start-button").click()
    dialog = page.locator("#confirm-start")
    # A test without a policy has nothing to confirm.
    policy = dialog.locator("[name=policy]")
    if policy.count():
        policy.check()
    dialog.get_by_role("button", name="Start test").click()


def press_submit(page: Page) -> None:
    page.locator("#submit-button").click()
    page.locator("#confirm-submit").get_by_role("button", name="Submit").click()


def never_reloaded(page: Page) -> bool:
    return bool(page.evaluate("window.neverReloaded === true"))


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(workspace_sign_in.plain_address(url) or url, timeout=2):
            return True
    except OSError:
        return False
