"""Checks that are asked for twice in the same instant are queued once, whatever the database."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from interviews.dynamodb import now
from operations.checks import queue
from operations.checks.models import CheckResult, CheckRun, RunState, Subject
from tests.faults.shared_database import in_threads, shared_database

__all__ = ["shared_database"]

pytestmark = pytest.mark.usefixtures("shared_database", "stream", "enqueued")

PRESSES, SUBMISSIONS, VERSIONS = 4, 500, range(1, 11)
TIMEOUT = 30  # seconds, until the others count as failed
ASKED: list[dict[str, Any]] = [
    {"subject": Subject.SUBMISSION, "interview_id": "i", "archive_key": "a.tar.gz"},
    {"subject": Subject.STATE, "interview_id": "i", "progress_state": 3},
    {"subject": Subject.SOLUTION},
]
BEFORE = ("operations", "0028_trials_by_suite")
AFTER = ("operations", "0029_one_unfinished_check_run")


def test_all_of_a_challenge_at_the_same_time_queues_each_submission_once() -> None:
    archives = {f"takehome-{number}": f"{number}.tar.gz" for number in range(SUBMISSIONS)}
    connected = threading.Barrier(PRESSES, timeout=TIMEOUT)
    queued: list[CheckRun] = []

    def press(index: int) -> None:
        # The order differs, as a submission that comes between two presses is the first.
        items = list(archives.items())[:: -1 if index % 2 else 1]
        for version in VERSIONS:
            assert not CheckRun.objects.filter(version=version).exists()
            connected.wait()
            by = f"reviewer {index}"
            queued.extend(queue.queue_for_all("a", version, dict(items), by=by))
            connected.wait()

    in_threads(PRESSES, press)
    runs = list(CheckRun.objects.all())
    once = [(interview_id, version) for interview_id in archives for version in VERSIONS]
    assert sorted((run.interview_id, run.version) for run in runs) == sorted(once)
    # Each press is answered with its own.
    assert sorted(run.pk for run in queued) == sorted(run.pk for run in runs)


@pytest.mark.parametrize("automatic_key", [None, "k"])
def test_one_run_at_the_same_time_is_queued_once(
    automatic_key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, press = queue._known, threading.local()
    looked = threading.Barrier(PRESSES, timeout=TIMEOUT)

    def look_together(*values: Any) -> CheckRun | None:
        run = known(*values)
        if press.is_first_look:
            press.is_first_look = False
            looked.wait()
        return run

    monkeypatch.setattr(queue, "_known", look_together)
    answers: list[tuple[CheckRun, bool]] = []

    def ask(index: int) -> None:
        press.is_first_look = True
        # The others are asked for by hand.
        key = None if index else automatic_key
        answers.append(queue.queue_run(challenge_id="a", version=1, automatic_key=key, **asked))

    for asked in ASKED:
        in_threads(PRESSES, ask)
        run = CheckRun.objects.get(subject=asked["subject"])
        assert {each.pk for each, _ in answers} == {run.pk}
        assert sorted(is_new for _, is_new in answers) == [False] * (PRESSES - 1) + [True]
        assert run.automatic_key == automatic_key
        answers.clear()
        CheckRun.objects.update(automatic_key=None)


@pytest.fixture
def tables_before() -> Any:
    """The tables before the rule."""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    return executor.loader.project_state([BEFORE]).apps


def test_runs_that_are_queued_twice_become_one(tables_before: Any) -> None:
    runs = tables_before.get_model("operations", "CheckRun").objects
    times = {"queued_at": now(), "due_at": now()}

    def add(interview_id: str, state: str, **values: Any) -> Any:
        what = {"subject": "submission", "challenge_id": "a", "version": 1} | values
        return runs.create(interview_id=interview_id, state=state, **what, **times).pk

    add("i", "queued", automatic_key="k")
    running = add("i", "running", slot=0)
    add("i", "queued")
    others = [
        add("i", "finished"),
        add("i", "finished"),
        add("i", "failed"),
        add("i", "queued", version=2),
        add("i", "queued", archive_key="later"),
        add("i", "queued", subject="state", progress_state=1),
        add("i", "queued", subject="state", progress_state=2),
        add("j", "queued"),
    ]
    executor = MigrationExecutor(connection)
    executor.migrate([AFTER])
    assert set(CheckRun.objects.values_list("pk", flat=True)) == {running, *others}
    kept = CheckRun.objects.get(pk=running)
    assert (kept.state, kept.slot, kept.automatic_key) == (RunState.RUNNING, 0, "k")
    assert not CheckResult.objects.exists()
