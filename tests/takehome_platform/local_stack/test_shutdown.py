"""Every way to request a stop reaches the platform."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.services import wait_until

PROGRAM = """
import sys, time
from takehome_platform.local_stack.shutdown import ShutdownListener
shutdown = ShutdownListener()
print("up", flush=True)
while not shutdown.is_requested():
    time.sleep(0.05)
shutdown.ignore_signals()
print("requested", flush=True)
"""


def _reset_signals() -> None:
    """Undo what nohup or a shell's background job ignores, because a child process inherits it."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _environment(**variables: str) -> dict[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return outer | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | variables


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_reset_signals,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        assert process.communicate(timeout=10)[0] == "requested\n"
        assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux shows a process's handlers")
def test_signal_to_make_alone_stops(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} program.py >out\n")
    out = tmp_path / "out"
    with subprocess.Popen(
        ["make", "run"], cwd=tmp_path, env=_environment(), preexec_fn=_reset_signals
    ) as make:
        wait_until(lambda: out.exists() and out.read_text() == "up\n", "it did not start")
        (program,) = psutil.Process(make.pid).children()
        make.send_signal(number)
        wait_until(lambda: not program.is_running(), "it did not stop")
        assert out.read_text() == "up\nrequested\n"


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


SCRIPT = """
import signal, subprocess, sys
with subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE) as program:
    program.stdout.readline()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        program.wait(0.5)
    except subprocess.TimeoutExpired:
        print("goes on")
        program.terminate()
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux shows the name of a process")
def test_signal_handlers_of_a_parent_that_is_not_make_are_ignored() -> None:
    """Such as a script that make started, or pytest."""
    output = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, PROGRAM], env=_environment(MAKELEVEL="1"), text=True
    )
    assert output == "goes on\n"
