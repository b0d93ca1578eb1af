"""Creating tables."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError

from interviews.legacy.models import Takehome
from interviews.models import Interview
from operations.management import schema_sync, table_schema
from operations.management.commands.create_tables import TABLES
from tests import legacy_rows
from tests.conftest import forget_connections
from tests.operations.management.create_tables.tables import INDEXES, NAMES, create, indexes


@pytest.fixture
def without_indexes(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server that cannot add indexes, with a table of an earlier release."""
    for model in TABLES:
        monkeypatch.setattr(model.Meta, "host", dynamodb_url)
        monkeypatch.setattr(model.Meta, "aws_access_key_id", "local")
        monkeypatch.setattr(model.Meta, "aws_secret_access_key", "local")
    forget_connections()
    client = Interview._get_connection().connection.client
    yield client
    for name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)
    forget_connections()


@pytest.mark.usefixtures("client")
def test_create_tables_creates_tables_with_indexes_and_ttl_once():
    assert create() == [f"{name}: created" for name in NAMES]
    assert create() == [f"{name}: exists" for name in NAMES]
    client = Interview._get_connection().connection.client
    assert sorted(indexes(client, "interviews")) == sorted(INDEXES)
    ttl = client.describe_time_to_live(TableName="interviews")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "ttl")


@pytest.mark.usefixtures("client")
def test_a_new_table_is_looked_at_soon_and_then_less_often(monkeypatch):
    looks = iter([*["CREATING"] * 10, "ACTIVE"])
    monkeypatch.setattr(
        schema_sync,
        "describe_table",
        lambda model: table_schema.Table("interviews", {"TableStatus": next(looks)}, {}),
    )
    pauses = []
    schema_sync.create_table(Interview, pauses.append)
    assert pauses[:3] == [0.02, 0.04, 0.08]
    assert pauses[-2:] == [schema_sync.POLL_SECONDS] * 2
    assert next(looks, None) is None


def test_create_tables_works_on_a_server_without_ttl(without_indexes):
    lines = create()
    assert [line for line in lines if line.endswith(": created")] == [
        f"{name}: created" for name in NAMES
    ]
    assert [f"{name}: exists" for name in NAMES] == [
        line for line in create() if line.endswith("exists")
    ]
    assert [f"{name}: complete" for name in NAMES] == [
        line for line in create(check=True) if "ttl" not in line
    ]


def test_create_tables_reports_an_unavailable_server(monkeypatch):
    monkeypatch.setattr(Interview.Meta, "host", "http://127.0.0.1:1")
    monkeypatch.setattr(Interview.Meta, "aws_access_key_id", "local")
    monkeypatch.setattr(Interview.Meta, "aws_secret_access_key", "local")
    forget_connections()
    with pytest.raises(CommandError, match="DynamoDB"):
        create()
    forget_connections()


@pytest.fixture
def old_portal(settings: Any) -> Iterator[None]:
    """The settings name the old portal's table."""
    Takehome._connection = None
    settings.LEGACY_TAKEHOME_TABLE = "takehome"
    yield
    Takehome._connection = None


@pytest.mark.usefixtures("old_portal")
def test_missing_old_table_is_named(client):
    for options in ({}, {"check": True}):
        with pytest.raises(CommandError) as stopped:
            create(**options)
        assert str(stopped.value) == (
            "There is no table takehome. Correct LEGACY_TAKEHOME_TABLE, or leave it empty."
        )
    assert "takehome" not in client.list_tables()["TableNames"]


@pytest.mark.usefixtures("old_portal")
def test_old_table_is_used_unchanged(deployed):
    before = deployed.describe_table(TableName="takehome")
    create()
    assert "takehome: complete" in create(check=True)
    assert deployed.describe_table(TableName="takehome")["Table"] == before["Table"]


def test_server_that_cannot_add_indexes_is_an_error(without_indexes):
    legacy_rows.create(without_indexes, "interviews")
    with pytest.raises(CommandError, match="can't add the index ChallengeIndex to interviews"):
        create()
