"""What so many take-homes a day need: `python -m bench.scale.simulate`, for docs/scale.md.

From what one costs (`bench.scale.life`), what a web process and a worker can do (`make bench`), and
how people use the platform (the assumptions below, each of which is an option), it works out
requests and money for DynamoDB, streams, processes and machines. It is arithmetic and measures
nothing: what goes in is printed with what comes out.
"""

import argparse
import dataclasses
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from bench.scale.life import Cost
from bench.scale.meter import Use

SECONDS_A_DAY = 86_400
DAYS_A_MONTH = 30
LEVELS = (1_000, 100_000, 1_000_000)
THREADS = 32
"""Of a worker."""


@dataclass(frozen=True)
class Assumptions:
    """How people use it, and what is paid: change them to your own."""

    minutes: float = 90
    """How long a test runs."""
    opened: float = 6
    """How often the candidate's page is opened or fetched again, beside the start."""
    looks_at_it: float = 10
    """How often staff opens the page of one."""
    dashboard: float = 5
    """How often the dashboard is fetched, for each test."""
    peak: float = 5
    """The busiest hour, as a multiple of the average one."""
    engine_seconds: float = 20
    """How long the engine takes to start a workspace."""
    open_pages: float = 1.1
    """Open pages for each running test: the candidate's, and one of staff for ten tests."""
    cpus: float = 2
    memory_gb: float = 2
    """Of a workspace."""
    machine_cpus: float = 16
    machine_gb: float = 64
    overbooked: float = 1
    """How many workspaces' processors share one: none with a swarm or Kubernetes, which reserve
    them. There the same comes of fewer `cpus`."""
    kept_days: float = 90
    row_kb: float = 42
    """What is stored of a test in all tables, with its log and its copies in indexes."""
    # US dollars, DynamoDB on demand, us-east-1, standard tables.
    read_million: float = 0.125
    write_million: float = 0.625
    stored_gb: float = 0.25
    """A month."""


@dataclass(frozen=True)
class Measured:
    """What one process can do; from `make bench`."""

    cpus_a_process: float = 1.0
    """Python runs one thread at a time."""
    busy: float = 0.7
    """The share of it that may be used at the peak."""
    stream_kb: float = 24
    streams_a_process: float = 4_000
    """As many as were measured."""
    delivery_ms: float = 0.07
    """Processor time to send one event to one page: 265 ms for all of 4,000."""
    events: float = 30
    """Events of one test."""


@dataclass(frozen=True)
class Need:
    """What a level needs."""

    tests_a_day: int
    running: float
    """At the same time, in the busiest hour."""
    starts_a_second: float
    requests_a_second: float
    writes_a_second: float
    """Write units of the table `interviews` and its indexes, in the busiest hour."""
    dynamodb_dollars: float
    """A month."""
    stored_gb: float
    pages: float
    web: int
    workers: int
    redis_mb: float
    machines: int


def whole_life(costs: dict[str, Cost], about: Assumptions) -> Cost:
    """Return what one test costs from the invitation to the end of its retention."""
    times = {
        "invited": 1,
        "opened, each time": about.opened,
        "started": 1,
        "a minute of a running test": about.minutes,
        "dashboard, each time": about.dashboard,
        "submitted": 1,
        "its page for staff, each time": about.looks_at_it,
        "deleted": 1,
    }
    whole = Cost()
    for name, number in times.items():
        whole.use.add(costs[name].use, number)
        for part, spent in costs[name].processor_ms.items():
            whole.processor_ms[part] = whole.processor_ms.get(part, 0) + spent * number
    return whole


