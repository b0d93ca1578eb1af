"""A deployment with old rows, and manage.py migrate_takehomes as a process to run and kill."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3

from takehome_platform.local_stack.config import ROOT
from tests import legacy_rows


class OldDeployment:
    """`prefix` is the table prefix; the command keeps its checkpoint in `folder`."""

    def __init__(self, endpoint: str, folder: Path, prefix: str = "") -> None:
        self.folder = folder
        self.takehome, self.interviews = f"{prefix}takehome", f"{prefix}interviews"
        self.prefix = prefix
        self.client: Any = boto3.client(
            "dynamodb",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
            "DEBUG": "true",
            "SECRET_KEY": "not-a-secret-" * 4,
            "DATA_DIR": str(folder),
            "DYNAMODB_ENDPOINT_URL": endpoint,
            "TABLE_PREFIX": prefix,
            "LEGACY_TAKEHOME_TABLE": self.takehome,
        }

    def fill(self, count: int, at: datetime) -> None:
        """Create the old table with `count` rows, and write the interviews that belong to them."""
        legacy_rows.create(self.client, "takehome", prefix=self.prefix)
        rows = list(legacy_rows.many(count, at))
        legacy_rows.put(self.client, self.takehome, [row for row, _ in rows])
        legacy_rows.put(self.client, self.interviews, [one for _, more in rows for one in more])

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run `manage.py migrate_takehomes`, which must succeed, and return its report."""
        process = self.start("migrate_takehomes", "--rate=0", "--json", *arguments)
        out, err = process.communicate()
        if process.returncode:
            raise RuntimeError(err)
        return dict(json.loads(out))

    def run_and_kill(self, after: int) -> int:
        """Kill it with SIGKILL after `after` rows; return how many rows it has done."""
        process = self.start("migrate_takehomes", "--rate=0")
        while process.poll() is None and self.done() < after:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            raise RuntimeError("It was done before it could be killed.")
        return self.done()

    def done(self) -> int:
        """Return how many rows of the old table are done, from the checkpoint."""
        try:
            checkpoint = json.loads((self.folder / "migrate_takehomes.json").read_text())
        except FileNotFoundError:
            return 0
        return sum(checkpoint["report"]["takehomes"].values())
