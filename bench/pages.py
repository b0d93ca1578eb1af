"""Measure what pages cost: `python -m bench.pages --rows 50`.

It starts the platform as `make run` does, creates tests, and asks for each page in turn, beside an
empty Django view in a Daphne of its own: the processor time of the web process for each answer, the
bytes on the wire, and the ratio to the empty view. `--tree` measures another checkout of the
platform in the same run. 200 rows and 2,000 requests at most.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Bar, Figure, spread
from bench.peers import Web, empty_view
from bench.stack import running
from takehome_platform.local_stack.config import ROOT

MAX_ROWS, MAX_REQUESTS = 200, 2_000
ROUNDS = 5
DASHBOARD = "dashboard"
# The most that a page may cost, as a multiple of the empty view.
BARS = {
    "candidate's page": 2.5,
    "API by passcode": 2,
    DASHBOARD: 10,
    "one row": 2.5,
    "history": 4,
    "API list": 8,
}
DASHBOARD_KILOBYTES = Bar(60)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time for each answer, a value a round, and the body in KB."""

    rounds: list[float]
    kilobytes: float

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.rounds)


@contextmanager
def platform_of(tree: Path, rows: int) -> Iterator[tuple[Web, dict[str, str]]]:
    """The web process of a checkout with so many invited candidates, and its pages by name."""
    with running(tree=tree) as stack:
        created = stack.invite(rows)
        web = Web(stack.origin, stack.processes()["web"], stack.signed_in())
        interview, passcode = created[-1]["id"], created[-1]["passcode"]
        yield (
            web,
            {
                "candidate's page": f"/take-home/{passcode}/",
                "API by passcode": f"/api/interviews/by-passcode/{passcode}",
                DASHBOARD: "/",
                "one row": f"/interviews/{interview}/row/",
                "interview's page": f"/interviews/{interview}/",
                "history": "/history/",
                "API list": "/api/interviews",
            },
        )


def costs_of(
    trees: dict[str, Path], rows: int, requests: int, rounds: int = ROUNDS
) -> tuple[float, dict[tuple[str, str], Cost]]:
    """The cost of the empty view in milliseconds, and that of each page by tree and page."""
    each = max(1, requests // rounds)
    with ExitStack() as stack:
        empty = stack.enter_context(empty_view())
        webs = {name: stack.enter_context(platform_of(tree, rows)) for name, tree in trees.items()}
        base: list[float] = []
        found: dict[tuple[str, str], list[float]] = {}
        for number in range(rounds + 1):
            measured = empty.processor_ms("/", each * 4)
            if number:
                base.append(measured)
            for name, (web, pages) in webs.items():
                for page, path in pages.items():
                    measured = web.processor_ms(path, each)
                    # The first round fills caches.
                    if number:
                        found.setdefault((name, page), []).append(measured)
        found_costs = {
            (name, page): Cost(costs, webs[name][0].wire_bytes(webs[name][1][page]) / 1000)
            for (name, page), costs in found.items()
        }
        return statistics.median(base), found_costs


def measure(quick: bool) -> Iterator[Figure]:
    base, costs = costs_of({"": ROOT}, *((3, 10, 1) if quick else (50, 200)))
    for (_, page), cost in costs.items():
        note = f"{cost.milliseconds:.1f} ms, rounds {spread(cost.rounds)}; empty view {base:.2f} ms"
        bar = Bar(BARS[page]) if page in BARS else None
        yield Figure(f"{page}, of an empty view", cost.milliseconds / base, "x", bar, note)
        if page == DASHBOARD:
            yield Figure("dashboard, on the wire", cost.kilobytes, "KB", DASHBOARD_KILOBYTES)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50, help=f"up to {MAX_ROWS}")
    parser.add_argument("--requests", type=int, default=100, help=f"a page, up to {MAX_REQUESTS}")
    parser.add_argument("--tree", type=Path, help="another checkout, measured in the same run")
    arguments = parser.parse_args()
    rows, requests = min(arguments.rows, MAX_ROWS), min(arguments.requests, MAX_REQUESTS)
    trees = {"this": ROOT} | ({"other": arguments.tree.resolve()} if arguments.tree else {})
    base, costs = costs_of(trees, rows, requests)
    print(f"{'page':<18} {'tree':<6} {'CPU ms':>8} {'of empty':>9} {'KB':>7}")
    print(f"{'empty view':<18} {'':<6} {base:8.2f} {1:8.1f}x")
    for (name, page), cost in sorted(costs.items(), key=lambda each: each[0][::-1]):
        ratio = cost.milliseconds / base
        print(f"{page:<18} {name:<6} {cost.milliseconds:8.2f} {ratio:8.1f}x {cost.kilobytes:7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
