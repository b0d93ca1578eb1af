"""Measure a rush of starts: `python -m bench.monday --candidates 300`.

So many candidates press Start within ten seconds, at an engine whose workspaces answer after two
seconds (`bench/engine`), on one web process, one worker and dynalite. It prints how soon the clicks
are answered, how many starts a second become active, and the processor time of each part for one
start. 500 candidates at most. `--tree` measures another checkout beside this one.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import requests

from bench.figures import HEADER, Bar, Figure, percentile, row
from bench.stack import Stack, running
from takehome_platform.local_stack.config import ROOT

MAX_CANDIDATES = 500
CLICKS_WITHIN_SECONDS = 10.0
ENGINE_SECONDS = 2.0
THREADS = 32
"""Of the worker that starts workspaces."""
LIMIT = THREADS / ENGINE_SECONDS
"""Starts a second of a worker whose threads all wait for the engine."""
GIVE_UP_AFTER = 180.0
PARTS = ("web", "worker", "dynamodb")


class ActiveTimes:
    """When each interview became active, as a page of staff hears it."""

    def __init__(self, stack: Stack) -> None:
        self.by_interview: dict[str, float] = {}
        self._address = f"{stack.origin}/api/events"
        self._session = stack.signed_in()
        self._last_id = ""
        self._response = self._connect()
        threading.Thread(target=self._read, daemon=True).start()

    def _connect(self) -> requests.Response:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        response = self._session.get(
            self._address, headers=headers, stream=True, timeout=GIVE_UP_AFTER
        )
        response.raise_for_status()
        return response

    def _read(self) -> None:
        # The end of the platform ends it.
        with suppress(requests.RequestException):
            while True:
                for line in self._response.iter_lines(chunk_size=None):
                    self._hear(line)
                # A long stream ends, and browsers go on where it ended.
                self._response = self._connect()

    def _hear(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"id":
            self._last_id = value.strip().decode()
        elif name == b"data":
            event = json.loads(value)
            if isinstance(event, dict) and event.get("status") == "active":
                self.by_interview.setdefault(event["interviewId"], time.perf_counter())


def measure(quick: bool, *, candidates: int = 300, tree: Path = ROOT) -> Iterator[Figure]:
    candidates = 8 if quick else min(candidates, MAX_CANDIDATES)
    within = 1.0 if quick else CLICKS_WITHIN_SECONDS
    with running(tree=tree, engine_seconds=ENGINE_SECONDS) as stack:
        # The first start of a worker imports what it needs: all deployments have made one.
        invited = stack.invite(candidates + 1)
        # It is the same for all, as their challenge is.
        confirmation = stack.confirmation(invited[0])
        heard = ActiveTimes(stack)
        stack.press_start(invited[0], confirmation)
        _wait_for(heard, 1)
        before = stack.processor_seconds()
        answered = [0.0] * candidates
        began = time.perf_counter()

        def click(number: int) -> None:
            time.sleep(within * number / candidates)
            clicked_at = time.perf_counter()
            stack.press_start(invited[1 + number], confirmation)
            answered[number] = time.perf_counter() - clicked_at

        clicks = [threading.Thread(target=click, args=(each,)) for each in range(candidates)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
        _wait_for(heard, candidates + 1)
        seconds = max(heard.by_interview.values()) - began
        after = stack.processor_seconds()
        note = f"median {statistics.median(answered):.2f} s; {candidates} clicks in {within:g} s"
        yield Figure(
            "Monday: a click is answered, p99", percentile(answered, 0.99), "s", Bar(1), note
        )
        note = (
            f"all active {seconds:.1f} s after the first click; the engine takes {ENGINE_SECONDS:g}"
        )
        share = 100 * candidates / seconds / LIMIT
        yield Figure(
            f"Monday: starts, of {LIMIT:g} a second", share, "%", Bar(90, at_least=True), note
        )
        costs = {name: 1000 * (after[name] - before[name]) / candidates for name in PARTS}
        note = ", ".join(f"{name} {cost:.0f}" for name, cost in costs.items())
        yield Figure("Monday: processor time of a start", sum(costs.values()), "ms", None, note)
        attempts = [stack.call("GET", f"/api/interviews/{each['id']}") for each in invited[1:]]
        twice = sum(each["status"] != "active" or each["attempts"] != 1 for each in attempts)
        yield Figure("Monday: not active, or started twice", twice, "starts", Bar(0))


def _wait_for(heard: ActiveTimes, number: int) -> None:
    until = time.monotonic() + GIVE_UP_AFTER
    while len(heard.by_interview) < number:
        if time.monotonic() > until:
            raise SystemExit(f"only {len(heard.by_interview)} of {number} starts became active")
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=300)
    parser.add_argument("--tree", type=Path, help="another checkout, measured first")
    asked = parser.parse_args()
    for tree in filter(None, (asked.tree, ROOT)):
        print(f"{tree.resolve().name}\n\n{HEADER}")
        for figure in measure(quick=False, candidates=asked.candidates, tree=tree.resolve()):
            print(row(figure), flush=True)


if __name__ == "__main__":
    main()
