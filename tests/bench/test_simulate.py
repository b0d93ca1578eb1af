"""The arithmetic of docs/scale.md."""

from dataclasses import replace

import pytest

from bench.scale.life import PARTS, Cost
from bench.scale.meter import Use
from bench.scale.simulate import Assumptions, Measured, lines, need, whole_life

STEPS = (
    "invited",
    "opened, each time",
    "started",
    "a minute of the platform",
    "a minute of a running test",
    "dashboard, each time",
    "submitted",
    "its page for staff, each time",
    "deleted",
)
ABOUT = Assumptions(minutes=60, opened=1, looks_at_it=1, dashboard=1, peak=1)
# One test a second.
TESTS = 86_400


def costs(**changed: Cost) -> dict[str, Cost]:
    """Return steps of which each makes one request, and spends 10 ms in each process."""
    each = Cost(Use(1, 1.0, 2.0, 1.0), dict.fromkeys(PARTS, 10.0))
    return dict.fromkeys(STEPS, each) | {name.replace("_", " "): c for name, c in changed.items()}


def test_whole_life_counts_each_step_as_often_as_it_happens() -> None:
    one = whole_life(costs(), ABOUT)
    # Seven steps that happen once, and sixty minutes.
    assert (one.use.requests, one.use.write_units) == (67, 134)
    assert one.processor_ms["web"] == 670


def test_what_a_level_needs() -> None:
    found = need(TESTS, costs(), ABOUT, Measured())
    assert found.starts_a_second == 1
    assert found.running == 3600
    assert found.requests_a_second == pytest.approx(67, abs=1)
    # 134 write units of each test, and 2 each minute in any case.
    month = 30 * (TESTS * 134 + 24 * 60 * 2) / 1e6 * ABOUT.write_million
    reads = 30 * (TESTS * 67 + 24 * 60) / 1e6 * ABOUT.read_million
    assert found.dynamodb_dollars == pytest.approx(month + reads + found.stored_gb * 0.25)
    # 20 seconds of the engine for each start, on 32 threads of which 70 % may be busy: one worker.
    assert found.workers == 2
    assert need(TESTS, costs(), replace(ABOUT, engine_seconds=200), Measured()).workers == 9


@pytest.mark.parametrize(("field", "value"), [("web", 7), ("machines", 113)])
def test_machines_follow_from_memory_and_processes_from_pages(field: str, value: int) -> None:
    about = replace(ABOUT, open_pages=7, overbooked=16)
    idle = dict.fromkeys(STEPS, Cost(Use(), dict.fromkeys(PARTS, 0.0)))
    found = need(TESTS, idle, about, Measured(delivery_ms=0))
    assert getattr(found, field) == value


def test_work_of_web_processes_grows_with_the_square_of_the_tests() -> None:
    # Each event goes to each page of staff, of which there are as many more.
    idle = dict.fromkeys(STEPS, Cost(Use(), dict.fromkeys(PARTS, 0.0)))
    once, twice = (need(each * TESTS, idle, ABOUT, Measured()).web for each in (10, 20))
    assert twice == pytest.approx(4 * once, rel=0.02)
    assert once > 100


def test_table_has_a_column_for_each_level() -> None:
    table = list(lines([need(each, costs(), ABOUT, Measured()) for each in (1_000, 100_000)]))
    assert table[0] == "| | 1,000 a day | 100,000 a day |"
    assert {line.count("|") for line in table} == {4}
