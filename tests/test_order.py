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
    for name, scope in (("together", "module"), ("spread", "function")):
        text = SHARING.format(scope=scope, name=tmp_path / name)
        (tmp_path / f"test_{name}.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    plugins = ["-p", "tests.order", "-p", "no:django", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--dist", "loadgroup"]
    subprocess.run(
        [*command, "--rootdir", tmp_path, tmp_path], cwd=ROOT, check=True, capture_output=True
    )
    workers = {name: (tmp_path / name).read_text().split() for name in ("together", "spread")}
    assert {name: len(each) for name, each in workers.items()} == {"together": 12, "spread": 12}
    assert len(set(workers["together"])) == 1
    assert len(set(workers["spread"])) == 2


def test_browsers_are_started_in_one_place() -> None:
    """Each test that starts one costs a second and a half of a processor: the others share it."""
    tests = ROOT / "tests"
    starting = {
        path.relative_to(tests).as_posix()
        for path in tests.rglob("*.py")
        if ".launch(" in path.read_text() and path != Path(__file__)
    }
    assert starting == {"chromium.py", "screenshots/__main__.py"}
