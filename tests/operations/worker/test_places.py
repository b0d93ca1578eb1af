"""Operations leave threads of their process free for ticks and other tasks."""

import threading
from types import SimpleNamespace

import pytest
from celery.signals import celeryd_after_setup

import operations.tasks  # noqa: F401 - it connects the signals
from interviews.lifecycle import Status
from operations import actions
from operations.worker import places, runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import BlocksProvision


@pytest.fixture(autouse=True)
def limit():
    """Call it with the number of threads of the process."""
    yield places.limit_operations
    places.remove_limit()


@pytest.mark.parametrize(("threads", "count"), [(32, 30), (8, 6), (3, 1), (2, 1), (1, 1)])
def test_all_but_two_threads_are_for_operations(limit, threads, count):
    limit(threads)
    taken = [places.take_place() for _ in range(count + 1)]
    assert [place.__enter__() for place in taken] == [True] * count + [False]
    for place in taken:
        place.__exit__(None, None, None)
    with places.take_place() as has_place:
        assert has_place


def test_operation_without_a_place_comes_back_later(limit, invite, use_engine, enqueued):
    limit(3)
    engine = use_engine(BlocksProvision())
    first, second = invite(), invite()
    held = actions.activate(first, by="candidate")
    worker = threading.Thread(target=runner.run_operation, args=[held])
    worker.start()
    assert engine.entered.wait(20)
    waiting = actions.activate(second, by="candidate")
    enqueued.clear()
    runner.run_operation(waiting)
    assert enqueued == [("operations.run", waiting)]
    assert fresh(second).state is Status.ACTIVATED
    engine.release.set()
    worker.join(20)
    assert run_until_idle(second).state is Status.ACTIVE


def test_worker_process_has_the_limit_of_its_threads(limit):
    celeryd_after_setup.send("worker@here", instance=SimpleNamespace(concurrency=3), conf=None)
    with places.take_place() as first, places.take_place() as second:
        assert (first, second) == (True, False)
