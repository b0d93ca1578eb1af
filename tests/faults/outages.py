"""What the tests of failing services share: tests that begin, run and end while one fails."""

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any

import psutil

from tests.e2e.conftest import Platform
from tests.faults import table
from tests.faults.kills.world import WORK
from tests.faults.nodes.judge import Case, Verdict
from tests.faults.nodes.judge_process import Judge, running_judge

# How long a service fails, and how soon everything has to be right after that: the checks of a
# worker that was killed wait for the end of its lease, which is a minute, and then for their turn.
OUTAGE = 8.0  # seconds
PATIENCE = 180.0  # seconds
SETTLE = 0.5  # seconds
# How long an answer may take while a service hangs: three attempts at a frozen table take 31 s.
ANSWER_TIMEOUT = 60  # seconds
# Tests that are begun, running and ending when the service fails.
EACH = 2
ACCEPTED = {200, 202}

Answer = tuple[int, dict[str, Any]]
"""The status and the JSON of an answer; 0 if there was none in time."""


class Staff:
    """A program of staff, which calls the API, and a judge of what comes of it."""

    def __init__(self, platform: Platform, judge: Judge) -> None:
        self.judge = judge
        self.origin = platform.origin
        command = "from django.core.management import call_command as call\n"
        command += "call('create_api_token', 'faults', role='Administrator')"
        self._token = platform.python(command).strip().splitlines()[-1]
        # What each confirms with the start, by interview.
        self.candidates: dict[str, dict[str, str]] = {}

    def call(self, path: str, body: Any = None) -> Answer:
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

    def invite(self, challenge: str = "settlement-check") -> str:
        body = {"candidateName": "Ada", "challenge": challenge, "durationMinutes": 60}
        status, answer = self.call("/api/takehome", body)
        assert status == 201, answer
        interview_id = str(answer["interview"]["id"])
        passcode = answer["interview"]["passcode"]
        # What the page of the candidate says is confirmed later, when nothing may be read.
        policy = self.call(f"/api/interviews/by-passcode/{passcode}")[1]["policy"]
        self.candidates[interview_id] = {"passcode": passcode}
        if policy is not None:
            self.candidates[interview_id]["confirmedPolicy"] = policy["id"]
        return interview_id

    def start(self, interview_id: str) -> Answer:
        """As its candidate does."""
        return self.call(f"/api/interviews/{interview_id}/activate", self.candidates[interview_id])

    def extend(self, interview_id: str) -> Answer:
        return self.call(f"/api/interviews/{interview_id}/extend", {"minutes": 5})

    def end(self, interview_id: str) -> Answer:
        return self.call(f"/api/interviews/{interview_id}/destroy", {})

    def status_of(self, interview_id: str) -> str:
        return str(self.call(f"/api/interviews/{interview_id}")[1].get("status"))

    def wait_for(self, ids: list[str], status: str) -> None:
        """Return once each of them has the status."""
        began = time.monotonic()
        while any(self.status_of(each) != status for each in ids):
            assert time.monotonic() < began + PATIENCE, {i: self.status_of(i) for i in ids}
            time.sleep(0.3)


@contextmanager
def staff_of(platform: Platform) -> Iterator[Staff]:
    with running_judge(platform) as judge:
        yield Staff(platform, judge)


@contextmanager
def frozen(*processes: psutil.Process) -> Iterator[None]:
    """They stand still until the end of the block. Those that have ended by themselves are left."""
    with ExitStack() as stack:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                stack.callback(_resume, process)
        yield


