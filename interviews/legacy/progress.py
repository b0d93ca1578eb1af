"""How far a walk through a table is: a bar on a terminal, and a line now and then elsewhere."""

import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

ROWS_PER_LINE = 1_000


class ProgressBar:
    """`about`: how many rows there are, as far as the table knows; 0: it does not. `begun`: how
    many of them were done by an earlier run."""

    def __init__(self, about: int, begun: int, stderr: Any) -> None:
        self._about = about
        self._stderr = stderr
        self._said = begun // ROWS_PER_LINE
        self._bar = tqdm(
            total=about or None,
            initial=begun,
            unit=" rows",
            unit_scale=True,
            disable=not sys.stderr.isatty(),
            file=sys.stderr,
        )

    def __enter__(self) -> Callable[[int], None]:
        return self._to

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def _to(self, rows: int) -> None:
        self._bar.update(rows - self._bar.n)
        if self._bar.disable and rows // ROWS_PER_LINE > self._said:
            self._said = rows // ROWS_PER_LINE
            self._stderr.write(f"{rows:,} of about {max(rows, self._about):,} rows")
