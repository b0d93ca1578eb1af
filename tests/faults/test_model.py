"""A model of the life cycle: everything that may happen to interviews, in any order.

Staff and candidates act on what they read a while ago, time passes, messages are lost, delivered
twice or in another order, engines fail, and processes are killed, stand still or find the tables
away in the middle of what they do. `tests/faults/lifecycle` has the platform that this happens to,
and what must hold: `rules` at each write, `Witness.check` after each step, `settle` in the end.

`make test` tries the same fifty short sequences each time, and `make test-faults` a hundred longer
ones, which are new each time. `make model RUNS=5000` tries thousands, about five in a second of a
processor.
"""

import logging
import os
from typing import Any

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from interviews.challenges import versions
from operations.reaper.models import Orphan
from tests.dynamodb.server import DynamoDB
from tests.faults.lifecycle.engine import CALLS, FAILURES
from tests.faults.lifecycle.faults import Fault, FaultKind
from tests.faults.lifecycle.settle import forget, settle
from tests.faults.lifecycle.world import World

MANY = int(os.environ.get("MODEL_EXAMPLES", "0"))
# How many new ones are tried in each run of `make test-faults`, and the most steps of a long one.
NEW, LONG = 100, 40

# Which interview, message or orphan; the tens say how long ago it was read.
WHO = st.integers(0, 3)
READER = WHO | st.builds(lambda who, age: who + 10 * age, WHO, st.integers(1, 11))
MEANWHILE = (
    *("deliver", "deliver_all", "tick", "watch", "scan", "relay", "clean_up", "work", "delete"),
    *("activate", "submit", "end", "end_unsaved", "revoke", "retry", "extend", "shorten"),
    *("reopen", "cancel", "crash"),
)


def faults(last: int) -> st.SearchStrategy[Fault | None]:
    """No fault, or one at any of that many moments."""
    return (
        st.none()
        | st.none()
        | st.builds(
            Fault,
            at=st.integers(1, last),
            kind=st.sampled_from(FaultKind),
            seconds=st.sampled_from([0, 3, 31, 61, 1300, 4000]),
            meanwhile=st.lists(st.tuples(st.sampled_from(MEANWHILE), READER), max_size=3).map(
                tuple
            ),
        )
    )


# An action is a few requests, what a worker does some dozens.
FAULT, WORKER_FAULT = faults(10), faults(45)


