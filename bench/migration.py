"""How long the old table's rows take, with the command killed on the way.

    .venv/bin/python -m bench.migration --rows 20000 --kills 3 [--endpoint http://127.0.0.1:8000]

Without an endpoint it starts the embedded server. The tables get a prefix of their own.
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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, server(asked.endpoint, Path(name)) as endpoint:
        migrations = OldDeployment(endpoint, Path(name), f"bench-{secrets.token_hex(3)}-")
        process = migrations.start("create_tables")
        process.communicate()
        began = time.monotonic()
        migrations.fill(asked.rows, datetime.now(UTC))
        print(f"{asked.rows:,} old rows written in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        for kill in range(asked.kills):
            done = migrations.run_and_kill(asked.rows * (kill + 1) // (asked.kills + 1))
            print(f"killed after {done:,} rows, {time.monotonic() - began:.0f} s")
        found = migrations.run()
        print(f"finished after {time.monotonic() - began:.0f} s: {json.dumps(found)}")
        began = time.monotonic()
        verified = migrations.run("--verify")
        print(
            f"{verified['same']:,} of {verified['rows']:,} rows are the same in both tables "
            f"({time.monotonic() - began:.0f} s)"
        )
        began = time.monotonic()
        again = migrations.run()
        print(f"again: {json.dumps(again)} ({time.monotonic() - began:.0f} s)")
        for table in migrations.client.list_tables()["TableNames"]:
            if table.startswith(migrations.prefix):
                migrations.client.delete_table(TableName=table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
