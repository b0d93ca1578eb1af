"""Checks as processes of this user, without isolation, for trying out the platform."""

import os
import secrets
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from operations.provisioners.base import ProvisionError
from operations.provisioners.checks.base import (
    JOB_NAME,
    MAX_REPORT_BYTES,
    MAX_REPORT_FILES,
    WATCH_SECONDS,
    BoundedOutput,
    CheckJob,
    CheckOutcome,
    RunAbandonedError,
    StopReason,
    require_job_name,
)
from operations.provisioners.local import processes
from operations.provisioners.local.environment import tools_path
from operations.provisioners.local.resource_limits import MEGABYTE, RESERVED_MB
from operations.provisioners.local.workdirs import remove_folder

SUPERVISOR = Path(__file__).with_name("supervisor.py")
MAX_FILE_MB = 1024
# Processes and threads that a check may add to those of the user.
MAX_PROCESSES = 256
READ_BYTES = 64 * 1024


class LocalCheckRunner:
    """Runs each check in a folder below `root`, which is moved there."""

    name = "local"

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        """Run the job; its folder is used in its place, and may be left changed."""
        with _translate_errors():
            folder = self._root / job.name
            self.remove(job.name)
            report = folder / f"report-{secrets.token_hex(8)}" / "report.xml"
            home = folder / "home"
            for path in (home, report.parent):
                path.mkdir(mode=0o700, parents=True)
            began = time.monotonic()
            try:
                output, code, stopped = self._watch(job, folder, home, report, should_stop)
                self._end(folder)
                place = job.folder / job.report if job.report else report
                reports, is_too_large = read_reports(place, job.folder if job.report else folder)
            finally:
                self.remove(job.name)
        seconds = time.monotonic() - began
        return CheckOutcome(code, stopped, output.content, reports, is_too_large, seconds)

    def remove(self, name: str) -> None:
        """End the processes of the job and remove its folder."""
        require_job_name(name)
        with _translate_errors():
            self._end(self._root / name)
            remove_folder(self._root / name)

    def list_left(self) -> list[str]:
        with _translate_errors():
            if not self._root.is_dir():
                return []
            return sorted(
                path.name for path in self._root.iterdir() if JOB_NAME.fullmatch(path.name)
            )

    @staticmethod
    def _end(folder: Path) -> None:
        processes.end_processes(folder, grace_seconds=0)

    def _watch(
        self,
        job: CheckJob,
        folder: Path,
        home: Path,
        report: Path,
        should_stop: Callable[[], bool],
    ) -> tuple[BoundedOutput, int | None, StopReason | None]:
        output = BoundedOutput(job.max_output_bytes)
        with subprocess.Popen(
            [*_supervisor(job), "--", "sh", "-c", job.command],
            cwd=job.folder,
            env=_environment(folder, home, report),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                stopped = _wait(process, output, time.monotonic() + job.seconds, should_stop)
            finally:
                code = process.poll()
                if code is None:
                    _kill_tree(process.pid)
                processes.end_processes(folder, grace_seconds=0)
            if stopped is None:
                _read_available(process, output)
                stopped = StopReason.OUTPUT if output.is_exceeded else None
        if stopped is not None or code is None:
            return output, None, stopped
        # Only a command that reaches the supervisor ends it by a signal.
        return output, code if code >= 0 else 128 - code, None


def read_reports(place: Path, inside: Path) -> tuple[tuple[bytes, ...], bool]:
    """Return the content of a report's files, and whether they are too large to be read.

    Links are not followed: the report would be another file.

    Raises:
        OSError: if this machine fails.
    """
    if not place.resolve().is_relative_to(inside.resolve()):
        return (), False
    paths = sorted(place.glob("*.xml")) if place.is_dir() else [place]
    contents: list[bytes] = []
    left = MAX_REPORT_BYTES
    for path in paths:
        if not path.is_file() or path.is_symlink():
            continue
        with path.open("rb") as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0 or len(contents) >= MAX_REPORT_FILES:
            return (), True
        contents.append(content)
    return tuple(contents), False


def _environment(folder: Path, home: Path, report: Path) -> dict[str, str]:
    """All variables of the command, none of them inherited from the platform."""
    return {
        processes.MARKER: str(folder),
        "PATH": tools_path(folder),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "CHECK_REPORT": str(report),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _supervisor(job: CheckJob) -> list[str]:
    limits = [f"--file={MAX_FILE_MB * MEGABYTE}", f"--cpu={int(job.seconds * 4) + 10}"]
    if sys.platform == "linux":
        limits.append(f"--data={(job.memory_mb + RESERVED_MB) * MEGABYTE}")
        limits.append(f"--processes={_own_threads() + MAX_PROCESSES}")
    return [sys.executable, "-I", "-S", str(SUPERVISOR), *limits]


def _own_threads() -> int:
    count = 0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.uids().real == os.getuid():
                count += process.num_threads()
    return count


def _wait(
    process: subprocess.Popen[bytes],
    output: BoundedOutput,
    deadline: float,
    should_stop: Callable[[], bool],
) -> StopReason | None:
    """Read the output until the command ends or has to be ended."""
    stream = process.stdout
    assert stream is not None  # noqa: S101 - it was opened as a pipe
    os.set_blocking(stream.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while process.poll() is None:
            if selector.select(WATCH_SECONDS):
                _read_available(process, output)
            if output.is_exceeded:
                return StopReason.OUTPUT
            if time.monotonic() >= deadline:
                return StopReason.TIME
            if should_stop():
                raise RunAbandonedError
    return None


def _read_available(process: subprocess.Popen[bytes], output: BoundedOutput) -> None:
    """Read what is in the pipe. A process that left the command may keep it open."""
    stream = process.stdout
    assert stream is not None  # noqa: S101 - it was opened as a pipe
    while not output.is_exceeded:
        try:
            chunk = os.read(stream.fileno(), READ_BYTES)
        except BlockingIOError:
            return
        if not chunk:
            # Its end would be reported as readable again and again.
            time.sleep(WATCH_SECONDS if process.poll() is None else 0)
            return
        output.add(chunk)


def _kill_tree(pid: int) -> None:
    """Kill the supervisor's descendants, then itself: orphans are its children."""
    with suppress(psutil.NoSuchProcess):
        supervisor = psutil.Process(pid)
        for process in [*supervisor.children(recursive=True), supervisor]:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProvisionError(
            "check", f"This machine refused: {error.strerror or error}."
        ) from error
    except processes.StillRunningError as error:
        raise ProvisionError("check", f"The check's {error} can't be stopped.") from error