class Lifecycle(RuleBasedStateMachine):
    dynamodb: DynamoDB
    challenge: dict[str, list[Any]]

    def __init__(self) -> None:
        super().__init__()
        # An example that failed may have left something.
        Orphan.objects.all().delete()
        default_storage.delete("archives")
        self.dynamodb.clear()
        for table, items in self.challenge.items():
            for item in items:
                self.dynamodb.put(table, item)
        self.world = World(self.dynamodb)
        self.world.platform.open(self.world.do)
        self.is_broken = True

    @initialize(is_live=st.booleans(), steps=st.integers(0, 4))
    def begin(self, is_live: bool, steps: int) -> None:
        """The first interview, at the beginning, or running, or ended, or opened again."""
        if is_live:
            self.world.schedule(after=30)
        else:
            self.world.invite()
        for step in ("activate", "submit", "reopen", "submit")[:steps]:
            self.world.do(step, 0) if step != "activate" else self.world.activate(0, by="staff")
            self.world.deliver_all()
            self.world.work(0)
        self._check()

    def _check(self) -> None:
        self.is_broken = True
        self.world.check()
        self.is_broken = False

    # -- people ------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.ids) < 3)
    @rule(minutes=st.sampled_from([10, 60]), allowance=st.sampled_from([0, 33]), fault=FAULT)
    def invite(self, minutes: int, allowance: int, fault: Fault | None) -> None:
        self.world.invite(minutes=minutes, allowance=allowance, fault=fault)
        self._check()

    @precondition(lambda self: len(self.world.ids) < 3)
    @rule(after=st.sampled_from([None, 2, 90]), save_files=st.booleans(), fault=FAULT)
    def schedule(self, after: int | None, save_files: bool, fault: Fault | None) -> None:
        self.world.schedule(after=after, save_files=save_files, fault=fault)
        self._check()

    @rule(who=READER, by=st.sampled_from(["candidate", "staff"]), fault=FAULT)
    def activate(self, who: int, by: str, fault: Fault | None) -> None:
        self.world.activate(who, fault, by)
        self._check()

    @rule(who=READER, fault=FAULT)
    def submit(self, who: int, fault: Fault | None) -> None:
        self.world.submit(who, fault)
        self._check()

    @rule(who=READER, save=st.booleans(), fault=FAULT)
    def end(self, who: int, save: bool, fault: Fault | None) -> None:
        (self.world.end if save else self.world.end_unsaved)(who, fault)
        self._check()

    @rule(who=READER, fault=FAULT)
    def revoke(self, who: int, fault: Fault | None) -> None:
        self.world.revoke(who, fault)
        self._check()

    @rule(who=READER, by=st.sampled_from(["candidate", "staff"]), fault=FAULT)
    def retry(self, who: int, by: str, fault: Fault | None) -> None:
        self.world.retry(who, fault, by)
        self._check()

    @rule(who=READER, minutes=st.sampled_from([-30, -5, 1, 30]), fault=FAULT)
    def extend(self, who: int, minutes: int, fault: Fault | None) -> None:
        self.world.extend(who, minutes, fault)
        self._check()

    @rule(who=READER, fault=FAULT)
    def reopen(self, who: int, fault: Fault | None) -> None:
        self.world.reopen(who, fault)
        self._check()

    @rule(who=READER, fault=FAULT)
    def cancel(self, who: int, fault: Fault | None) -> None:
        self.world.cancel(who, fault)
        self._check()

    @rule(who=WHO, fault=FAULT)
    def delete(self, who: int, fault: Fault | None) -> None:
        self.world.delete(who, fault)
        self._check()

    @rule(who=WHO, is_kept=st.booleans())
    def decide_about_orphan(self, who: int, is_kept: bool) -> None:
        (self.world.keep_orphan if is_kept else self.world.end_orphan)(who)
        self._check()

    @rule(who=WHO)
    def work(self, who: int) -> None:
        self.world.work(who)
        self._check()

    # -- workers and the schedule ------------------------------------------------------------------

    @rule(which=WHO, again=st.booleans(), fault=WORKER_FAULT)
    def deliver(self, which: int, again: bool, fault: Fault | None) -> None:
        self.world.deliver(which, fault, again)
        self._check()

    @rule(which=st.just(0), fault=WORKER_FAULT)
    def deliver_next(self, which: int, fault: Fault | None) -> None:
        self.world.deliver(which, fault)
        self._check()

    @rule()
    def deliver_all(self) -> None:
        self.world.deliver_all()
        self._check()

    @rule(which=WHO)
    def lose(self, which: int) -> None:
        self.world.lose(which)
        self._check()

    @rule(
        job=st.sampled_from(["tick", "tick", "watch", "scan", "relay", "clean_up"]),
        fault=WORKER_FAULT,
    )
    def periodic(self, job: str, fault: Fault | None) -> None:
        getattr(self.world, job)(0, fault)
        self._check()

    # -- time and chance ---------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 16, 31, 61, 600, 4000, 90_000]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)
        self._check()

    @rule(who=WHO, late=st.sampled_from([-1, 0, 1, 100]))
    def pass_time_until_due(self, who: int, late: int) -> None:
        self.world.pass_time_until_due(who, late)
        self.world.tick()
        self._check()

    @rule(who=WHO, keeps_running=st.booleans())
    def fail_workspace(self, who: int, keeps_running: bool) -> None:
        (self.world.silence if keeps_running else self.world.crash)(who)
        self._check()

    @rule(
        call=st.sampled_from(CALLS),
        kinds=st.lists(st.sampled_from(FAILURES), min_size=1, max_size=3),
    )
    def fail_engine(self, call: str, kinds: list[str]) -> None:
        self.world.fail_engine(call, kinds)
        self._check()

    def teardown(self) -> None:
        try:
            if not self.is_broken:
                settle(self.world)
                forget(self.world)
        finally:
            self.world.platform.close()


@pytest.fixture
def machine(
    db: None, tables: None, dynamodb: DynamoDB, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> type[Lifecycle]:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    settings.PROVISIONER = "fake"
    # Thousands of failures are logged, with their tracebacks.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    versions.put_challenge(
        "word-count",
        name="Word count",
        description="Count the words of a text.",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Word count\n"},
    )
    monkeypatch.setattr(Lifecycle, "dynamodb", dynamodb, raising=False)
    rows = {name: dynamodb.scan({"TableName": name})["Items"] for name in dynamodb.tables}
    monkeypatch.setattr(Lifecycle, "challenge", rows, raising=False)
    return Lifecycle


@pytest.mark.long
@pytest.mark.timeout(0 if MANY else 600)
def test_any_sequence_of_actions_and_faults_keeps_the_rules(machine: type[Lifecycle]) -> None:
    live_through(machine, examples=MANY or 50, steps=LONG if MANY else 10, is_new=bool(MANY))


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_new_sequences_in_each_run_keep_the_rules(machine: type[Lifecycle]) -> None:
    live_through(machine, examples=NEW, steps=LONG, is_new=True)


def live_through(machine: type[Lifecycle], *, examples: int, steps: int, is_new: bool) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=not is_new,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
