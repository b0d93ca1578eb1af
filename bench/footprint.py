"""Measure the memory of an idle platform: `python -m bench.footprint`.

It starts the platform as `make run` does, and Django's smallest application in a Daphne of its own:
megabytes of each part, where what is shared counts by its share (PSS).
"""

import statistics
import time
from collections.abc import Iterator

from bench.figures import HEADER, Bar, Figure, row
from bench.peers import empty_view
from bench.stack import memory_of, running

SETTLE_SECONDS = 5.0
LOOKS = 3


def measure(quick: bool) -> Iterator[Figure]:
    with empty_view(before_the_first_request=True) as plain, running() as stack:
        looks = []
        for _ in range(1 if quick else LOOKS):
            time.sleep(0.5 if quick else SETTLE_SECONDS)
            looks.append(stack.memory())
        parts = {name: statistics.median(each[name] for each in looks) for name in looks[0]}
        note = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in parts.items())
        yield Figure("memory of an idle `make run`", sum(parts.values()), "MB", Bar(250), note)
        note = f"an empty Django view in a Daphne of its own {memory_of(plain.process):.0f} MB"
        yield Figure("memory of the web process, idle", parts["web"], "MB", Bar(100), note)


def main() -> None:
    print(HEADER)
    for figure in measure(quick=False):
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()