@contextmanager
def frozen_between_writes(platform: Platform, *processes: psutil.Process) -> Iterator[None]:
    """As `frozen`, but while none of them has a lock of the SQL database: the file of SQLite knows
    one writer at a time, and who stands still with its lock stops all others."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with frozen(*processes):
            # A thread in the kernel, which may get it a lock, stops only when it comes back.
            time.sleep(SETTLE)
            if _is_writable(platform):
                yield
                return
        assert time.monotonic() < deadline, "one of them always writes"
        time.sleep(0.05)


def _is_writable(platform: Platform) -> bool:
    with closing(sqlite3.connect(platform.folder / "db.sqlite3", timeout=1)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


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
    *,
    refusals: Collection[int] = (503,),
    lasting: float = OUTAGE,
    are_checked: bool = False,
) -> None:
    """Let tests begin, run, get more time and end under the fault; then all must be right.

    `refusals`: with what a request may be refused meanwhile; 0: it has no answer, as the fault is
    the web process's own. `lasting`: the seconds of the fault. `are_checked`: submissions are
    checked, the progress of those that run is kept, and a webhook is told. Adds a row to the table
    of faults.
    """
    cases = staff.judge.prepare(3 * EACH) if are_checked else [Case() for _ in range(3 * EACH)]
    for case in cases:
        case["id"] = staff.invite(case["challenge"]) if are_checked else staff.invite()
    begun, running, ending = (
        [case["id"] for case in cases[first : first + EACH]] for first in range(0, len(cases), EACH)
    )
    for each in running + ending:
        assert staff.start(each)[0] in ACCEPTED
    staff.wait_for(running + ending, "active")
    write_work(platform, running + ending)
    for each in ending:
        assert staff.end(each)[0] in ACCEPTED

    with fault:
        began = time.monotonic()
        starts = at_once([partial(staff.start, each) for each in begun])
        extensions = at_once([partial(staff.extend, running[0])])
        if are_checked:
            staff.judge.keep(running)
            for case in cases[EACH : 2 * EACH]:
                case["kept"] = True
        passcode = staff.candidates[running[0]]["passcode"]
        paths = (
            f"/api/interviews/{running[0]}",
            f"/api/interviews/by-passcode/{passcode}",
        )
        answers = [*starts, *extensions]
        while time.monotonic() < began + lasting:
            answers += at_once([partial(staff.call, path) for path in paths])
            time.sleep(0.5)
    check_answers(answers, refusals)

    over = time.monotonic()
    # Who was answered with an error asks again.
    for each, (status, _) in zip(begun, starts, strict=True):
        if status not in ACCEPTED:
            ask_until_answered(staff.start, each)
    staff.wait_for(begun + running, "active")
    staff.wait_for(ending, "completed")
    write_work(platform, begun)
    verdicts = wait_until_right(staff, cases)
    recovery = time.monotonic() - over
    check_extensions(staff, running[0], extensions)
    for each in begun + running:
        ask_until_answered(staff.end, each)
    staff.wait_for(begun + running, "completed")
    ended = wait_until_right(staff, cases)
    kinds = [kind or later for (kind, _), (later, _) in zip(verdicts, ended, strict=True)]
    table.add_row(f"service: {name}", kinds, [recovery])
    assert not any(kinds), [*verdicts, *ended]


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def write_work(platform: Platform, ids: list[str]) -> None:
    name, content = WORK
    for each in ids:
        (platform.workspace(each) / "files" / name).write_bytes(content)


def wait_until_right(staff: Staff, cases: Sequence[Case]) -> list[Verdict]:
    """The verdicts once all are right, or after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while True:
        verdicts = staff.judge.verdicts(cases)
        if not any(kind for kind, _ in verdicts) or time.monotonic() > deadline:
            return verdicts
        time.sleep(0.3)


def check_extensions(staff: Staff, interview_id: str, answers: list[Answer]) -> None:
    """Each that was accepted counts once, and one without an answer at most once."""
    moments = staff.call(f"/api/interviews/{interview_id}")[1]["timeline"]
    extended = [moment for moment in moments if moment["what"] == "extended"]
    accepted = [status for status, _ in answers if status in ACCEPTED]
    assert len(accepted) <= len(extended) <= len(answers), (moments, answers)


def check_answers(answers: list[Answer], refusals: Collection[int]) -> None:
    """Each was answered, or refused with a sentence."""
    assert {status for status, _ in answers} <= {*ACCEPTED, *refusals}, answers
    for status, answer in answers:
        if status not in {*ACCEPTED, 0}:
            assert answer["error"]["message"].endswith("."), answer


def ask_until_answered(ask: Callable[[str], Answer], interview_id: str) -> None:
    """A conflict says that it was done already."""
    deadline = time.monotonic() + PATIENCE
    while (status := ask(interview_id)[0]) not in {*ACCEPTED, 409}:
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
