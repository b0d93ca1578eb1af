"""A service fails under a platform as `make run` starts it, while tests begin, run and end.

Pages answer meanwhile, or say in a sentence that something is away; afterwards everything is right.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psutil
import pytest
from redis import Redis

from tests.e2e.conftest import Platform, running_platform
from tests.faults.kills.test_processes import environment_of, pid_of
from tests.faults.outages import (
    Staff,
    fail_and_recover,
    frozen,
    frozen_between_writes,
    staff_of,
)

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="module")
def staff(platform: Platform) -> Iterator[Staff]:
    with staff_of(platform) as staff:
        yield staff


def process_of(platform: Platform, part: str) -> psutil.Process:
    return psutil.Process(pid_of(platform, part))


def redis_of(platform: Platform) -> Redis:
    return Redis.from_url(environment_of(platform, "web")["REDIS_URL"], socket_timeout=2)


@contextmanager
def killed(platform: Platform, part: str) -> Iterator[None]:
    platform.kill(part)
    yield


@contextmanager
def database_locked(platform: Platform) -> Iterator[None]:
    """Another program writes into the SQL database all the time."""
    with closing(sqlite3.connect(platform.folder / "db.sqlite3", timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def emptied(platform: Platform) -> Iterator[None]:
    redis_of(platform).flushall()
    yield


@contextmanager
def configured(platform: Platform, **settings: str) -> Iterator[None]:
    """Redis has these settings, which make it refuse writes."""
    client = redis_of(platform)
    names = [name.replace("_", "-") for name in settings]
    before: Any = {name: client.config_get(name) for name in names}
    for name, value in zip(names, settings.values(), strict=True):
        client.config_set(name, value)
    try:
        yield
    finally:
        for name in names:
            client.config_set(name, before[name][name])


@contextmanager
def store_refuses(platform: Platform) -> Iterator[None]:
    """A file is where the store has its folder, so that it can neither write nor read."""
    folder = platform.folder / "files" / "archives"
    folder.mkdir(parents=True, exist_ok=True)
    away = folder.with_name("away")
    folder.rename(away)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)


FAULTS: dict[str, Callable[[Platform], Any]] = {
    "redis killed": lambda platform: killed(platform, "redis"),
    "redis frozen": lambda platform: frozen(process_of(platform, "redis")),
    "redis emptied": emptied,
    "redis out of memory": lambda platform: configured(
        platform, maxmemory="1", maxmemory_policy="noeviction"
    ),
    "redis read-only": lambda platform: configured(platform, min_replicas_to_write="1"),
    "table server killed": lambda platform: killed(platform, "dynamodb"),
    "table server frozen": lambda platform: frozen(process_of(platform, "dynamodb")),
    "SQL database locked": database_locked,
    "store refuses": store_refuses,
    "worker killed": lambda platform: killed(platform, "worker"),
    "worker frozen": lambda platform: frozen_between_writes(
        platform, process_of(platform, "worker")
    ),
    "web killed": lambda platform: killed(platform, "web"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.timeout(600)
def test_service_that_fails_loses_and_leaks_nothing(
    name: str, platform: Platform, staff: Staff
) -> None:
    refusals = (503, 0) if name == "web killed" else (503,)
    fail_and_recover(name, platform, staff, FAULTS[name](platform), refusals=refusals)
