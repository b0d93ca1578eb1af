"""Starting, restarting and stopping services, with small programs in place of the real ones."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from takehome_platform.local_stack import supervisor as module
from takehome_platform.local_stack.config import StartupError
from takehome_platform.local_stack.pidfile import PidFile
from takehome_platform.local_stack.services import ServiceSpec
from takehome_platform.local_stack.supervisor import Supervisor
from tests.services import wait_until

Supervise = Callable[..., Supervisor]


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def _server(folder: Path, name: str) -> tuple[str, ...]:
    """A program that appends its pid to a file and keeps running."""
    return _python(
        "import os, pathlib, time\n"
        f"with pathlib.Path({str(folder / name)!r}).open('a') as file:\n"
        "    file.write(f'{os.getpid()}\\n')\n"
        "time.sleep(60)"
    )


def _pids(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def _is_up(folder: Path, name: str) -> bool:
    """Whether the program that was started last has recorded its pid and still runs."""
    return bool(pids := _pids(folder, name)) and psutil.pid_exists(pids[-1])


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    made: list[Supervisor] = []

    def make(*specs: ServiceSpec, keep_running: Callable[[], bool] = lambda: True) -> Supervisor:
        pid_file = PidFile(tmp_path / "run.json", "run id")
        made.append(Supervisor(specs, os.environ, tmp_path, pid_file, keep_running))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop(lambda: None)


def test_service_starts_after_its_dependencies(tmp_path: Path, supervise: Supervise) -> None:
    first = ServiceSpec("first", _python(f"open({str(tmp_path / 'made')!r}, 'w')"), one_shot=True)
    second = ServiceSpec(
        "second",
        _python(f"open({str(tmp_path / 'made')!r}); import time; time.sleep(60)"),
        depends_on=("first",),
    )
    assert supervise(second, first).start() is True


def test_start_returns_false_when_a_stop_is_requested(tmp_path: Path, supervise: Supervise) -> None:
    never = ServiceSpec("web", _server(tmp_path, "web"), is_ready=lambda: False)
    assert supervise(never, keep_running=lambda: not _is_up(tmp_path, "web")).start() is False


def test_service_that_exits_is_restarted_with_one_line(
    tmp_path: Path, supervise: Supervise, capfd: pytest.CaptureFixture[str]
) -> None:
    web = ServiceSpec("web", _server(tmp_path, "web"), is_ready=lambda: _is_up(tmp_path, "web"))
    supervisor = supervise(web, keep_running=lambda: len(_pids(tmp_path, "web")) < 2)
    supervisor.start()
    psutil.Process(_pids(tmp_path, "web")[0]).kill()
    supervisor.watch()
    assert capfd.readouterr().err == (
        "web ended unexpectedly (signal 9). Restarting it in 0.5 s; "
        f"its log is {tmp_path}/web.log\n"
    )


def test_child_of_a_service_that_exited_is_killed(tmp_path: Path, supervise: Supervise) -> None:
    child = _server(tmp_path, "beat")
    code = f"import subprocess; subprocess.Popen({child!r}).wait()"
    worker = ServiceSpec("worker", _python(code), is_ready=lambda: _is_up(tmp_path, "beat"))
    supervisor = supervise(worker, keep_running=lambda: len(_pids(tmp_path, "beat")) < 2)
    supervisor.start()
    beat = psutil.Process(_pids(tmp_path, "beat")[0])
    psutil.Process(beat.ppid()).kill()
    supervisor.watch()
    wait_until(lambda: not beat.is_running(), "two beats run at once")


def test_service_that_cannot_start_stops_the_start_with_a_sentence(
    tmp_path: Path, supervise: Supervise
) -> None:
    broken = ServiceSpec(
        "redis", _python("print('out of luck'); raise SystemExit(3)"), lambda: False
    )
    with pytest.raises(StartupError) as refusal:
        supervise(broken).start()
    assert str(refusal.value) == (
        f"redis cannot start (exit code 3): see {tmp_path}/redis.log, which ends with: out of luck"
    )
    assert (tmp_path / "redis.log").read_text() == "out of luck\n" * module.MAX_START_ATTEMPTS


def test_invalid_setting_is_reported_in_its_own_words(supervise: Supervise) -> None:
    prepare = ServiceSpec(
        "prepare", _python("print('PORT is odd.'); raise SystemExit(2)"), one_shot=True
    )
    with pytest.raises(StartupError, match=re.escape("PORT is odd.")) as refusal:
        supervise(prepare).start()
    assert str(refusal.value) == "PORT is odd."


def test_service_that_is_never_ready_stops_the_start(
    tmp_path: Path, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_TIMEOUT", 0.2)
    silent = ServiceSpec("web", _server(tmp_path, "web"), is_ready=lambda: False)
    with pytest.raises(StartupError) as refusal:
        supervise(silent).start()
    assert str(refusal.value) == (f"web didn't respond within 0 seconds: see {tmp_path}/web.log.")


def test_stop_kills_a_service_that_ignores_sigterm(tmp_path: Path, supervise: Supervise) -> None:
    note = f"import pathlib; pathlib.Path({str(tmp_path / 'deaf')!r}).write_text('up')"
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    deaf = ServiceSpec(
        "web",
        _python(f"{ignore}\n{note}\ntime.sleep(60)"),
        is_ready=(tmp_path / "deaf").exists,
    )
    supervisor = supervise(deaf)
    others = psutil.Process().children()
    supervisor.start()
    assert len(psutil.Process().children()) == len(others) + 1
    supervisor.stop(lambda: None)
    assert set(psutil.Process().children()) <= set(others)


def test_stop_ends_the_stores_last(tmp_path: Path, supervise: Supervise) -> None:
    names = ("redis", "dynamodb", "web", "worker")
    specs = [
        ServiceSpec(name, _server(tmp_path, name), is_ready=partial(_is_up, tmp_path, name))
        for name in names
    ]
    supervisor = supervise(*specs)
    supervisor.start()
    seen: list[str] = []
    supervisor.stop(lambda: seen.extend(n for n in names if _is_up(tmp_path, n)))
    assert seen == ["redis", "dynamodb"]
    assert [name for name in names if _is_up(tmp_path, name)] == []


def test_stop_deletes_the_pid_file(tmp_path: Path, supervise: Supervise) -> None:
    supervisor = supervise(ServiceSpec("web", _server(tmp_path, "web")))
    supervisor.start()
    assert (tmp_path / "run.json").exists()
    supervisor.stop(lambda: None)
    assert not (tmp_path / "run.json").exists()


def test_service_that_keeps_exiting_is_restarted_with_growing_delays(
    tmp_path: Path, supervise: Supervise, capfd: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []

    def keep_running() -> bool:
        lines.extend(capfd.readouterr().err.splitlines())
        return len(lines) < 3

    flag = tmp_path / "flag"
    code = f"import pathlib, time\nwhile pathlib.Path({str(flag)!r}).exists(): time.sleep(0.01)"
    flag.touch()
    supervisor = supervise(ServiceSpec("web", _python(code)), keep_running=keep_running)
    supervisor.start()
    flag.unlink()
    supervisor.watch()
    waits = [re.findall(r"Restarting it in ([0-9.]+) s", line) for line in lines]
    assert waits == [["0.5"], ["1.0"], ["2.0"]]
