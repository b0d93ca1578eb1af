"""A process is killed, or stopped for longer than its leases, before each of its effects in turn.

Everything runs in this process here, which is quick: death is an exception that nothing catches,
and after which nothing has an effect. `make test-faults` does the same to real processes.
"""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.contrib.auth.models import User
from django.db import connection
from pynamodb.exceptions import PynamoDBException

from interviews.models import Interview
from operations import models
from operations.checks import places
from operations.provisioners import checks as runners
from operations.webhooks.models import Webhook
from operations.worker import handler
from operations.worker.runner import run_operation
from tests import legacy_rows
from tests.fakes import OnMachinesAnswersLate
from tests.faults.kills import effects, invariants
from tests.faults.kills.check_runs import MemoryRunner
from tests.faults.kills.effects import Effect
from tests.faults.kills.scenarios import SCENARIOS
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.world import Case, InProcess, another_process, describe
from tests.receiver import Receiver

# As in a process: what it has committed stays, and what it has not is undone.
pytestmark = pytest.mark.django_db(transaction=True)

# More than any scenario has: one that never ends would run for ever.
MOST_EFFECTS = 150


# The others run by `make test-faults`.
QUICK = {"create", "end", "press start", "webhook delivery", "migration", "checks"}


def parameters(scenarios: Iterable[Scenario], quick: Collection[str]) -> list[Any]:
    return [
        pytest.param(each, id=each.name, marks=() if each.name in quick else pytest.mark.faults)
        for each in scenarios
    ]


Fault = Callable[[Case], None]
# What an act may raise while a table refuses: its caller logs it, or answers with 503.
EXPECTED_ERRORS = (PynamoDBException, KeyError)


class Killed(BaseException):
    """The process is killed: nothing catches it, and nothing happens after it."""


@pytest.fixture
def world(
    challenge: Any,
    use_engine: Callable[..., OnMachinesAnswersLate],
    enqueued: list[tuple[str, str]],
    staff: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[InProcess]:
    # A workspace that does not answer is asked again after a second, which nothing here is worth.
    monkeypatch.setattr(handler.shutdown_requested, "wait", lambda seconds: False)
    # A worker has threads for checks.
    monkeypatch.setattr(places, "start_runs", places.run_until_none_is_due)
    engine, runner = use_engine(OnMachinesAnswersLate()), MemoryRunner()
    monkeypatch.setitem(runners.RUNNERS, settings.PROVISIONER, lambda: runner)
    settings.MAIL_IS_ON = settings.WEBHOOK_ALLOW_PRIVATE = True
    settings.SITE_URL = "https://tests.example.com"
    settings.LEGACY_TAKEHOME_TABLE = legacy_rows.TAKEHOME
    legacy_rows.create(Interview._get_connection().connection.client, legacy_rows.TAKEHOME)
    with Receiver() as receiver:
        world = InProcess(engine, runner, enqueued, receiver)
        world.open_browsers(staff)
        yield world


class Strike:
    """Lets `number` of the points that it picks pass, and calls the fault at the next one.

    Unless the fault is over then, it is called at all effects after that one, too.
    """

    def __init__(
        self,
        number: int,
        fault: Fault,
        case: Case,
        picks: Callable[[Effect], bool],
        *,
        lasts: bool,
    ) -> None:
        self._left = number
        self._fault = fault
        self._case = case
        self._picks = picks
        self._lasts = lasts
        self._points = effects.Points()
        self.effect: Effect | None = None

    def __call__(self, effect: Effect) -> None:
        is_first = self.effect is None and self._points.is_point(effect) and self._picks(effect)
        if is_first:
            self._left -= 1
            is_first = self._left < 0
        if is_first:
            self.effect = effect
        if is_first or (self._lasts and self.effect is not None):
            self._fault(self._case)


def each_effect(
    world: InProcess,
    scenario: Scenario,
    fault: Fault,
    *,
    picks: Callable[[Effect], bool] = lambda effect: True,
    lasts: bool = True,
) -> Iterator[tuple[Case, Effect]]:
    """Run the scenario again and again, with the fault before its first effect, its second, ..."""
    for number in range(MOST_EFFECTS):
        case = scenario.prepare(world)
        strike = Strike(number, fault, case, picks, lasts=lasts)
        with effects.watched(strike), contextlib.suppress(Killed, *EXPECTED_ERRORS):
            scenario.act(world, case)
        if strike.effect is None:
            return
        yield case, strike.effect
        # It would be told of all that comes.
        Webhook.objects.filter(pk=case.get("webhook", 0)).update(is_active=False)
    pytest.fail("it never ends")


def die(case: Case) -> None:
    raise Killed


def check_end(world: InProcess, scenario: Scenario, case: Case, effect: Effect) -> None:
    try:
        world.settle(case)
        if scenario.by_person:
            check(world, case)
            if not scenario.is_done(world, case):
                scenario.act(world, case)
                world.settle(case)
        assert scenario.is_done(world, case), "it is not done"
        check(world, case)
    except AssertionError as error:
        pytest.fail(f"{scenario}, before effect {effect}: {error}\n{describe(case)}")


def check(world: InProcess, case: Case) -> None:
    if "id" in case:
        invariants.check(world, case)


@pytest.mark.parametrize("scenario", parameters(SCENARIOS, QUICK))
def test_process_killed_before_any_effect_loses_and_doubles_nothing(
    world: InProcess, scenario: Scenario
) -> None:
    for case, effect in each_effect(world, scenario, die):
        check_end(world, scenario, case, effect)


def check_leases(world: InProcess, case: Case) -> None:
    """While a lease lasts, another worker that gets the message, too, does nothing."""
    operations = models.list_operations(case["id"]) if "id" in case else []
    for operation in operations:
        if operation.is_leased:
            before = len(world.engine.specs), len(world.engine.destroyed)
            run_operation(operation.id)
            after = len(world.engine.specs), len(world.engine.destroyed)
            assert before == after, "two workers act on one workspace"
            current = models.get_operation(operation.id)
            assert current is not None
            assert current.lease_owner == operation.lease_owner, "the lease was taken"


@pytest.mark.parametrize("scenario", parameters(SCENARIOS, {"press start", "create"}))
def test_process_that_stood_still_before_any_effect_loses_and_doubles_nothing(
    world: InProcess, scenario: Scenario
) -> None:
    """It goes on when its leases are over and others have done all the work."""
    check_standing_still(world, scenario)


def check_standing_still(world: InProcess, scenario: Scenario) -> None:
    def stand_still(case: Case) -> None:
        # In a transaction it would hold up the others, and end when it is killed.
        if not is_over and not connection.in_atomic_block:
            is_over.append(True)
            with another_process():
                check_leases(world, case)
                world.settle(case)

    is_over: list[bool] = []
    for case, effect in each_effect(world, scenario, stand_still):
        is_over.clear()
        check_end(world, scenario, case, effect)


@pytest.mark.parametrize("scenario", parameters(SCENARIOS, {"create", "end"}))
def test_table_that_refuses_any_write_once_loses_and_doubles_nothing(
    world: InProcess, scenario: Scenario
) -> None:
    """As a table does that is asked more often than it was provisioned for."""
    written = {"PutItem", "UpdateItem", "DeleteItem"}

    def is_write(effect: Effect) -> bool:
        return effect.what.partition(" ")[0] in written

    def refuse(case: Case) -> None:
        error = {"Code": "ProvisionedThroughputExceededException", "Message": "Slow down."}
        raise ClientError({"Error": error}, "UpdateItem")

    for case, effect in each_effect(world, scenario, refuse, picks=is_write, lasts=False):
        check_end(world, scenario, case, effect)
