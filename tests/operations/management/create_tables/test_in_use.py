"""Tables in use get their indexes, and what differs is named."""

from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command

from interviews import queries
from interviews.challenges.models import Challenge
from interviews.models import Interview
from operations.management import schema_sync, table_schema
from operations.models import Operation
from tests import legacy_rows
from tests.operations.management.create_tables.tables import INDEXES, NAMES, create, indexes


class Slow:
    """A client of a slow DynamoDB: an index is filled for the given number of polls."""

    def __init__(self, client: Any, polls: int) -> None:
        self.client = client
        self.polls = polls
        self.being_filled = ""
        self.left = 0
        self.requested: list[str] = []
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
            raise client_error("LimitExceededException", "Only 1 online index can be created")
        self.requested.append(update["Create"]["IndexName"])
        self.keys.append(" ".join(key["KeyType"] for key in update["Create"]["KeySchema"]))
        self.being_filled, self.left = update["Create"]["IndexName"], self.polls
        return self.client.update_table(**request)


class Refusing(Slow):
    """A client that answers the first requests for an index with an error."""

    def __init__(self, client: Any, error: ClientError, times: int) -> None:
        super().__init__(client, polls=0)
        self.error = error
        self.times = times

    def update_table(self, **request: Any) -> Any:
        if self.times:
            self.times -= 1
            raise self.error
        return super().update_table(**request)


def client_error(code: str, words: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": words}}, "UpdateTable")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with the client to use for all tables."""

    def call(client: Any) -> Any:
        monkeypatch.setattr(schema_sync, "_client", lambda model: client)
        return client

    return call


def add(messages: list[str], slept: list[float]) -> None:
    schema_sync.add_indexes(Interview, messages.append, slept.append)


def test_existing_tables_get_their_indexes_one_at_a_time(deployed):
    lines = create()
    assert [line for line in lines if line.startswith("interviews")] == [
        "interviews: exists",
        *(f"interviews: adding the index {name}" for name in INDEXES),
    ]
    assert indexes(deployed, "interviews") == [
        "status-createdAt-index",
        "candidateName-createdAt-index",
        *INDEXES,
    ]
    for model in (Challenge, Operation):
        expected = {index.Meta.index_name for index in model._indexes.values()}
        assert set(indexes(deployed, model.Meta.table_name)) == expected
    assert [one.id for one in queries.list_page("regular-ended").items] == ["aB3dE5gH"]
    assert create() == [f"{name}: exists" for name in NAMES]
    assert create(check=True) == [f"{name}: complete" for name in NAMES]


def test_check_lists_differences_and_changes_nothing(deployed):
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("create_tables", "--check", stdout=out)
    assert str(stopped.value) == "7 tables are incomplete. Run manage.py create_tables."
    assert stopped.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("interviews")] == [
        *(f"interviews: missing index {name}" for name in INDEXES),
        "interviews: doesn't remove rows whose `ttl` has passed",
    ]
    assert "search_terms: missing" in lines
    assert sorted(deployed.list_tables()["TableNames"]) == sorted(legacy_rows.TABLES)
    assert len(indexes(deployed, "interviews")) == 2


def test_no_indexes_leaves_existing_tables_alone(deployed):
    create(no_indexes=True)
    assert len(indexes(deployed, "interviews")) == 2
    assert sorted(deployed.list_tables()["TableNames"]) == sorted([*NAMES, "takehome"])


def test_next_index_is_requested_once_the_previous_one_is_active(deployed, use):
    slow = use(Slow(deployed, polls=3))
    messages: list[str] = []
    slept: list[float] = []
    add(messages, slept)
    assert slow.requested == INDEXES
    # AWS rejects another order.
    assert set(slow.keys) == {"HASH", "HASH RANGE"}
    assert messages[:3] == [
        "interviews: adding the index ChallengeIndex",
        "interviews: waiting, since the index ChallengeIndex is being filled from the rows"
        " (about 1 rows)",
        "interviews: adding the index EndedIndex",
    ]
    assert slept == [schema_sync.POLL_SECONDS] * 3 * len(INDEXES)


