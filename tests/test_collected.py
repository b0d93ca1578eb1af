"""What is collected of a test with a long parameter."""

import subprocess
import sys
from pathlib import Path

from takehome_platform.local_stack.config import ROOT

LONG = """
import gc
import pytest

@pytest.mark.parametrize("given", ["short", "x" * 5_000_000, b"\\xff" * 5_000_000, "x" * 5_000_001])
def test_it(given):
    assert gc.get_freeze_count() > 10_000
"""


def test_a_long_parameter_makes_no_long_id(tmp_path: Path) -> None:
    (tmp_path / "test_long.py").write_text(LONG)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    plugins = ["-p", "tests.collected", "-p", "no:django", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "0", "-p", "no:randomly", "-v"]
    done = subprocess.run(
        [*command, "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    ids = [line.split("[")[1].split("] ")[0] for line in done.stdout.splitlines() if "::" in line]
    assert ids[0] == "short"
    assert max(map(len, ids)) < 250
    assert len(set(ids)) == 4
    assert [each.rpartition("(")[2] for each in ids[1:]] == ["5000000)", "5000000)", "5000001)"]
