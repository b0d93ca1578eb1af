"""What pytest collects costs little in each process: ids are short, and the rest stays out of the
garbage collector's sight."""

import gc

import pytest

# An id goes through each process of pytest-xdist for each test, and into the environment.
LONGEST = 100  # characters, or bytes


@pytest.hookimpl(trylast=True)
def pytest_make_parametrize_id(val: object) -> str | None:
    """The beginning of a long text, and its length; None leaves the id to pytest."""
    if not isinstance(val, str | bytes) or len(val) <= LONGEST:
        return None
    beginning = val[: LONGEST // 2]
    return f"{ascii(beginning).removeprefix('b')[1:-1]}... ({len(val)})"


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """All of it is there until the process ends."""
    gc.freeze()
