"""A real process is killed before each of its effects, beside what `make run` starts."""

import json
import os
import secrets
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from takehome_platform.local_stack.config import LOOPBACK, ROOT
from tests import legacy_rows
from tests.e2e.conftest import Platform, running_platform
from tests.faults import table
from tests.faults.kills.processes import RECEIVED, RECEIVER
from tests.receiver import Receiver, status

pytestmark = pytest.mark.faults
WORKERS = ("worker", "worker-ends")
# A pattern for the names of scenarios, while one is worked on.
ONLY = os.environ.get("FAULTS_ONLY", "")
# How many steps of a scenario it dies at, picked anew in each run; 0: at all, which takes an hour.
# `test_in_process.py` always takes all.
POINTS = int(os.environ.get("FAULTS_POINTS", "8"))
# There are some more runs than this: fewer mean that points are not found any more.
FEWEST_RUNS = 200


@contextmanager
def receiver_settings(folder: Path) -> Iterator[dict[str, str]]:
    """What the platform needs for a receiver that writes the ids of webhooks into a file."""
    received = folder / "received.jsonl"
    received.touch()

    def answer(receiver: Receiver, request: BaseHTTPRequestHandler) -> None:
        line = {"path": request.path, "id": request.headers["webhook-id"]}
        with received.open("a") as file:
            file.write(json.dumps(line) + "\n")
        status(200)(receiver, request)

    with Receiver() as receiver:
        receiver.answer = answer
        yield {
            RECEIVER: f"http://{LOOPBACK}:{receiver.port}",
            RECEIVED: str(received),
            "WEBHOOK_ALLOW_PRIVATE": "true",
        }


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Settings of the platform."""
    with receiver_settings(tmp_path) as settings, pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.setenv("LEGACY_TAKEHOME_TABLE", legacy_rows.TAKEHOME)
        patch.setenv("LOG_FORMAT", "json")
        patch.setenv("CHECKS_AT_ONCE", "4")
        # A wave of processes may practise all at once.
        patch.setenv("PRACTICE_WORKSPACES", "1000")
        yield patch


@pytest.fixture
def platform(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Platform]:
    folder = tmp_path / "platform"
    folder.mkdir()
    with running_platform(folder) as platform:
        yield platform


def environment_of(platform: Platform, part: str) -> dict[str, str]:
    return dict(psutil.Process(pid_of(platform, part)).environ())


def pid_of(platform: Platform, part: str) -> int:
    return int(json.loads((platform.folder / "run.json").read_text())["parts"][part]["pid"])


def create_old_table(environment: dict[str, str]) -> None:
    client = boto3.client(
        "dynamodb",
        endpoint_url=environment["DYNAMODB_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    legacy_rows.create(client, legacy_rows.TAKEHOME)


@pytest.mark.long
@pytest.mark.timeout(0 if POINTS == 0 else 1500)
def test_process_killed_at_any_step_loses_doubles_and_leaks_nothing(
    platform: Platform, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Celery writes its title over the environment of its own processes.
    env = environment_of(platform, "web")
    create_old_table(env)
    notes = tmp_path / "notes"
    notes.mkdir()
    workers = [f"--worker={pid_of(platform, part)}" for part in WORKERS]
    command = [sys.executable, "-m", "tests.faults.kills.driver", str(notes), *workers]
    seed = secrets.randbelow(1 << 30)
    command += [f"--only={ONLY}", f"--points={POINTS}", f"--seed={seed}"]
    log = tmp_path / "driver.log"
    with log.open("w") as errors:
        driver = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
    assert driver.returncode == 0, log.read_text()[-5000:]
    runs: list[dict[str, Any]] = json.loads(driver.stdout)
    by_scenario = defaultdict(list)
    for run in runs:
        by_scenario[run["scenario"]].append(run)
    for scenario, some in by_scenario.items():
        recoveries = [run["recovery"] for run in some if not run["kind"] and run["point"] >= 0]
        table.add_row(f"kill -9: {scenario}", [run["kind"] for run in some], recoveries)
    problems = [f"{r['scenario']}, before {r['where']}: {r['problem']}" for r in runs if r["kind"]]
    assert not problems, "\n".join([f"with the seed {seed}:", *problems])
    assert ONLY or len(runs) >= FEWEST_RUNS
