"""A stop reaches the platform, whichever way it is asked for."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services import wait_until

PROGRAM = """
import sys, time
from takehome_platform.embedded.asked import StopAsked
asked = StopAsked()
print("up", flush=True)
while not asked():
    time.sleep(0.05)
asked.is_final()
print("asked", flush=True)
"""


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """What starts these tests may ignore a signal (nohup, a shell's background job), and a process
    that is started here would inherit that."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGHUP)}
    for each in before:
        signal.signal(each, signal.SIG_DFL)
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def _environment(**more: str) -> dict[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return outer | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | more


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        assert process.communicate(timeout=10)[0] == "asked\n"
        assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux shows a process's handlers")
def test_signal_to_make_alone_stops(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} program.py >out\n")
    out = tmp_path / "out"
    with subprocess.Popen(["make", "run"], cwd=tmp_path, env=_environment()) as make:
        wait_until(lambda: out.exists() and out.read_text() == "up\n", "it did not start")
        (program,) = psutil.Process(make.pid).children()
        make.send_signal(number)
        wait_until(lambda: not program.is_running(), "it did not hear of it")
        assert out.read_text() == "up\nasked\n"


def test_nohup_is_respected() -> None:
    with subprocess.Popen(
        ["nohup", sys.executable, "-c", PROGRAM],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.terminate()
        assert process.wait(10) == 0
