"""The tables as the old portal left them, in moto or in a real server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pynamodb.models import Model

from interviews.dynamodb import now
from interviews.legacy.models import Takehome
from interviews.models import Interview
from tests import legacy_rows
from tests.legacy_rows import TAKEHOME, Row

Keep = Callable[..., None]


def client() -> Any:
    return Interview._get_connection().connection.client


@pytest.fixture
def old_table(challenge: Any, settings: Any) -> None:
    """An empty old table beside the new ones."""
    legacy_rows.create(client(), TAKEHOME)
    settings.LEGACY_TAKEHOME_TABLE = TAKEHOME


@pytest.fixture
def real_old_table(
    real_tables: None,
    challenge: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    real_connections: dict[type[Model], Any],
) -> Iterator[None]:
    """The same in a real server."""
    for name in ("host", "aws_access_key_id", "aws_secret_access_key"):
        monkeypatch.setattr(Takehome.Meta, name, getattr(Interview.Meta, name), raising=False)
    monkeypatch.setattr(Takehome, "_connection", real_connections.get(Takehome))
    real_connections[Takehome] = Takehome._get_connection()
    legacy_rows.create(client(), TAKEHOME)
    settings.LEGACY_TAKEHOME_TABLE = TAKEHOME
    yield
    legacy_rows.remove(client(), TAKEHOME)


def keep(*rows: Row) -> None:
    """Write rows to the tables as the old portal did."""
    legacy_rows.put(client(), TAKEHOME, [row for row in rows if "passcode" in row])
    legacy_rows.put(client(), "interviews", [row for row in rows if "id" in row])


def everything() -> dict[str, str]:
    """Write one take-home test of each kind with its interview; return passcodes by kind."""
    kinds = legacy_rows.every_take_home(now())
    keep(*kinds.values(), *legacy_rows.interviews_of_them(now()))
    return {kind: row["passcode"]["S"] for kind, row in kinds.items()}


def old_row(passcode: str) -> Row:
    return dict(client().get_item(TableName=TAKEHOME, Key={"passcode": {"S": passcode}})["Item"])
