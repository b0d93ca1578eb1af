"""One deployment for all of these tests, with a signed-in staff member and a candidate."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import BrowserContext

from tests.compose.people import sign_in
from tests.compose.stack import Stack, measured, report

# The same staff and candidate fixtures as in the end-to-end tests of `make run`.
from tests.e2e.conftest import PASSWORD, Staff, candidate, new_context

__all__ = ["candidate", "new_context"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/compose/" in item.nodeid:
            item.add_marker(pytest.mark.compose)
            # The longest one covers a whole interview with a service killed three times.
            item.add_marker(pytest.mark.timeout(600))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in measured:
        terminalreporter.write_line(f"compose: {line}")


@pytest.fixture(scope="session")
def platform() -> Iterator[Stack]:
    """Two web processes and three workers behind the proxy."""
    # Not one of pytest's own folders, because later runs remove those while this one still runs.
    with TemporaryDirectory(prefix="takehome-compose-") as folder:
        stack = Stack(Path(folder), PASSWORD)
        try:
            report("first start", stack.up("--scale", "worker=3", "--scale", "web=2"))
            yield stack
        finally:
            stack.take_down()


@pytest.fixture
def staff(platform: Stack, new_context: Callable[..., BrowserContext]) -> Staff:
    page = new_context().new_page()
    sign_in(page, platform.origin)
    return Staff(page, platform.origin)
