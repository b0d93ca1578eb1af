"""Measure the migration of an old table, while the command is killed several times.

    .venv/bin/python -m bench.migration --rows 20000 --kills 3 [--endpoint http://127.0.0.1:8000]

Without an endpoint it starts a local server. The tables get a prefix of their own.
"""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from takehome_platform.local_stack.config import LOOPBACK
from tests.migrating import OldDeployment
from tests.services import dynamodb_server


@contextmanager
def server(endpoint: str, folder: Path) -> Iterator[str]:
    if endpoint:
        yield endpoint
        return
    with dynamodb_server(folder) as service:
        yield f"http://{LOOPBACK}:{service.port}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--endpoint", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, server(options.endpoint, Path(name)) as endpoint:
        migrations = OldDeployment(endpoint, Path(name), f"bench-{secrets.token_hex(3)}-")
        process = migrations.start("create_tables")
        process.communicate()
        started_at = time.monotonic()
        migrations.fill(options.rows, datetime.now(UTC))
        print(f"{options.rows:,} old rows written in {time.monotonic() - started_at:.0f} s")
        started_at = time.monotonic()
        for kill in range(options.kills):
            done = migrations.run_and_kill(options.rows * (kill + 1) // (options.kills + 1))
            print(f"killed after {done:,} rows, {time.monotonic() - started_at:.0f} s")
        report = migrations.run()
        print(f"finished after {time.monotonic() - started_at:.0f} s: {json.dumps(report)}")
        started_at = time.monotonic()
        verified = migrations.run("--verify")
        print(
            f"{verified['same']:,} of {verified['rows']:,} rows are the same in both tables "
            f"({time.monotonic() - started_at:.0f} s)"
        )
        started_at = time.monotonic()
        second_report = migrations.run()
        print(f"again: {json.dumps(second_report)} ({time.monotonic() - started_at:.0f} s)")
        for table in migrations.client.list_tables()["TableNames"]:
            if table.startswith(migrations.prefix):
                migrations.client.delete_table(TableName=table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
