"""Kills a real process before each effect of each scenario: `python -m tests.faults.kills.driver`.

It runs beside a platform, with the environment of its workers, and is told their processes. Each
act runs in a process of its own, forked from this one, which has loaded the platform and opened
nothing: so a kill costs a fraction of a second. While the processes of a wave act and die, the
platform's workers stand still; then they go on, and a judge waits until everything is right.
"""

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import django

# Processes that act at the same time, and in one wave.
AT_ONCE = 4
WAVE = 48
# How long the others have, once the workers go on, and again once a run is right: two leases. All
# of a wave share the places for checks, so the last one waits for the checks of the others.
PATIENCE = 120.0  # seconds
# The exit code of a process that was not to be killed. An own one: 0 is anybody's.
PASSED = 100


@dataclass
class Run:
    """One scenario, with the death of its process before one point; -1: it lives."""

    scenario: str
    point: int
    number: int
    case: dict[str, Any] = field(default_factory=dict)
    where: str = ""
    exit_code: int = 0
    # How many points its process passed, if it lives.
    passed: int = 0
    was_asked_again: bool = False
    kind: str = "lost"
    problem: str = "its process failed; driver.log has the traceback"
    recovery: float = 0.0

    @property
    def has_failed(self) -> bool:
        """Whether its process ended in a way of its own."""
        return self.exit_code not in {-signal.SIGKILL, PASSED}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="for the notes of the processes")
    parser.add_argument("--worker", type=int, action="append", default=[], help="a process to stop")
    parser.add_argument("--only", help="a pattern for their names", default="")
    parser.add_argument("--points", type=int, default=0, help="the most of a scenario; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="which points, if not all")
    arguments = parser.parse_args()
    django.setup()
    _load_everything()
    from tests.faults.kills.scenarios import SCENARIOS

    names = [each.name for each in SCENARIOS if re.search(arguments.only, each.name)]
    driver = Driver(arguments.folder, arguments.worker)
    lives = driver.run_wave([Run(name, -1, driver.next_number()) for name in names])
    picks = random.Random(arguments.seed)
    runs = [
        Run(each.scenario, point, driver.next_number())
        for each in lives
        for point in some_of(range(each.passed), arguments.points, picks)
    ]
    # Those of one scenario do alike: in one wave, all would wait for the same.
    picks.shuffle(runs)
    done = [*lives]
    for first in range(0, len(runs), WAVE):
        done += driver.run_wave(runs[first : first + WAVE])
        for each in done[-WAVE:]:
            if each.kind:
                sys.stderr.write(f"{each}\n")
        sys.stderr.write(f"{len(done)} of {len(lives) + len(runs)}\n")
    sys.stdout.write(json.dumps([asdict(each) for each in done]))
    return 0


def some_of(points: Sequence[int], most: int, picks: random.Random) -> Sequence[int]:
    """At most so many of the points, in their order; 0 for all."""
    return sorted(picks.sample(points, most)) if 0 < most < len(points) else points


def _load_everything() -> None:
    """Do once what each process would do again; nothing here opens a connection."""
    from celery import current_app
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import get_resolver

    from operations.management.commands.create_tables import TABLES
    from tests.faults.kills import processes

    current_app.loader.import_default_modules()
    get_resolver().url_patterns  # noqa: B018 - it imports every view
    WSGIHandler()
    # Each client reads ten megabytes of what botocore knows of AWS.
    for model in TABLES:
        model._get_connection().connection.client  # noqa: B018
    assert processes


class Driver:
    """Forks the processes of each wave, and the judge who looks at them."""

    def __init__(self, folder: Path, workers: Sequence[int]) -> None:
        self._folder = folder
        self._workers = workers
        self._numbers = iter(range(1_000_000))

    def next_number(self) -> int:
        return next(self._numbers)

    def run_wave(self, runs: Sequence[Run]) -> list[Run]:
        """Let the processes act and die, and return the runs as they were judged."""
        with self._workers_stopped():
            for run, code in self._forked(runs):
                run.exit_code = code
                if run.has_failed and run.point < 0:
                    raise ChildProcessError(f"{run} could not act: its traceback is above")
            _wait(_fork(_expire_leases_of_the_dead))
        for run in runs:
            self._read_notes(run)
        path = self._folder / f"judged-{runs[0].number}"
        _wait(_fork(lambda: path.write_text(json.dumps([asdict(r) for r in judge(runs)]))))
        return [Run(**each) for each in json.loads(path.read_text())]

    def _forked(self, runs: Sequence[Run]) -> Iterator[tuple[Run, int]]:
        """Each run with its process's exit code; AT_ONCE are running."""
        left = list(runs)
        running: dict[int, Run] = {}
        while left or running:
            while left and len(running) < AT_ONCE:
                run = left.pop(0)
                running[_fork(partial(act, run, self._folder))] = run
            pid, status = os.wait()
            yield running.pop(pid), os.waitstatus_to_exitcode(status)

    @contextmanager
    def _workers_stopped(self) -> Iterator[None]:
        self._stop_workers()
        try:
            yield
        finally:
            for pid in self._workers:
                os.kill(pid, signal.SIGCONT)

    def _stop_workers(self) -> None:
        """Not while one holds the database: nobody could write until it goes on."""
        for _ in range(100):
            for pid in self._workers:
                os.kill(pid, signal.SIGSTOP)
            # A signal takes a moment, in which a worker may still lock the database.
            while not all(map(_is_stopped, self._workers)):
                time.sleep(0.01)
            if not _is_database_locked():
                return
            for pid in self._workers:
                os.kill(pid, signal.SIGCONT)
            time.sleep(0.1)
        raise TimeoutError("the database is always locked")

    def _read_notes(self, run: Run) -> None:
        for name in ("case", "where", "passed"):
            path = self._folder / f"{run.number}.{name}"
            if path.exists():
                setattr(run, name, json.loads(path.read_text()))


def act(run: Run, folder: Path) -> None:
    """Prepare the scenario, and act until this process kills itself."""
    from tests.faults.kills import effects
    from tests.faults.kills.effects import Effect, Points
    from tests.faults.kills.processes import Processes

    world = Processes()
    scenario = scenario_of(run)
    case = scenario.prepare(world)
    note = folder / f"{run.number}.case"
    note.write_text(json.dumps(case))
    points, passed = Points(), 0

    def strike(effect: Effect) -> None:
        nonlocal passed
        if points.is_point(effect):
            if passed == run.point:
                (folder / f"{run.number}.where").write_text(json.dumps(str(effect)))
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1

    with effects.watched(strike):
        scenario.act(world, case)
    note.write_text(json.dumps(case))
    # An exit code has eight bits.
    (folder / f"{run.number}.passed").write_text(json.dumps(passed))
    os._exit(PASSED)


def judge(runs: Sequence[Run]) -> Sequence[Run]:
    """Wait until everything about the runs is right, until none gets right for PATIENCE."""
    from tests.faults.kills.processes import Processes

    world = Processes()
    began = latest = time.monotonic()
    waiting = [run for run in runs if not run.has_failed]
    while waiting and time.monotonic() < latest + PATIENCE:
        for run in list(waiting):
            if _is_right(world, run):
                latest = time.monotonic()
                run.recovery = latest - began
                waiting.remove(run)
        time.sleep(0.2)
    return runs


def _is_right(world: Any, run: Run) -> bool:
    from tests.faults.kills import invariants
    from tests.faults.kills.world import describe, is_settled

    scenario, case = scenario_of(run), run.case
    try:
        if not is_settled(case):
            run.problem = f"it does not settle: {describe(case)}"
            return False
        if scenario.by_person and not run.was_asked_again:
            if "id" in case:
                invariants.check(world, case)
            run.was_asked_again = True
            if not scenario.is_done(world, case):
                scenario.act(world, case)
                return False
        if not scenario.is_done(world, case):
            run.problem = f"it is not done: {describe(case)}"
            return False
        if "id" in case:
            invariants.check(world, case)
        _clear(case)
    except invariants.BrokenError as error:
        run.kind, run.problem = error.kind, f"{error}: {describe(case)}"
        return False
    except Exception:  # noqa: BLE001 - the last one is shown
        run.kind, run.problem = "lost", traceback.format_exc()
        return False
    run.kind = run.problem = ""
    return True


def _expire_leases_of_the_dead() -> None:
    """Nobody else dies after this: a worker that lives, and is slow, keeps what it takes then."""
    from tests.faults.kills.world import expire_long_leases

    expire_long_leases()


def _clear(case: dict[str, Any]) -> None:
    """End what still runs: the machine fills up with editors, and each webhook hears everything."""
    from interviews import queries
    from interviews.lifecycle import Status
    from operations import actions
    from operations.webhooks.models import Webhook

    Webhook.objects.filter(pk=case.get("webhook", 0)).update(is_active=False)
    interview = queries.get_interview(case.get("id", "-"))
    if interview is not None and interview.state is Status.ACTIVE:
        actions.revoke(interview, by="recruiter")


def scenario_of(run: Run) -> Any:
    from tests.faults.kills.scenarios import SCENARIOS

    return next(each for each in SCENARIOS if each.name == run.scenario)


def _is_stopped(pid: int) -> bool:
    """Whether each thread of the process stands still."""
    for status in Path(f"/proc/{pid}/task").glob("*/stat"):
        # A name may have any characters, also a closing bracket. A thread may be gone by now.
        with suppress(FileNotFoundError, ProcessLookupError):
            if status.read_text().rpartition(")")[2].split()[0] not in "TtZX":
                return False
    return True


def _is_database_locked() -> bool:
    from django.conf import settings

    with closing(sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        database.rollback()
        return False


def _fork(work: Callable[[], object]) -> int:
    """The pid of a child that does the work, and exits with 1 if that fails."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException:  # noqa: BLE001 - nothing may go on after it in this process
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _wait(pid: int) -> None:
    _, status = os.waitpid(pid, 0)
    if status:
        raise ChildProcessError(f"the judge ended with {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    sys.exit(main())
