"""manage.py create_tables: may be repeated, says what it did, and adds what old tables lack."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command
from moto import mock_aws

from interviews import queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.legacy.models import Takehome
from interviews.models import Interview
from operations import schema_sync
from operations.management.commands.create_tables import TABLES
from operations.models import Operation
from tests import legacy_rows
from tests.conftest import forget_connections
from tests.dynamodb.server import DynamoDB

NAMES = [
    "interviews",
    "search_terms",
    "challenges",
    "challenge_versions",
    "operations",
    "operation_logs",
    "start_times",
]
INDEXES = [
    "EndedIndex",
    "KindIndex",
    "OutboxIndex",
    "PasscodeIndex",
    "StatusDueIndex",
    "StatusIndex",
    "TabIndex",
    "TypeStatusIndex",
]


@pytest.fixture
def client(dynamodb: DynamoDB, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """DynamoDB as moto imitates it, which can change a table; without a table."""
    monkeypatch.setattr(dynamodb, "is_on", False)
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture
def deployed(client: Any) -> Any:
    """The tables of an earlier portal, with a row."""
    legacy_rows.create(client)
    row = legacy_rows.ended("aB3dE5gH", at=now(), tab={"S": "regular-ended"})
    legacy_rows.put(client, "interviews", [row])
    return client


@pytest.fixture
def without_indexes(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server that cannot add an index to a table, and has one of an earlier portal."""
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


def create(**options: Any) -> list[str]:
    out = StringIO()
    call_command("create_tables", stdout=out, **options)
    return out.getvalue().splitlines()


def indexes(client: Any, table: str) -> list[str]:
    described = client.describe_table(TableName=table)["Table"]
    return [index["IndexName"] for index in described.get("GlobalSecondaryIndexes", [])]


class Slow:
    """A client of a DynamoDB that takes its time: an index is filled for so many looks."""

    def __init__(self, client: Any, looks: int) -> None:
        self.client = client
        self.looks = looks
        self.being_filled = ""
        self.left = 0
        self.asked: list[str] = []
        self.keys: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def describe_table(self, TableName: str) -> Any:
        answer = self.client.describe_table(TableName=TableName)
        if self.left:
            self.left -= 1
            answer["Table"]["TableStatus"] = "UPDATING"
            for index in answer["Table"]["GlobalSecondaryIndexes"]:
                if index["IndexName"] == self.being_filled:
                    index |= {"IndexStatus": "CREATING", "Backfilling": True}
        return answer

    def update_table(self, **request: Any) -> Any:
        [update] = request["GlobalSecondaryIndexUpdates"]
        if self.left:
            raise refusal("LimitExceededException", "Only 1 online index can be created")
        self.asked.append(update["Create"]["IndexName"])
        self.keys.append(" ".join(key["KeyType"] for key in update["Create"]["KeySchema"]))
        self.being_filled, self.left = update["Create"]["IndexName"], self.looks
        return self.client.update_table(**request)


class Refusing(Slow):
    """It answers each request for an index with an error, so many times."""

    def __init__(self, client: Any, error: ClientError, times: int) -> None:
        super().__init__(client, looks=0)
        self.error = error
        self.times = times

    def update_table(self, **request: Any) -> Any:
        if self.times:
            self.times -= 1
            raise self.error
        return super().update_table(**request)


def refusal(code: str, words: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": words}}, "UpdateTable")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with a client: tables are looked at and changed through it."""

    def call(client: Any) -> Any:
        monkeypatch.setattr(schema_sync, "_client", lambda model: client)
        return client

    return call


def add(said: list[str], slept: list[float]) -> None:
    schema_sync.add_indexes(Interview, said.append, slept.append)


@pytest.mark.usefixtures("client")
def test_create_tables_makes_them_once_with_their_indexes_and_ttl():
    assert create() == [f"{name}: created" for name in NAMES]
    assert create() == [f"{name}: is there" for name in NAMES]
    client = Interview._get_connection().connection.client
    assert sorted(indexes(client, "interviews")) == sorted(INDEXES)
    ttl = client.describe_time_to_live(TableName="interviews")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "ttl")


def test_create_tables_works_on_an_engine_without_ttl(without_indexes):
    lines = create()
    assert [line for line in lines if line.endswith(": created")] == [
        f"{name}: created" for name in NAMES
    ]
    assert [f"{name}: is there" for name in NAMES] == [
        line for line in create() if line.endswith("is there")
    ]
    assert [f"{name}: has all that it needs" for name in NAMES] == [
        line for line in create(check=True) if "ttl" not in line
    ]


