"""Queues of Celery on a real Redis, and a worker that serves them as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from operations import tasks
from operations.lifecycle import OperationType
from operations.queue.routing import TASK_QUEUES, TaskQueue, operation_queue
from takehome_platform.celery import app
from takehome_platform.local_stack.config import ROOT
from tests.services import redis_server, wait_until

SEND = """
import django; django.setup()
from operations.lifecycle import OperationType
from operations.queue import dispatch
from operations.tasks import starts_heartbeat
for type_ in OperationType:
    dispatch.enqueue_operation("no such id", type_)
dispatch.enqueue_delivery("no such id")
starts_heartbeat.delay()
"""
SENT = {"celery": 1, "starts": 3, "ends": 1}
WORKER = (sys.executable, "-m", "celery", "-A", "takehome_platform", "worker", "--pool", "threads")
# A worker on a busy machine takes a while to start.
PATIENCE = 90.0  # seconds


class Broker:
    """A Redis, and what waits in its queues."""

    def __init__(self, port: int, folder: Path) -> None:
        self.client = Redis(port=port)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
            "DEBUG": "true",
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            # No table is there: what the worker asks of them when it is ready is only logged.
            "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:1",
            "DATABASE_URL": "",
            "DATA_DIR": str(folder),
        }

    @property
    def lengths(self) -> dict[str, int]:
        return {name.value: int(self.client.llen(f"celery:{name.value}")) for name in TaskQueue}

    def send(self) -> None:
        command = [sys.executable, "-c", SEND]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    @contextmanager
    def worker(self, *arguments: str) -> Iterator[None]:
        with subprocess.Popen(
            [*WORKER, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            yield
            process.kill()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with redis_server(tmp_path) as service:
        yield Broker(service.port, tmp_path)


@pytest.mark.long
def test_plain_worker_serves_every_queue(broker: Broker) -> None:
    broker.send()
    assert broker.lengths == SENT
    with broker.worker():
        wait_until(
            lambda: set(broker.lengths.values()) == {0}, "It serves not all of them.", PATIENCE
        )
        wait_until(lambda: broker.client.exists("heartbeat:starts"), "It ran no task.", PATIENCE)


@pytest.mark.long
def test_worker_of_ends_leaves_the_rest_to_others(broker: Broker) -> None:
    broker.send()
    with broker.worker("-Q", TaskQueue.ENDS.value):
        wait_until(lambda: broker.lengths["ends"] == 0, "It does not serve ends.", PATIENCE)
        # When it is ready it asks for a scan, planned times and trials, in the default queue.
        wait_until(
            lambda: broker.lengths == SENT | {"celery": 4, "ends": 0}, "It serves others.", PATIENCE
        )


def test_only_ends_are_in_the_queue_of_ends() -> None:
    assert {type_: operation_queue(type_) for type_ in OperationType} == {
        OperationType.CREATE: TaskQueue.STARTS,
        OperationType.RESTART: TaskQueue.STARTS,
        OperationType.DESTROY: TaskQueue.ENDS,
    }


def test_every_routed_task_exists() -> None:
    assert set(TASK_QUEUES) <= {task for task in app.tasks if task.startswith("operations.")}
    assert tasks.tick.name in TASK_QUEUES


def test_messages_of_earlier_versions_are_in_the_default_queue() -> None:
    assert (app.conf.task_default_queue, TaskQueue.DEFAULT.value) == ("celery", "celery")