def test_long_wait_is_reported_repeatedly(deployed, use):
    use(Slow(deployed, polls=50))
    messages: list[str] = []
    add(messages, [])
    waiting = [line for line in messages if "ChallengeIndex is being filled" in line]
    assert len(waiting) == 3


def test_interrupted_run_continues(deployed, use):
    slow = use(Slow(deployed, polls=2))

    def killed(seconds: float) -> None:
        if len(slow.requested) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        schema_sync.add_indexes(Interview, str, killed)
    add([], [])
    assert slow.requested == INDEXES


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "ThrottlingException", "ResourceInUseException"]
)
def test_busy_server_is_retried(deployed, use, code):
    refusing = use(Refusing(deployed, client_error(code, "Later."), times=2))
    messages: list[str] = []
    slept: list[float] = []
    add(messages, slept)
    assert refusing.requested == INDEXES
    assert (
        messages[1] == f"interviews: waiting, since DynamoDB has no room for a change now ({code})"
    )
    assert slept == [schema_sync.POLL_SECONDS] * 2


def test_server_that_stays_busy_is_an_error(deployed, use):
    use(Refusing(deployed, client_error("LimitExceededException", "Later."), times=10_000))
    with pytest.raises(schema_sync.SchemaSyncError) as stopped:
        add([], [])
    assert str(stopped.value) == (
        "DynamoDB had no room for the index ChallengeIndex of interviews for 2 minutes. "
        "Run this again later to continue."
    )


def test_error_quotes_dynamodb(deployed, use):
    use(Refusing(deployed, client_error("AccessDeniedException", "not authorized"), times=1))
    with pytest.raises(CommandError) as stopped:
        create()
    assert str(stopped.value) == (
        "DynamoDB refused the index ChallengeIndex of interviews: not authorized"
    )


def test_index_requested_by_another_process_is_waited_for(deployed, use):
    class Second(Slow):
        def update_table(self, **request: Any) -> Any:
            super().update_table(**request)
            raise client_error(
                "ValidationException", "Attempting to create an index which already exists"
            )

    second = use(Second(deployed, polls=1))
    add([], [])
    assert second.requested == INDEXES


def test_index_of_a_provisioned_table_gets_the_same_capacity(client):
    schema = legacy_rows.TABLES["interviews"] | {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3},
    }
    for index in (indexes_of := [dict(each) for each in schema["GlobalSecondaryIndexes"]]):
        index["ProvisionedThroughput"] = schema["ProvisionedThroughput"]
    client.create_table(**schema | {"GlobalSecondaryIndexes": indexes_of})
    messages: list[str] = []
    add(messages, [])
    assert messages[0] == (
        "interviews: adding the index ChallengeIndex, "
        "with the table's own capacity of 7 reads and 3 writes a second"
    )
    described = client.describe_table(TableName="interviews")["Table"]
    capacities = [
        (each["ReadCapacityUnits"], each["WriteCapacityUnits"])
        for each in (i["ProvisionedThroughput"] for i in described["GlobalSecondaryIndexes"])
    ]
    assert capacities == [(7, 3)] * 11


def test_conflicting_index_is_named(client):
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
    table = schema_sync.describe_table(Interview)
    needs = "needs createdAt as N, but an existing index has it as S. Remove that index."
    assert table_schema.schema_conflicts(table) == [
        "The table interviews has another index called KindIndex, by tab and createdAt. Remove it.",
        f"The index StatusIndex of interviews {needs}",
        f"The index TabIndex of interviews {needs}",
    ]
    with pytest.raises(CommandError, match="needs createdAt as N"):
        create()
    assert indexes(client, "interviews") == ["TabIndex", "KindIndex"]


def test_table_with_another_key_is_named(client):
    client.create_table(
        TableName="interviews",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    assert table_schema.schema_conflicts(schema_sync.describe_table(Interview)) == [
        "The key of the table interviews is pk, but must be id. Use other tables with TABLE_PREFIX."
    ]
