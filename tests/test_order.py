"""Tests that share what a module starts run in one worker."""

import subprocess
import sys
from pathlib import Path

from takehome_platform.local_stack.config import ROOT

SHARING = """
import os
import pathlib
import pytest

@pytest.fixture(scope="{scope}")
def started():
    return None

@pytest.mark.parametrize("number", range(12))
def test_it(started, number):
    with pathlib.Path("{name}").open("a") as workers:
        workers.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_module_that_starts_something_stays_in_one_worker(tmp_path: Path) -> None:
    assert len(workers_of(tmp_path / "together", "module")) == 1
    # Each worker begins with one of them.
    assert len(workers_of(tmp_path / "spread", "function")) == 2


def workers_of(folder: Path, scope: str) -> set[str]:
    """The workers in which the tests of one module run, whose fixture has this scope."""
    folder.mkdir()
    (folder / "test_it.py").write_text(SHARING.format(scope=scope, name=folder / "workers"))
    (folder / "pytest.ini").write_text("[pytest]")
    plugins = ["-p", "tests.order", "-p", "no:django", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--dist", "loadgroup"]
    subprocess.run(
        [*command, "--rootdir", folder, folder], cwd=ROOT, check=True, capture_output=True
    )
    workers = (folder / "workers").read_text().split()
    assert len(workers) == 12
    return set(workers)


def test_browsers_are_started_in_one_place() -> None:
    """Each test that starts one costs a second and a half of a processor: the others share it."""
    tests = ROOT / "tests"
    starting = {
        path.relative_to(tests).as_posix()
        for path in tests.rglob("*.py")
        if ".launch(" in path.read_text() and path != Path(__file__)
    }
    assert starting == {"chromium.py", "screenshots/__main__.py"}
