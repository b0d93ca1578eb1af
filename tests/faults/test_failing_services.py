"""A service fails under a platform as `make run` starts it, while tests begin, run and end.

Pages answer meanwhile, or say in a sentence that something is away; afterwards everything is right.
"""

import json
import os
import signal
import sqlite3
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis

from tests.e2e.conftest import Platform, running_platform
from tests.faults import table
from tests.faults.kills.test_processes import environment_of, pid_of

pytestmark = pytest.mark.faults
# How long a service fails, and how long everything has to be right after that.
OUTAGE = 8.0  # seconds
PATIENCE = 120.0  # seconds
# How long an answer may take while a service hangs: three attempts at a frozen table take 31 s.
ANSWER_TIMEOUT = 60  # seconds
# Tests that are begun, running and ending when the service fails.
EACH = 2
ACCEPTED = {200, 202}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


class Staff:
    """A program of staff, which calls the API."""

    def __init__(self, platform: Platform) -> None:
        self.origin = platform.origin
        command = "from django.core.management import call_command as call\n"
        command += "call('create_api_token', 'faults', role='Administrator')"
        self._token = platform.python(command).strip().splitlines()[-1]
        self.passcodes: dict[str, str] = {}

    def call(self, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of the answer; 0 if there was none in time."""
        request = urllib.request.Request(
            f"{self.origin}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except OSError:
            return 0, {}

    def invite(self) -> str:
        body = {"candidateName": "Ada", "challenge": "settlement-check", "durationMinutes": 60}
        status, answer = self.call("/api/takehome", body)
        assert status == 201, answer
        interview_id = str(answer["interview"]["id"])
        self.passcodes[interview_id] = answer["interview"]["passcode"]
        return interview_id

    def start(self, interview_id: str) -> tuple[int, dict[str, Any]]:
        """As its candidate does."""
        body = {"passcode": self.passcodes[interview_id]}
        return self.call(f"/api/interviews/{interview_id}/activate", body)

    def end(self, interview_id: str) -> tuple[int, dict[str, Any]]:
        return self.call(f"/api/interviews/{interview_id}/destroy", {})

    def status_of(self, interview_id: str) -> str:
        return str(self.call(f"/api/interviews/{interview_id}")[1].get("status"))

    def wait_for(self, ids: list[str], status: str) -> float:
        """Seconds until each of them has the status."""
        began = time.monotonic()
        while any(self.status_of(each) != status for each in ids):
            assert time.monotonic() < began + PATIENCE, {i: self.status_of(i) for i in ids}
            time.sleep(0.3)
        return time.monotonic() - began


@pytest.fixture(scope="module")
def staff(platform: Platform) -> Staff:
    return Staff(platform)


def redis_of(platform: Platform) -> Redis:
    return Redis.from_url(environment_of(platform, "web")["REDIS_URL"], socket_timeout=2)


@contextmanager
def killed(platform: Platform, part: str) -> Iterator[None]:
    platform.kill(part)
    yield


@contextmanager
def frozen(platform: Platform, part: str) -> Iterator[None]:
    pid = pid_of(platform, part)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def slow(platform: Platform, part: str) -> Iterator[None]:
    """It stands still for nine tenths of each half second."""
    process = psutil.Process(pid_of(platform, part))
    over = threading.Event()

    def hold_up() -> None:
        while not over.is_set():
            process.suspend()
            over.wait(0.45)
            process.resume()
            over.wait(0.05)

    thread = threading.Thread(target=hold_up)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def database_locked(platform: Platform) -> Iterator[None]:
    """Another program writes into the SQL database all the time."""
    with closing(sqlite3.connect(platform.folder / "db.sqlite3", timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def emptied(platform: Platform) -> Iterator[None]:
    redis_of(platform).flushall()
    yield


@contextmanager
def configured(platform: Platform, **settings: str) -> Iterator[None]:
    """Redis has these settings, which make it refuse writes."""
    client = redis_of(platform)
    names = [name.replace("_", "-") for name in settings]
    before: Any = {name: client.config_get(name) for name in names}
    for name, value in zip(names, settings.values(), strict=True):
        client.config_set(name, value)
    try:
        yield
    finally:
        for name in names:
            client.config_set(name, before[name][name])


@contextmanager
def store_refuses(platform: Platform) -> Iterator[None]:
    """A file is where the store has its folder, so that it can neither write nor read."""
    folder = platform.folder / "files" / "archives"
    folder.mkdir(parents=True, exist_ok=True)
    away = folder.with_name("away")
    folder.rename(away)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)


FAULTS: dict[str, Callable[[Platform], Any]] = {
    "redis killed": lambda platform: killed(platform, "redis"),
    "redis frozen": lambda platform: frozen(platform, "redis"),
    "redis emptied": emptied,
    "redis out of memory": lambda platform: configured(
        platform, maxmemory="1", maxmemory_policy="noeviction"
    ),
    "redis read-only": lambda platform: configured(platform, min_replicas_to_write="1"),
    "table server killed": lambda platform: killed(platform, "dynamodb"),
    "table server frozen": lambda platform: frozen(platform, "dynamodb"),
    "table server slow": lambda platform: slow(platform, "dynamodb"),
    "SQL database locked": database_locked,
    "store refuses": store_refuses,
    "worker killed": lambda platform: killed(platform, "worker"),
    "worker frozen": lambda platform: frozen(platform, "worker"),
    "web killed": lambda platform: killed(platform, "web"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.timeout(600)
def test_service_that_fails_loses_and_leaks_nothing(
    name: str, platform: Platform, staff: Staff
) -> None:
    begun, running, ending = ([staff.invite() for _ in range(EACH)] for _ in range(3))
    for each in running + ending:
        assert staff.start(each)[0] in ACCEPTED
    staff.wait_for(running + ending, "active")
    for each in running + ending:
        (platform.workspace(each) / "files" / "work.txt").write_text("hours of it")
    for each in ending:
        assert staff.end(each)[0] in ACCEPTED

    with FAULTS[name](platform):
        began = time.monotonic()
        answers = [staff.start(each) for each in begun]
        while time.monotonic() < began + OUTAGE:
            answers.append(staff.call(f"/api/interviews/{running[0]}"))
            passcode = staff.passcodes[running[0]]
            answers.append(staff.call(f"/api/interviews/by-passcode/{passcode}"))
            time.sleep(0.5)
    check_answers(name, answers)

    # Who was answered with an error asks again.
    for each in begun:
        ask_until_answered(staff.start, each)
    recovery = staff.wait_for(begun + running, "active")
    recovery = max(recovery, staff.wait_for(ending, "completed"))
    for each in begun + running:
        ask_until_answered(staff.end, each)
    staff.wait_for(begun + running, "completed")
    assert not [each for each in begun + running + ending if platform.workspace(each).exists()]
    for each in running + ending:
        assert saved(platform, each) == ["work.txt"], "the candidate's file is lost"
    table.add_row(f"service: {name}", [""] * (3 * EACH), [recovery])


def check_answers(name: str, answers: list[tuple[int, dict[str, Any]]]) -> None:
    """Each was answered, or refused with a sentence; only a web process that died says nothing."""
    allowed = {200, 202, 503} | ({0} if name == "web killed" else set())
    assert {status for status, _ in answers} <= allowed, answers
    for status, answer in answers:
        if status == 503:
            assert answer["error"]["message"].endswith("."), answer


def ask_until_answered(ask: Callable[[str], tuple[int, Any]], interview_id: str) -> None:
    """A conflict says that it was done already."""
    deadline = time.monotonic() + PATIENCE
    while (status := ask(interview_id)[0]) not in {*ACCEPTED, 409}:
        assert time.monotonic() < deadline, status
        time.sleep(0.5)


def saved(platform: Platform, interview_id: str) -> list[str]:
    """The candidate's file, if the newest archive of the interview has it."""
    archives = (platform.folder / "files" / "archives" / interview_id).glob("*.tar.gz")
    newest = max(archives, key=lambda path: path.stat().st_mtime)
    with tarfile.open(newest) as archive:
        names = [Path(name).name for name in archive.getnames()]
    return [name for name in names if name == "work.txt"]
