"""The limits of a local workspace: enforced if the system can, and logged if it cannot."""

import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from operations.provisioners.base import ProvisionError
from operations.provisioners.local import resource_limits
from operations.provisioners.local.processes import LAUNCHER
from operations.provisioners.local.provisioner import LocalProvisioner
from operations.provisioners.local.resource_limits import MEGABYTE
from operations.provisioners.local.resource_limits import resource_limits as limits
from tests.operations.provisioners.conftest import LogLines, make_spec, ready

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can hold it")


@pytest.fixture
def four_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 4, 5}, raising=False)


def test_without_limits_nothing_is_enforced_or_logged() -> None:
    assert limits(None, None) == resource_limits.ResourceLimits([], [])


@pytest.mark.usefixtures("four_processors")
@pytest.mark.parametrize(("cpus", "count"), [(0.25, 1), (1, 1), (1.5, 2), (3, 3)])
def test_processor_limit_is_rounded_up_to_whole_processors(cpus: float, count: int) -> None:
    [option] = limits(cpus, None).options
    chosen = option.removeprefix("--cpus=").split(",")
    assert len(set(chosen)) == count
    assert set(chosen) <= {"0", "1", "4", "5"}


@pytest.mark.usefixtures("four_processors")
@pytest.mark.parametrize("cpus", [4, 64, 3.5])
def test_too_many_processors_means_all_processors(cpus: float) -> None:
    assert limits(cpus, None) == resource_limits.ResourceLimits(
        [], ["The workspace can use 4 processors. This machine has no more."]
    )


def test_system_that_cannot_enforce_limits_logs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert limits(0.5, 1024) == resource_limits.ResourceLimits(
        [],
        [
            "The workspace is meant to use 1 processor, but this system can't enforce that. "
            "It can use all.",
            "The workspace is meant to use 1024 MB of memory, but this system can't enforce that. "
            "It can use more.",
        ],
    )


@on_linux
@pytest.mark.usefixtures("four_processors")
def test_enforced_limits_are_logged() -> None:
    assert limits(2, 1024).log_lines == [
        "The workspace can use 2 processors of 4.",
        "Each program of the workspace can use 1024 MB of memory, besides 512 MB that Node.js "
        "reserves. Their sum isn't limited here.",
    ]


@on_linux
def test_limits_apply_to_the_editor_and_its_children(
    plain: LocalProvisioner, log: LogLines
) -> None:
    spec = replace(make_spec(), cpus=0.5, memory_mb=1024)
    editor = psutil.Process(ready(plain, plain.provision(spec, log)).state["pid"])
    available = len(os.sched_getaffinity(0))
    assert len(editor.cpu_affinity()) == 1
    most = (1024 + 512) * MEGABYTE
    assert editor.rlimit(psutil.RLIMIT_DATA) == (most, most)
    assert log[-2].startswith("The workspace can use 1 processor")
    assert available == 1 or log[-2] == f"The workspace can use 1 processor of {available}."
    assert log[-1].startswith("Each program of the workspace can use 1024 MB")


@on_linux
def test_without_limits_the_editor_has_the_platforms_limits(
    plain: LocalProvisioner, log: LogLines
) -> None:
    editor = psutil.Process(ready(plain, plain.provision(make_spec(), log)).state["pid"])
    assert set(editor.cpu_affinity()) == os.sched_getaffinity(0)
    assert editor.rlimit(psutil.RLIMIT_DATA) == resource.getrlimit(resource.RLIMIT_DATA)


def launched(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@on_linux
def test_memory_limit_is_enforced(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "try: bytearray(600 * 2**20); said = 'got it'\n"
        "except MemoryError: said = 'refused'\n"
        "pathlib.Path(sys.argv[1]).write_text(said)\n"
    )
    for most, said in ((512, "refused"), (1024, "got it")):
        seen = tmp_path / str(most)
        pid = launched(
            f"--data={most * MEGABYTE}", "--", sys.executable, "-c", script, str(seen)
        ).stdout
        psutil.wait_procs([psutil.Process(int(pid))] if psutil.pid_exists(int(pid)) else [], 20)
        assert seen.read_text() == said


@on_linux
@pytest.mark.parametrize("option", ["--cpus=99999", "--cpus=x", "--data=x"])
def test_invalid_option_fails_the_start(option: str) -> None:
    done = launched(option, "--", "true")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("true: ")


@on_linux
def test_failed_start_is_an_error(
    plain: LocalProvisioner, log: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {99_998, 99_999})
    with pytest.raises(ProvisionError, match=r"editor\.log"):
        plain.provision(replace(make_spec(), cpus=1), log)


@on_linux
def test_jupyterlab_starts_with_512_mb(jupyter: LocalProvisioner, log: LogLines) -> None:
    ready(jupyter, jupyter.provision(replace(make_spec(), memory_mb=512), log))
