"""What one take-home costs, step by step: requests to the tables, their units, processor time.

`python -m bench.scale.life` lives some through `make run` with an engine in memory: invited,
opened, started, submitted, looked at, deleted. What goes on by itself, with and without running
tests, is measured over some minutes, and told for one minute.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.monday import GIVE_UP_AFTER, ActiveTimes
from bench.scale.meter import Meter, Use
from bench.stack import Stack

ENGINE_SECONDS = 2.0
NO_CONTENT = 204
PARTS = ("web", "worker", "worker-ends")
# Tests that run at the same time, so that what one costs in a minute stands out.
TOGETHER = 20


@dataclass
class Cost:
    """Of one step of one test, or of one minute."""

    use: Use = field(default_factory=Use)
    processor_ms: dict[str, float] = field(default_factory=dict)
    """Of each kind of process."""


class Statuses(ActiveTimes):
    """Each status that an interview had, as a page of staff hears it."""

    def __init__(self, stack: Stack) -> None:
        self.statuses: set[tuple[str, str]] = set()
        super().__init__(stack)

    def _hear(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        event = json.loads(value) if name == b"data" else None
        # Those of its operations have statuses as well.
        if isinstance(event, dict) and "status" in event and "operationId" not in event:
            self.statuses.add((event["interviewId"], event["status"]))


class Life:
    """Lives `TOGETHER` take-homes at once through a platform, and keeps what each step cost."""

    def __init__(self, stack: Stack, meter: Meter) -> None:
        self.stack, self.meter = stack, meter
        self.costs: dict[str, Cost] = {}
        self._staff = stack.signed_in()
        self._heard = Statuses(stack)

    def run(self, minutes: float) -> dict[str, Cost]:
        """`minutes` is how long what goes by itself is watched, each time."""
        stack = self.stack
        # The first of everything imports, connects and fills what is remembered.
        warm = stack.invite(1)[0]
        self._start(warm)
        self._await("active", [warm])
        self._get(f"/take-home/{warm['passcode']}/")
        self._look_at_pages(warm)
        self._submit(warm)
        self._await("completed", [warm])
        self._settle()

        idle = self._watch(minutes)
        invited: list[dict[str, Any]] = []
        with self.step("invited"):
            invited = stack.invite(TOGETHER)
        with self.step("opened, each time"):
            self._each(invited, lambda each: self._get(f"/take-home/{each['passcode']}/"))
        # Before any runs: those write each minute.
        with self.step("dashboard, each time"):
            self._each(invited, lambda each: self._look("/"))
        with self.step("started"):
            self._each(invited, self._start)
            self._await("active", invited)
        running = self._watch(minutes)
        self.costs["a minute of the platform"] = idle
        self.costs["a minute of a running test"] = _part(running, idle, 1 / TOGETHER)
        with self.step("submitted"):
            self._each(invited, self._submit)
            self._await("completed", invited)
        with self.step("its page for staff, each time"):
            self._each(invited, self._look_at_pages)
        with self.step("deleted"):
            self._each(invited, self._delete)
            self._settle()
        return self.costs

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What happens in the block is a step of each of the tests."""
        use, processor = self.meter.so_far(), self.stack.processor_seconds()
        yield
        self._settle()
        spent = self.stack.processor_seconds()
        cost = Cost()
        cost.use.add(self.meter.so_far().minus(use), 1 / TOGETHER)
        for part in PARTS:
            cost.processor_ms[part] = 1000 * (spent[part] - processor[part]) / TOGETHER
        self.costs[name] = cost

    def _watch(self, minutes: float) -> Cost:
        use, processor = self.meter.so_far(), self.stack.processor_seconds()
        time.sleep(60 * minutes)
        spent = self.stack.processor_seconds()
        cost = Cost()
        cost.use.add(self.meter.so_far().minus(use), 1 / minutes)
        for part in PARTS:
            cost.processor_ms[part] = 1000 * (spent[part] - processor[part]) / minutes
        return cost

    def _settle(self) -> None:
        """Wait until nothing was asked of the tables for a second, or for ten seconds."""
        until = time.monotonic() + 10
        before = -1
        while (now := self.meter.so_far().requests) != before and time.monotonic() < until:
            before = now
            time.sleep(1)

    def _each(self, invited: list[dict[str, Any]], act: Callable[[dict[str, Any]], None]) -> None:
        for each in invited:
            act(each)

    def _start(self, interview: dict[str, Any]) -> None:
        self.stack.press_start(interview, self.stack.confirmation(interview))

    def _submit(self, interview: dict[str, Any]) -> None:
        body = {"passcode": interview["passcode"]}
        self.stack.call("POST", f"/api/interviews/{interview['id']}/destroy", body)

    def _delete(self, interview: dict[str, Any]) -> None:
        address = f"{self.stack.origin}/api/interviews/{interview['id']}"
        headers = {"Authorization": f"Bearer {self.stack.token}"}
        answer = requests.delete(address, headers=headers, timeout=30)
        if answer.status_code != NO_CONTENT:
            raise SystemExit(f"A test was not deleted: {answer.text}")

    def _look_at_pages(self, interview: dict[str, Any]) -> None:
        self._look(f"/interviews/{interview['id']}/")

    def _look(self, path: str) -> None:
        self._staff.get(self.stack.origin + path, timeout=30).raise_for_status()

    def _get(self, path: str) -> None:
        requests.get(self.stack.origin + path, timeout=30).raise_for_status()

    def _await(self, status: str, invited: list[dict[str, Any]]) -> None:
        """Wait for the events of all of them: reading rows would cost what is measured."""
        deadline = time.monotonic() + GIVE_UP_AFTER
        wanted = {(each["id"], status) for each in invited}
        while missing := wanted - self._heard.statuses:
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(missing)} tests did not become {status}.")
            time.sleep(0.2)


def _part(running: Cost, idle: Cost, share: float) -> Cost:
    cost = Cost()
    cost.use.add(running.use.minus(idle.use), share)
    for part, spent in running.processor_ms.items():
        cost.processor_ms[part] = (spent - idle.processor_ms[part]) * share
    return cost


@contextmanager
def living(minutes: float) -> Iterator[tuple[Life, dict[str, Cost]]]:
    """A platform behind a meter, and what the steps of a take-home cost there."""
    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(Path(folder) / "tables")
        with meter.running() as url:
            stack = Stack(Path(folder), engine_seconds=ENGINE_SECONDS, meter_url=url)
            try:
                stack.start()
                life = Life(stack, meter)
                yield life, life.run(minutes)
            finally:
                stack.stop()


HEADER = """\
| step | requests | read units | write units | of these in indexes | web, ms | workers, ms |
|---|--:|--:|--:|--:|--:|--:|"""


def row(name: str, cost: Cost) -> str:
    use, spent = cost.use, cost.processor_ms
    workers = spent["worker"] + spent["worker-ends"]
    return (
        f"| {name} | {use.requests} | {use.read_units:.1f} | {use.write_units:.1f}"
        f" | {use.index_write_units:.1f} | {spent['web']:.0f} | {workers:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3, help="to watch what goes by itself")
    parser.add_argument(
        "--json", type=Path, help="a file to write the costs to, for bench.scale.simulate"
    )
    asked = parser.parse_args()
    with living(asked.minutes) as (life, costs):
        print(HEADER)
        for name, cost in costs.items():
            print(row(name, cost))
        print()
        for (operation, table), count in sorted(life.meter.asked.items()):
            print(f"{operation} {table}: {count}")
    if asked.json:
        asked.json.write_text(json.dumps({name: asdict(each) for name, each in costs.items()}))


if __name__ == "__main__":
    main()
