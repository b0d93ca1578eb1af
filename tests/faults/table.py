"""The table of what the fault tests found, which `make test-faults` prints at its end.

`python -m tests.faults.table` prints it; `--clear` forgets the rows of an earlier run.
"""

import json
import statistics
import sys
from collections.abc import Sequence

from takehome_platform.local_stack.config import ROOT

ROWS = ROOT / "test-results" / "faults.jsonl"
HEAD = ("fault", "runs", "lost", "doubled", "leaked", "recovery p50", "max")


def add_row(fault: str, kinds: Sequence[str], recoveries: Sequence[float]) -> None:
    """Add a fault; `kinds` has an empty string for each run after which everything was right."""
    counts = {kind: list(kinds).count(kind) for kind in ("lost", "doubled", "leaked")}
    times = {"p50": statistics.median(recoveries), "max": max(recoveries)} if recoveries else {}
    row = {"fault": fault, "runs": len(kinds), **counts, **times}
    ROWS.parent.mkdir(exist_ok=True)
    with ROWS.open("a") as file:
        file.write(json.dumps(row) + "\n")


def table() -> str:
    rows = [json.loads(line) for line in ROWS.read_text().splitlines()] if ROWS.exists() else []
    cells = [HEAD, *(_cells(row) for row in sorted(rows, key=lambda row: str(row["fault"])))]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = []
    for row in cells:
        numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join([row[0].ljust(widths[0]), *numbers]))
    return "\n".join(lines)


def _cells(row: dict[str, object]) -> tuple[str, ...]:
    times = (f"{row[name]:.1f} s" if name in row else "-" for name in ("p50", "max"))
    return (*(str(row[name]) for name in HEAD[:5]), *times)


if __name__ == "__main__":
    if "--clear" in sys.argv:
        ROWS.unlink(missing_ok=True)
    else:
        sys.stdout.write(table() + "\n")
