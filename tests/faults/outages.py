"""What the tests of failing services share: tests that begin, run and end while one fails."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import psutil

from tests.e2e.conftest import Platform
from tests.faults import table

# How long a service fails, and how long everything has to be right after that.
OUTAGE = 8.0  # seconds
PATIENCE = 120.0  # seconds
# How long an answer may take while a service hangs: three attempts at a frozen table take 31 s.
ANSWER_TIMEOUT = 60  # seconds
# Tests that are begun, running and ending when the service fails.
EACH = 2
ACCEPTED = {200, 202}


class Staff:
    """A program of staff, which calls the API."""

    def __init__(self, platform: Platform) -> None:
        self.origin = platform.origin
        command = "from django.core.management import call_command as call\n"
        command += "call('create_api_token', 'faults', role='Administrator')"
        self._token = platform.python(command).strip().splitlines()[-1]
        # What each confirms with the start, by interview.
        self.candidates: dict[str, dict[str, str]] = {}

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
        passcode = answer["interview"]["passcode"]
        # What the page of the candidate says is confirmed later, when nothing may be read.
        policy = self.call(f"/api/interviews/by-passcode/{passcode}")[1]["policy"]
        self.candidates[interview_id] = {"passcode": passcode, "confirmedPolicy": policy["id"]}
        return interview_id

    def start(self, interview_id: str) -> tuple[int, dict[str, Any]]:
        """As its candidate does."""
        return self.call(f"/api/interviews/{interview_id}/activate", self.candidates[interview_id])

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


@contextmanager
def frozen(*processes: psutil.Process) -> Iterator[None]:
    """They stand still until the end of the block. Those that have ended by themselves are left."""
    with ExitStack() as stack:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                stack.callback(_resume, process)
        yield


def _resume(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.resume()


@contextmanager
def slow(*processes: psutil.Process) -> Iterator[None]:
    """They stand still for nine tenths of each half second."""
    over = threading.Event()

    def hold_up() -> None:
        while not over.is_set():
            with frozen(*processes):
                over.wait(0.45)
            over.wait(0.05)

    thread = threading.Thread(target=hold_up)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def fail_and_recover(
    name: str,
    platform: Platform,
    staff: Staff,
    fault: AbstractContextManager[Any],
    saved_names: Callable[[str], list[str]],
    silent: bool = False,
) -> None:
    """Let tests begin, run and end under the fault; then all must be right, and each file saved.

    `saved_names` returns the names in the newest archive of an interview; `silent`: the fault is
    the web process's own, so that a request may have no answer. Adds a row to the table of faults.
    """
    begun, running, ending = ([staff.invite() for _ in range(EACH)] for _ in range(3))
    for each in running + ending:
        assert staff.start(each)[0] in ACCEPTED
    staff.wait_for(running + ending, "active")
    for each in running + ending:
        (platform.workspace(each) / "files" / "work.txt").write_text("hours of it")
    for each in ending:
        assert staff.end(each)[0] in ACCEPTED

    with fault:
        began = time.monotonic()
        answers = [staff.start(each) for each in begun]
        while time.monotonic() < began + OUTAGE:
            answers.append(staff.call(f"/api/interviews/{running[0]}"))
            passcode = staff.candidates[running[0]]["passcode"]
            answers.append(staff.call(f"/api/interviews/by-passcode/{passcode}"))
            time.sleep(0.5)
    check_answers(answers, silent=silent)

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
        assert "work.txt" in saved_names(each), "the candidate's file is lost"
    table.add_row(f"service: {name}", [""] * (3 * EACH), [recovery])


def check_answers(answers: list[tuple[int, dict[str, Any]]], *, silent: bool) -> None:
    """Each was answered, or refused with a sentence; only a web process that died says nothing."""
    allowed = {200, 202, 503} | ({0} if silent else set())
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
