"""The life of the parts, with small programs in their places."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from takehome_platform.local_stack import supervisor as module
from takehome_platform.local_stack.config import StartupError
from takehome_platform.local_stack.pidfile import PidFile
from takehome_platform.local_stack.services import Part
from takehome_platform.local_stack.supervisor import Supervisor
from tests.services import wait_until

Supervise = Callable[..., Supervisor]


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def _server(folder: Path, name: str) -> tuple[str, ...]:
    """A program that notes its pid in a file and stays."""
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
    """Has the last one that was started noted itself, and does it run?"""
    return bool(pids := _pids(folder, name)) and psutil.pid_exists(pids[-1])


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    made: list[Supervisor] = []

    def make(*parts: Part, is_wanted: Callable[[], bool] = lambda: True) -> Supervisor:
        record = PidFile(tmp_path / "run.json", "mark")
        made.append(Supervisor(parts, os.environ, tmp_path, record, is_wanted))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop(between=lambda: None)


def test_part_starts_after_those_that_it_needs(tmp_path: Path, supervise: Supervise) -> None:
    first = Part("first", _python(f"open({str(tmp_path / 'made')!r}, 'w')"), once=True)
    second = Part(
        "second",
        _python(f"open({str(tmp_path / 'made')!r}); import time; time.sleep(60)"),
        after=("first",),
    )
    assert supervise(second, first).start() is True


def test_start_ends_when_it_is_no_longer_wanted(tmp_path: Path, supervise: Supervise) -> None:
    never = Part("web", _server(tmp_path, "web"), is_ready=lambda: False)
    assert supervise(never, is_wanted=lambda: not _is_up(tmp_path, "web")).start() is False


def test_part_that_dies_is_started_again_with_one_line(
    tmp_path: Path, supervise: Supervise, capfd: pytest.CaptureFixture[str]
) -> None:
    web = Part("web", _server(tmp_path, "web"), is_ready=lambda: _is_up(tmp_path, "web"))
    supervisor = supervise(web, is_wanted=lambda: len(_pids(tmp_path, "web")) < 2)
    supervisor.start()
    psutil.Process(_pids(tmp_path, "web")[0]).kill()
    supervisor.watch()
    assert capfd.readouterr().err == (
        "web ended unexpectedly (signal 9): starting it again in 0.5 s; "
        f"its log is {tmp_path}/web.log\n"
    )


def test_child_of_a_part_that_died_is_ended(tmp_path: Path, supervise: Supervise) -> None:
    child = _server(tmp_path, "beat")
    code = f"import subprocess; subprocess.Popen({child!r}).wait()"
    worker = Part("worker", _python(code), is_ready=lambda: _is_up(tmp_path, "beat"))
    supervisor = supervise(worker, is_wanted=lambda: len(_pids(tmp_path, "beat")) < 2)
    supervisor.start()
    beat = psutil.Process(_pids(tmp_path, "beat")[0])
    psutil.Process(beat.ppid()).kill()
    supervisor.watch()
    wait_until(lambda: not beat.is_running(), "two beats at once")


def test_part_that_cannot_start_is_given_up_with_a_sentence(
    tmp_path: Path, supervise: Supervise
) -> None:
    broken = Part("redis", _python("print('out of luck'); raise SystemExit(3)"), lambda: False)
    with pytest.raises(StartupError) as refusal:
        supervise(broken).start()
    assert str(refusal.value) == (
        f"redis cannot start (exit code 3): see {tmp_path}/redis.log, which ends with: out of luck"
    )
    assert (tmp_path / "redis.log").read_text() == "out of luck\n" * module.TRIES


def test_setting_that_cannot_be_used_is_told_in_its_own_words(supervise: Supervise) -> None:
    prepare = Part("prepare", _python("print('PORT is odd.'); raise SystemExit(2)"), once=True)
    with pytest.raises(StartupError, match=re.escape("PORT is odd.")) as refusal:
        supervise(prepare).start()
    assert str(refusal.value) == "PORT is odd."


def test_part_that_never_answers_is_given_up(
    tmp_path: Path, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_LIMIT", 0.2)
    silent = Part("web", _server(tmp_path, "web"), is_ready=lambda: False)
    with pytest.raises(StartupError) as refusal:
        supervise(silent).start()
    assert str(refusal.value) == (f"web did not answer within 0 seconds: see {tmp_path}/web.log.")


def test_stop_ends_a_part_that_does_not_want_to(tmp_path: Path, supervise: Supervise) -> None:
    note = f"import pathlib; pathlib.Path({str(tmp_path / 'deaf')!r}).write_text('up')"
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    deaf = Part(
        "web",
        _python(f"{ignore}\n{note}\ntime.sleep(60)"),
        is_ready=(tmp_path / "deaf").exists,
    )
    supervisor = supervise(deaf)
    others = psutil.Process().children()
    supervisor.start()
    assert len(psutil.Process().children()) == len(others) + 1
    before = time.monotonic()
    supervisor.stop(between=lambda: None)
    assert time.monotonic() - before < 3
    assert set(psutil.Process().children()) <= set(others)


def test_stop_takes_the_stores_away_last(tmp_path: Path, supervise: Supervise) -> None:
    names = ("redis", "dynamodb", "web", "worker")
    parts = [
        Part(name, _server(tmp_path, name), is_ready=partial(_is_up, tmp_path, name))
        for name in names
    ]
    supervisor = supervise(*parts)
    supervisor.start()
    seen: list[str] = []
    supervisor.stop(between=lambda: seen.extend(n for n in names if _is_up(tmp_path, n)))
    assert seen == ["redis", "dynamodb"]
    assert [name for name in names if _is_up(tmp_path, name)] == []


def test_stopped_run_leaves_no_record(tmp_path: Path, supervise: Supervise) -> None:
    supervisor = supervise(Part("web", _server(tmp_path, "web")))
    supervisor.start()
    assert (tmp_path / "run.json").exists()
    supervisor.stop(between=lambda: None)
    assert not (tmp_path / "run.json").exists()


def test_part_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, supervise: Supervise, capfd: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []

    def is_wanted() -> bool:
        lines.extend(capfd.readouterr().err.splitlines())
        return len(lines) < 3

    flag = tmp_path / "flag"
    code = f"import pathlib, time\nwhile pathlib.Path({str(flag)!r}).exists(): time.sleep(0.01)"
    flag.touch()
    supervisor = supervise(Part("web", _python(code)), is_wanted=is_wanted)
    supervisor.start()
    flag.unlink()
    supervisor.watch()
    waits = [re.findall(r"again in ([0-9.]+) s", line) for line in lines]
    assert waits == [["0.5"], ["1.0"], ["2.0"]]
