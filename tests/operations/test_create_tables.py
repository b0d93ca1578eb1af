"""manage.py create_tables: may be repeated, and says what it did."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from moto.dynamodb.models import dynamodb_backends

from interviews.models import Interview
from operations.management.commands.create_tables import TABLES
from tests.conftest import forget_connections

NAMES = [
    "interviews",
    "search_terms",
    "challenges",
    "challenge_versions",
    "operations",
    "operation_logs",
    "start_times",
]


@pytest.fixture
def empty_aws(aws):
    dynamodb_backends.reset()


def create() -> list[str]:
    out = StringIO()
    call_command("create_tables", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("empty_aws")
def test_create_tables_makes_them_once_with_their_indexes_and_ttl():
    assert create() == [f"{name}: created" for name in NAMES]
    assert create() == [f"{name}: is there" for name in NAMES]
    table = Interview._get_connection().describe_table()
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {
        "StatusIndex",
        "PasscodeIndex",
        "TypeStatusIndex",
        "StatusDueIndex",
        "TabIndex",
        "EndedIndex",
        "KindIndex",
        "OutboxIndex",
    }
    client = Interview._get_connection().connection.client
    ttl = client.describe_time_to_live(TableName="interviews")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "ttl")


def test_create_tables_works_on_an_engine_without_ttl(dynamodb_url, monkeypatch):
    for model in TABLES:
        monkeypatch.setattr(model.Meta, "host", dynamodb_url)
        monkeypatch.setattr(model.Meta, "aws_access_key_id", "local")
        monkeypatch.setattr(model.Meta, "aws_secret_access_key", "local")
    forget_connections()
    try:
        lines = create()
        assert [line for line in lines if line.endswith(": created")] == [
            f"{name}: created" for name in NAMES
        ]
        assert [f"{name}: is there" for name in NAMES] == [
            line for line in create() if line.endswith("is there")
        ]
    finally:
        for model in TABLES:
            model.delete_table()
        forget_connections()


def test_create_tables_says_in_a_sentence_when_the_server_is_away(monkeypatch):
    monkeypatch.setattr(Interview.Meta, "host", "http://127.0.0.1:1")
    monkeypatch.setattr(Interview.Meta, "aws_access_key_id", "local")
    monkeypatch.setattr(Interview.Meta, "aws_secret_access_key", "local")
    forget_connections()
    with pytest.raises(CommandError, match="DynamoDB"):
        create()
    forget_connections()