def test_create_tables_says_in_a_sentence_when_the_server_is_away(monkeypatch):
    monkeypatch.setattr(Interview.Meta, "host", "http://127.0.0.1:1")
    monkeypatch.setattr(Interview.Meta, "aws_access_key_id", "local")
    monkeypatch.setattr(Interview.Meta, "aws_secret_access_key", "local")
    forget_connections()
    with pytest.raises(CommandError, match="DynamoDB"):
        create()
    forget_connections()


def test_tables_of_an_earlier_portal_get_their_indexes_one_at_a_time(deployed):
    lines = create()
    assert [line for line in lines if line.startswith("interviews")] == [
        "interviews: is there",
        *(f"interviews: adding the index {name}" for name in INDEXES),
    ]
    assert indexes(deployed, "interviews") == [
        "status-createdAt-index",
        "candidateName-createdAt-index",
        *INDEXES,
    ]
    for model in (Challenge, Operation):
        wanted = {index.Meta.index_name for index in model._indexes.values()}
        assert set(indexes(deployed, model.Meta.table_name)) == wanted
    assert [one.id for one in queries.page("regular-ended").items] == ["aB3dE5gH"]
    assert create() == [f"{name}: is there" for name in NAMES]
    assert create(check=True) == [f"{name}: has all that it needs" for name in NAMES]


def test_what_is_missing_is_listed_and_nothing_changed(deployed):
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("create_tables", "--check", stdout=out)
    assert str(stopped.value) == "7 tables lack something: run manage.py create_tables."
    assert stopped.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("interviews")] == [
        *(f"interviews: has no index {name}" for name in INDEXES),
        "interviews: does not remove rows whose `ttl` is over",
    ]
    assert "search_terms: is not there" in lines
    assert sorted(deployed.list_tables()["TableNames"]) == sorted(legacy_rows.TABLES)
    assert len(indexes(deployed, "interviews")) == 2


def test_tables_that_are_there_may_be_left_alone(deployed):
    create(no_indexes=True)
    assert len(indexes(deployed, "interviews")) == 2
    assert sorted(deployed.list_tables()["TableNames"]) == sorted([*NAMES, "takehome"])


def test_the_next_index_is_asked_for_when_the_one_before_can_be_read(deployed, use):
    slow = use(Slow(deployed, looks=3))
    said: list[str] = []
    slept: list[float] = []
    add(said, slept)
    assert slow.asked == INDEXES
    # AWS refuses another order.
    assert set(slow.keys) == {"HASH", "HASH RANGE"}
    assert said[:3] == [
        "interviews: adding the index EndedIndex",
        "interviews: waiting, since the index EndedIndex is being filled from the rows"
        " (about 1 rows)",
        "interviews: adding the index KindIndex",
    ]
    assert slept == [schema_sync.PAUSE] * 3 * len(INDEXES)


def test_a_long_wait_says_so_again_now_and_then(deployed, use):
    use(Slow(deployed, looks=50))
    said: list[str] = []
    add(said, [])
    waiting = [line for line in said if "EndedIndex is being filled" in line]
    assert len(waiting) == 3


def test_whoever_was_killed_on_the_way_goes_on(deployed, use):
    slow = use(Slow(deployed, looks=2))

    def killed(seconds: float) -> None:
        if len(slow.asked) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        schema_sync.add_indexes(Interview, str, killed)
    add([], [])
    assert slow.asked == INDEXES


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "ThrottlingException", "ResourceInUseException"]
)
def test_a_server_that_has_no_room_now_is_asked_again(deployed, use, code):
    refusing = use(Refusing(deployed, refusal(code, "Later."), times=2))
    said: list[str] = []
    slept: list[float] = []
    add(said, slept)
    assert refusing.asked == INDEXES
    assert said[1] == f"interviews: waiting, since DynamoDB has no room for a change now ({code})"
    assert slept == [schema_sync.PAUSE] * 2


def test_a_server_that_never_has_room_is_given_up_with_a_sentence(deployed, use):
    use(Refusing(deployed, refusal("LimitExceededException", "Later."), times=10_000))
    with pytest.raises(schema_sync.SchemaSyncError) as stopped:
        add([], [])
    assert str(stopped.value) == (
        "DynamoDB had no room for the index EndedIndex of interviews for 2 minutes: "
        "run this again later, and it goes on where it stopped."
    )