def need(tests_a_day: int, costs: dict[str, Cost], about: Assumptions, can: Measured) -> Need:
    """Work out what so many tests a day need."""
    one, always = whole_life(costs, about), costs["a minute of the platform"]
    a_second = tests_a_day * about.peak / SECONDS_A_DAY
    running = a_second * about.minutes * 60
    pages = running * about.open_pages
    month = Use()
    month.add(one.use, tests_a_day * DAYS_A_MONTH)
    month.add(always.use, 24 * 60 * DAYS_A_MONTH)
    stored = tests_a_day * about.kept_days * about.row_kb / 1024**2
    dollars = (
        month.read_units / 1e6 * about.read_million
        + month.write_units / 1e6 * about.write_million
        + stored * about.stored_gb
    )
    # Every event goes to the candidate's page, and to every open page of staff.
    followers = 1 + running * (about.open_pages - 1)
    deliveries = a_second * can.events * followers * can.delivery_ms / 1000
    web_seconds = a_second * one.processor_ms["web"] / 1000 + deliveries
    worker_ms = one.processor_ms["worker"] + one.processor_ms["worker-ends"]
    by_processor = a_second * worker_ms / 1000 / (can.cpus_a_process * can.busy)
    by_threads = a_second * about.engine_seconds / THREADS / can.busy
    by_cpus = running * about.cpus / about.overbooked / about.machine_cpus
    by_memory = running * about.memory_gb / about.machine_gb
    web = max(web_seconds / (can.cpus_a_process * can.busy), pages / can.streams_a_process)
    return Need(
        tests_a_day=tests_a_day,
        running=running,
        starts_a_second=a_second,
        requests_a_second=a_second * one.use.requests + always.use.requests / 60,
        writes_a_second=a_second * one.use.write_units + always.use.write_units / 60,
        dynamodb_dollars=dollars,
        stored_gb=stored,
        pages=pages,
        web=max(2, math.ceil(web)),
        workers=max(2, math.ceil(max(by_processor, by_threads))),
        redis_mb=20 + pages * 0.001 + a_second * 60 * can.events * 0.0005,
        machines=math.ceil(max(by_cpus, by_memory)),
    )


def lines(needs: list[Need]) -> Iterator[str]:
    yield "| | " + " | ".join(f"{each.tests_a_day:,} a day" for each in needs) + " |"
    yield "|---|" + "--:|" * len(needs)
    for name, field, unit in (
        ("running at the same time, in the busiest hour", "running", ""),
        ("starts", "starts_a_second", " a second"),
        ("requests to DynamoDB", "requests_a_second", " a second"),
        ("write units, with indexes", "writes_a_second", " a second"),
        ("DynamoDB", "dynamodb_dollars", " $ a month"),
        ("stored", "stored_gb", " GB"),
        ("open pages", "pages", ""),
        ("web processes", "web", ""),
        ("workers", "workers", ""),
        ("Redis", "redis_mb", " MB"),
        ("machines for workspaces", "machines", ""),
    ):
        values = " | ".join(f"{_number(getattr(each, field))}{unit}" for each in needs)
        yield f"| {name} | {values} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def read_costs(path: Path) -> dict[str, Cost]:
    """Read what `bench.scale.life --json` wrote."""
    found = json.loads(path.read_text())
    return {name: Cost(Use(**each["use"]), each["processor_ms"]) for name, each in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("costs", type=Path, help="what bench.scale.life --json wrote")
    parser.add_argument("--tests", type=int, nargs="*", default=LEVELS, help="a day")
    for group in (Assumptions, Measured):
        for each in fields(group):
            option = f"--{each.name.replace('_', '-')}"
            parser.add_argument(option, type=float, default=each.default)
    asked = vars(parser.parse_args())
    about = Assumptions(**{each.name: asked[each.name] for each in fields(Assumptions)})
    can = Measured(**{each.name: asked[each.name] for each in fields(Measured)})
    costs = read_costs(asked["costs"])
    one = whole_life(costs, about)
    print(
        f"One test: {one.use.requests} requests, {one.use.read_units:.0f} read units, "
        f"{one.use.write_units:.0f} write units ({one.use.index_write_units:.0f} in indexes).\n"
    )
    for line in lines([need(each, costs, about, can) for each in asked["tests"]]):
        print(line)
    given = {**dataclasses.asdict(about), **dataclasses.asdict(can)}
    print("\nWith: " + ", ".join(f"{name} {value:g}" for name, value in given.items()))


if __name__ == "__main__":
    main()
