"""SQL databases as deployments have them: threads cannot share the one of the other tests."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from takehome_platform.env_validators import parse_database_url
from tests.faults.postgresql import running_postgresql
from tests.faults.test_races import run_concurrently


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.faults)])
def shared_database(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any
) -> Iterator[None]:
    """An empty database of its own, in place of the one in memory."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
        if request.param == "postgresql":
            url = stack.enter_context(running_postgresql()).url
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(_database(parse_database_url("DATABASE_URL", url)))
        call_command("migrate", verbosity=0)
        yield


@contextmanager
def _database(values: dict[str, Any]) -> Iterator[None]:
    """This thread, and those that are started in the block, connect there."""
    settings, connection = connections.settings["default"], connections["default"]
    connections.settings |= connections.configure_settings({"default": values})
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = settings, connection


def in_threads(number: int, act: Any) -> None:
    def run(index: int) -> None:
        try:
            act(index)
        finally:
            connections.close_all()

    results = run_concurrently(number, run)
    errors = [each for each in results if each is not None]
    assert errors == []