def test_a_refusal_is_told_in_the_words_of_dynamodb(deployed, use):
    use(Refusing(deployed, refusal("AccessDeniedException", "not authorized"), times=1))
    with pytest.raises(CommandError) as stopped:
        create()
    assert str(stopped.value) == (
        "DynamoDB refuses the index EndedIndex of interviews: not authorized"
    )


def test_an_index_that_somebody_else_asked_for_first_is_waited_for(deployed, use):
    class Second(Slow):
        def update_table(self, **request: Any) -> Any:
            super().update_table(**request)
            raise refusal(
                "ValidationException", "Attempting to create an index which already exists"
            )

    second = use(Second(deployed, looks=1))
    add([], [])
    assert second.asked == INDEXES


def test_a_table_that_is_paid_by_capacity_gets_indexes_of_its_own_capacity(client):
    wanted = legacy_rows.TABLES["interviews"] | {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3},
    }
    for index in (indexes_of := [dict(each) for each in wanted["GlobalSecondaryIndexes"]]):
        index["ProvisionedThroughput"] = wanted["ProvisionedThroughput"]
    client.create_table(**wanted | {"GlobalSecondaryIndexes": indexes_of})
    said: list[str] = []
    add(said, [])
    assert said[0] == (
        "interviews: adding the index EndedIndex, "
        "with the table's own capacity of 7 reads and 3 writes a second"
    )
    described = client.describe_table(TableName="interviews")["Table"]
    capacities = [
        (each["ReadCapacityUnits"], each["WriteCapacityUnits"])
        for each in (i["ProvisionedThroughput"] for i in described["GlobalSecondaryIndexes"])
    ]
    assert capacities == [(7, 3)] * 10


def test_an_index_in_the_way_is_named(client):
    index = {
        "IndexName": "TabIndex",
        "KeySchema": [
            {"AttributeName": "tab", "KeyType": "HASH"},
            {"AttributeName": "createdAt", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    other = {**index, "IndexName": "KindIndex"}
    client.create_table(
        TableName="interviews",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "tab", "createdAt")
        ],
        GlobalSecondaryIndexes=[index, other],
    )
    table = schema_sync.look(Interview)
    needs = "needs createdAt as N, and an index that is there has it as S: remove that index."
    assert schema_sync.conflicts(table) == [
        "The table interviews has another index called KindIndex, by tab and createdAt: remove it.",
        f"The index StatusIndex of interviews {needs}",
        f"The index TabIndex of interviews {needs}",
    ]
    with pytest.raises(CommandError, match="needs createdAt as N"):
        create()
    assert indexes(client, "interviews") == ["TabIndex", "KindIndex"]


def test_a_table_of_another_key_is_named(client):
    client.create_table(
        TableName="interviews",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    assert schema_sync.conflicts(schema_sync.look(Interview)) == [
        "The key of the table interviews is pk, and must be id: "
        "name another table with TABLE_PREFIX."
    ]


@pytest.fixture
def old_portal(settings: Any) -> Iterator[None]:
    """The settings name an old table."""
    Takehome._connection = None
    settings.LEGACY_TAKEHOME_TABLE = "takehome"
    yield
    Takehome._connection = None


@pytest.mark.usefixtures("old_portal")
def test_an_old_table_that_is_not_there_is_named(client):
    for options in ({}, {"check": True}):
        with pytest.raises(CommandError) as stopped:
            create(**options)
        assert str(stopped.value) == (
            "There is no table takehome, which LEGACY_TAKEHOME_TABLE names: correct or empty that."
        )
    assert "takehome" not in client.list_tables()["TableNames"]


@pytest.mark.usefixtures("old_portal")
def test_an_old_table_is_used_as_it_is(deployed):
    before = deployed.describe_table(TableName="takehome")
    create()
    assert "takehome: has all that it needs" in create(check=True)
    assert deployed.describe_table(TableName="takehome")["Table"] == before["Table"]


def test_a_server_that_cannot_add_indexes_is_not_believed(without_indexes):
    legacy_rows.create(without_indexes, "interviews")
    with pytest.raises(CommandError, match="cannot add the index EndedIndex to interviews"):
        create()
