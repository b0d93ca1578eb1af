"""Show the progress of a table scan: a bar on a terminal, otherwise a line per 1,000 rows."""

import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

ROWS_PER_LINE = 1_000


class ProgressBar:
    """`estimate`: approximate number of rows, 0 if unknown; `done`: rows done by earlier runs."""

    def __init__(self, estimate: int, done: int, stderr: Any) -> None:
        self._estimate = estimate
        self._stderr = stderr
        self._lines_written = done // ROWS_PER_LINE
        self._bar = tqdm(
            total=estimate or None,
            initial=done,
            unit=" rows",
            unit_scale=True,
            disable=not sys.stderr.isatty(),
            file=sys.stderr,
        )

    def __enter__(self) -> Callable[[int], None]:
        return self._update

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def _update(self, rows: int) -> None:
        self._bar.update(rows - self._bar.n)
        if self._bar.disable and rows // ROWS_PER_LINE > self._lines_written:
            self._lines_written = rows // ROWS_PER_LINE
            self._stderr.write(f"{rows:,} of about {max(rows, self._estimate):,} rows")
