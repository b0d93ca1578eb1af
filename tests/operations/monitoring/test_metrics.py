"""The Prometheus metrics of operations."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from interviews.models import Interview
from operations import actions
from operations.lifecycle import OperationType
from operations.monitoring import metrics
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Broken, CannotSave, FakeProvisioner

Counted = Callable[[], dict[str, float]]


def samples(prefix: str) -> dict[str, float]:
    return {
        " ".join([sample.name.removeprefix("takehome_"), *sample.labels.values()]): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name.startswith(prefix)
    }


@pytest.fixture
def counted_since_start() -> Counted:
    """Call it for the counters that changed since the test began."""
    before = samples("takehome_operation")

    def since() -> dict[str, float]:
        now = samples("takehome_operation")
        return {name: n - before.get(name, 0) for name, n in now.items() if n != before.get(name)}

    return since


def test_every_series_exists_before_its_first_count() -> None:
    names = set(samples("takehome_operations_total"))
    assert {
        f"operations_total {type_.value} {outcome}"
        for type_ in OperationType
        for outcome in ("completed", "failed", "cancelled")
    } <= names


def test_start_and_end_are_counted(
    take_home: Interview, engine: FakeProvisioner, counted_since_start: Counted
) -> None:
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    assert counted_since_start() == {"operations_total create completed": 1}
    actions.submit(fresh(take_home), by="candidate")
    run_until_idle(take_home)
    assert counted_since_start() == {
        "operations_total create completed": 1,
        "operations_total destroy completed": 1,
    }


def test_failed_start_is_counted_as_failed(
    take_home: Interview, use_engine: Callable[..., FakeProvisioner], counted_since_start: Counted
) -> None:
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    assert counted_since_start() == {"operations_total create failed": 1}


def test_cancelled_operation_is_counted_once(
    take_home: Interview, engine: FakeProvisioner, counted_since_start: Counted
) -> None:
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    actions.cancel(operation, by="recruiter")
    actions.cancel(operation, by="recruiter")
    runner.run_operation(operation.id)
    assert counted_since_start() == {"operations_total create cancelled": 1}


def test_retried_teardown_is_counted_as_a_retry(
    take_home: Interview, use_engine: Callable[..., FakeProvisioner], counted_since_start: Counted
) -> None:
    use_engine(CannotSave())
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    runner.run_operation(actions.submit(fresh(take_home), by="candidate"))
    assert counted_since_start() == {
        "operations_total create completed": 1,
        "operation_retries_total destroy": 1,
    }


# -- durations -------------------------------------------------------------------------------------

BEGAN = datetime(2030, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def timed(engine: str) -> dict[str, tuple[float, float]]:
    """The count and the total seconds of each step that was timed on this engine."""
    durations = {}
    for step in ("queue", "provision", "configure", "save", "destroy"):
        labels = {"engine": engine, "type": "create", "step": step}
        count = REGISTRY.get_sample_value("takehome_step_seconds_count", labels)
        total = REGISTRY.get_sample_value("takehome_step_seconds_sum", labels)
        if count is not None and total is not None:
            durations[step] = (count, total)
    return durations


def test_step_lasts_until_the_next_one_begins() -> None:
    steps = [("provision", after(1.5)), ("configure", after(21.5))]
    metrics.observe_steps("test-plain", "create", BEGAN, steps, after(30))
    assert timed("test-plain") == {"queue": (1, 1.5), "provision": (1, 20), "configure": (1, 8.5)}


def test_last_run_of_a_repeated_step_counts() -> None:
    steps = [("save", after(1)), ("save", after(61)), ("destroy", after(64))]
    metrics.observe_steps("test-repeated", "create", BEGAN, steps, after(65))
    assert timed("test-repeated") == {"queue": (1, 1), "save": (1, 3), "destroy": (1, 1)}


def test_differing_clocks_give_no_negative_duration() -> None:
    metrics.observe_steps("test-clocks", "create", BEGAN, [("provision", after(-2))], after(-1))
    assert timed("test-clocks") == {"queue": (1, 0), "provision": (1, 1)}


def test_operation_without_steps_was_only_queued() -> None:
    metrics.observe_steps("test-none", "create", BEGAN, [], after(4))
    assert timed("test-none") == {"queue": (1, 4)}


def test_steps_of_a_start_are_timed_by_engine(
    take_home: Interview, engine: FakeProvisioner
) -> None:
    before = timed("fake")
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    counts = {
        step: count - before.get(step, (0, 0))[0] for step, (count, _) in timed("fake").items()
    }
    assert counts == {"queue": 1, "provision": 1, "configure": 1}


def test_failed_start_is_not_timed(
    take_home: Interview, use_engine: Callable[..., FakeProvisioner]
) -> None:
    use_engine(Broken())
    before = timed("fake")
    actions.activate(take_home, by="candidate")
    run_until_idle(take_home)
    assert timed("fake") == before
