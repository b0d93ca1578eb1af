"""Lists in the store."""

import os
from pathlib import Path

import pytest

from operations.progress.manifest_store import (
    lists,
)
from tests.operations.progress.lists.reading import FILES


@pytest.fixture(autouse=True)
def in_no_memory() -> None:
    lists.clear()


@pytest.fixture
def many(watched, workspace: Path) -> Path:
    for number in range(FILES):
        (workspace / f"{number}.py").write_bytes(os.urandom(20))
    return workspace
