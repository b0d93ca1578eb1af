"""The progress of a candidate on a running platform, without its minutes between two turns."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

# A schedule asks every 20 seconds whose turn it is.
PATIENCE_SECONDS = 90


def keep_now(data_dir: Path, interview_id: str) -> int:
    """Let it be this interview's turn, wait until it was, and return how many states there are."""
    with closing(sqlite3.connect(data_dir / "db.sqlite3", timeout=20)) as database:
        before = _kept_at(database, interview_id)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (kept_at := _kept_at(database, interview_id)) is None or kept_at == before:
            # The row may not be there yet.
            with database:
                database.execute(
                    "UPDATE operations_progresswatch SET due_at = '2020-01-01 00:00:00'"
                    " WHERE interview_id = ?",
                    (interview_id,),
                )
            assert time.monotonic() < deadline, "no progress was kept"
            time.sleep(0.5)
        count = "SELECT COUNT(*) FROM operations_progressstate WHERE interview_id = ?"
        return int(database.execute(count, (interview_id,)).fetchone()[0])


def _kept_at(database: sqlite3.Connection, interview_id: str) -> str | None:
    query = "SELECT kept_at FROM operations_progresswatch WHERE interview_id = ?"
    row = database.execute(query, (interview_id,)).fetchone()
    return row[0] if row is not None else None


def write_work(folder: Path) -> None:
    """What a candidate has after some minutes."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src/settle.py").write_text(
        "".join(f"def step_{n}(rows):\n    return rows[{n}:]\n\n\n" for n in range(40))
    )
    readme = folder / "README.md"
    readme.write_text(f"{readme.read_text()}\nMy notes: sorted by date first.\n")
