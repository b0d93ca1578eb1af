"""Measure whether pages grow with the table: `python -m bench.growth --rows 1000`.

The same pages on a platform with few rows and on one with many, asked in turn: the ratio of the
processor time of the web process. 5,000 rows at most.
"""

import argparse
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.figures import HEADER, Bar, Figure, row, spread
from bench.pages import platform_of
from takehome_platform.local_stack.config import ROOT

MAX_ROWS = 5_000
FEW = 60
"""More than a page of the lists has."""
ROUNDS, REQUESTS, QUICK_REQUESTS = 5, 10, 2
PAGES = ("candidate's page", "dashboard", "one row", "API list")


def measure(quick: bool, *, rows: int = 600, tree: Path = ROOT) -> Iterator[Figure]:
    few, many, requests = 2, 4, QUICK_REQUESTS
    if not quick:
        few, many, requests = FEW, min(rows, MAX_ROWS), REQUESTS
    with ExitStack() as stack:
        small = stack.enter_context(platform_of(tree, few))
        large = stack.enter_context(platform_of(tree, many))
        for page in PAGES:
            ratios = []
            for number in range(1 if quick else ROUNDS + 1):
                one, other = (
                    web.processor_ms(pages[page], requests) for web, pages in (small, large)
                )
                # The first round fills caches.
                if number or quick:
                    ratios.append(other / max(one, 0.01))
            note = f"rounds {spread(ratios, 2)}"
            yield Figure(
                f"{page}, {many:,} rows of {few}", statistics.median(ratios), "x", Bar(1.2), note
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600)
    asked = parser.parse_args()
    print(HEADER)
    for figure in measure(quick=False, rows=asked.rows):
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()
