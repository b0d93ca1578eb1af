"""A full disk: `make run` says so, waits for room, and goes on."""

import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from takehome_platform.local_stack import __main__ as command
from takehome_platform.local_stack.config import StartupError
from takehome_platform.local_stack.disk_space import MIN_FREE_BYTES, require_room
from takehome_platform.local_stack.pidfile import PidFile
from takehome_platform.local_stack.services import ServiceSpec
from takehome_platform.local_stack.supervisor import Supervisor

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The free bytes of the disk; the first is the current value."""
    free = [MIN_FREE_BYTES]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 0, free[0]))
    return free


def test_start_on_a_full_disk_is_one_sentence(
    tmp_path: Path,
    free: list[int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    require_room(tmp_path)
    free[0] = 3_000_000
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert command.main() == 2
    assert capsys.readouterr().err == (
        f"The disk of {tmp_path} is full (3 MB are free). Free some space and start again.\n"
    )
    with pytest.raises(StartupError):
        require_room(tmp_path)


def _supervisor(folder: Path, rounds: int, *specs: ServiceSpec) -> Supervisor:
    """One that stops after so many looks at its services."""
    left = iter([True] * rounds)
    pid_file = PidFile(folder / "run.json", "run id")
    return Supervisor(specs, os.environ, folder, pid_file, lambda: next(left, False))


def test_service_waits_for_room_and_then_starts(
    tmp_path: Path, free: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    free[0] = 0
    service = ServiceSpec("dynamodb", ("sleep", "60"))
    supervisor = _supervisor(tmp_path, 6, service)
    others = psutil.Process().children()
    try:
        for _ in range(3):
            supervisor._check_services()
        assert psutil.Process().children() == others
        free[0] = MIN_FREE_BYTES
        assert supervisor.start()
        assert len(psutil.Process().children()) == len(others) + 1
    finally:
        supervisor.stop(lambda: None)
    assert capfd.readouterr().err.splitlines() == [
        f"The disk of {tmp_path} is full (0 MB are free): waiting for room. "
        "Free some space; nothing is lost.",
        "the disk has room again, continuing",
    ]


def test_service_whose_record_cannot_be_written_does_not_run_unknown(
    tmp_path: Path, free: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = PidFile._write, 2

    def fill_the_disk(self: PidFile) -> None:
        nonlocal failures
        if self._content["parts"] and failures:
            failures -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self)

    monkeypatch.setattr(PidFile, "_write", fill_the_disk)
    supervisor = _supervisor(tmp_path, 6, ServiceSpec("web", ("sleep", "60")))
    others = psutil.Process().children()
    try:
        for _ in range(2):
            supervisor._check_services()
            assert psutil.Process().children() == others
        assert supervisor.start()
        assert len(psutil.Process().children()) == len(others) + 1
    finally:
        supervisor.stop(lambda: None)


def test_other_errors_of_the_machine_are_not_taken_for_a_full_disk(
    tmp_path: Path, free: list[int]
) -> None:
    supervisor = _supervisor(tmp_path, 1, ServiceSpec("web", (str(tmp_path / "gone"),)))
    with pytest.raises(FileNotFoundError):
        supervisor.start()
