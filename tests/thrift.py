"""What costs each test little, and nine thousand of them a minute of a processor."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from dashboard.presenters.submissions import highlighting
from dashboard.second_factor import devices

_numbers = count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pytest's own, which reads the names of all earlier tests' folders to find a free one."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    return tmp_path_factory.mktemp(f"{name}-{next(_numbers)}", numbered=False)


@pytest.fixture(scope="session", autouse=True)
def constants_of_tests() -> Iterator[None]:
    """Those that are others for tests, changed once and not for each of them."""
    with pytest.MonkeyPatch.context() as patch:
        # Hashes are made hard to guess elsewhere: those of ten codes take longer than most tests.
        patch.setattr(devices, "ITERATIONS", 1)
        # A busy machine takes no colors from a test of them.
        patch.setattr(highlighting, "TIMEOUT_SECONDS", 60)
        yield
