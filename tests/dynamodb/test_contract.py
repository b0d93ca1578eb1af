"""The DynamoDB in this process and a real server give the same answers to the same requests."""

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests import legacy_rows
from tests.dynamodb.server import DynamoDB
from tests.services import wait_until

TABLE = "contract"
SCHEMA: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "seq", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": type_}
        for name, type_ in {"id": "S", "seq": "N", "kind": "S", "at": "N"}.items()
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": name,
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": projection},
        }
        for name, projection in {"Kind": "ALL", "KindKeys": "KEYS_ONLY"}.items()
    ],
}
KEY = {"id": {"S": "a"}, "seq": {"N": "1"}}
ROW = {
    **KEY,
    "kind": {"S": "red"},
    "at": {"N": "10"},
    "word": {"S": "héllo"},
    "number": {"N": "5"},
    "bytes": {"B": b"\x00\xff"},
    "truth": {"BOOL": True},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "x"}, {"N": "2"}]},
    "map": {"M": {"inner": {"B": b"deep"}}},
}
ABSENT = {"id": {"S": "absent"}, "seq": {"N": "1"}}
VALUES = {
    ":five": {"N": "5.0"},
    ":six": {"N": "6"},
    ":text": {"S": "5"},
    ":word": {"S": "héllo"},
    ":start": {"S": "hé"},
    ":null": {"S": "NULL"},
    ":two": {"N": "2"},
    ":list": {"L": [{"S": "x"}, {"N": "2"}]},
    ":true": {"BOOL": True},
}


@pytest.fixture(scope="module")
def real_client(dynamodb_url: str) -> Iterator[Any]:
    """Of a server with the table."""
    client = boto3.client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=dynamodb_url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    client.create_table(**SCHEMA)
    wait_until(lambda: status(client) == "ACTIVE", "there is no table")
    yield client
    client.delete_table(TableName=TABLE)
    wait_until(lambda: TABLE not in client.list_tables()["TableNames"], "the table stays")


@pytest.fixture(scope="module")
def own_client(dynamodb: DynamoDB) -> Any:
    return boto3.client("dynamodb", region_name="us-east-1")


class Both:
    """Two servers; what is called is called of both, and must have the same answer."""

    def __init__(self, own: Any, real: Any) -> None:
        self.own = own
        self.real = real

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            own, real = (answer(each, operation, request) for each in (self.own, self.real))
            assert own == real
            return own

        return call


def answer(client: Any, operation: str, request: dict[str, Any]) -> Any:
    try:
        said = getattr(client, operation)(**request)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    for ignored in ("ResponseMetadata", "ConsumedCapacity"):
        said.pop(ignored, None)
    return said


@pytest.fixture
def both(own_client: Any, real_client: Any, tables: None) -> Iterator[Both]:
    """With an empty table."""
    own_client.create_table(**SCHEMA)
    yield Both(own_client, real_client)
    for item in legacy_rows.rows(real_client, TABLE):
        real_client.delete_item(TableName=TABLE, Key={name: item[name] for name in KEY})


def status(client: Any) -> Any:
    return client.describe_table(TableName=TABLE)["Table"]["TableStatus"]


def names_in(expression: str) -> dict[str, Any]:
    """The values that stand in it: a server refuses those that do not."""
    used = {name: value for name, value in VALUES.items() if name in expression}
    return {"ExpressionAttributeValues": used} if used else {}


def row(id_: str, seq: int, **more: Any) -> dict[str, Any]:
    return {"id": {"S": id_}, "seq": {"N": str(seq)}, **more}


def fill(both: Both) -> None:
    """Rows in two partitions and two kinds; some are in no index."""
    for number in range(12):
        more: dict[str, Any] = {"n": {"N": str(number)}}
        if number % 4:
            more |= {"kind": {"S": "red" if number % 3 else "blue"}, "at": {"N": str(number)}}
        both.put_item(TableName=TABLE, Item=row("ab"[number % 2], number, **more))


@pytest.mark.parametrize(
    "condition",
    [
        "attribute_exists (#word)",
        "attribute_not_exists (#word)",
        "attribute_exists (#absent)",
        "attribute_not_exists (#absent)",
        "#number = :five",
        "#number <> :five",
        "#number = :text",
        "#number <> :text",
        "#absent = :five",
        "#absent <> :five",
        "#absent < :five",
        "NOT #absent < :five",
        "#number < :six",
        "#number <= :five",
        "#number > :six",
        "#number >= :five",
        "#word < :text",
        "#word > :text",
        "#truth = :true",
        "#number IN (:six, :five)",
        "#number IN (:six, :text)",
        "#number BETWEEN :five AND :six",
        "#number BETWEEN :two AND :five AND #word = :text",
        "begins_with (#word, :start)",
        "begins_with (#word, :text)",
        "attribute_type (#nothing, :null)",
        "attribute_type (#word, :null)",
        "size (#list) = :two",
        "size (#bytes) = :two",
        "size (#word) = :six",
        "size (#absent) = :six",
        "(#number = :six AND #number = :six OR #number = :five)",
        "#number = :five OR #number = :six AND #number = :six",
        "NOT #number = :six AND #word = :word",
        "NOT (#number = :five AND #word = :word)",
    ],
)
def test_conditions(both: Both, condition: str) -> None:
    both.put_item(TableName=TABLE, Item=ROW)
    names = {f"#{name}": name for name in [*ROW, "absent"] if f"#{name}" in condition}
    more = {"ExpressionAttributeNames": names, **names_in(condition)}
    for key in (KEY, ABSENT):
        both.delete_item(
            TableName=TABLE,
            Key=key,
            ConditionExpression=condition,
            ReturnValues="ALL_OLD",
            **more,
        )
    both.scan(TableName=TABLE, FilterExpression=condition, **more)


@pytest.mark.parametrize(
    "update",
    [
        "SET #number = :six",
        "SET #number = :six, #absent = #word REMOVE #list, #missing",
        "REMOVE #word SET #absent = :word",
        "SET #number = #number + :two",
        "SET #absent = if_not_exists (#absent, :two) + :six",
        "SET #number = if_not_exists (#number, :text), #absent = if_not_exists (#absent, :list)",
        "SET #list = list_append (#list, :list)",
        "SET #list = list_append (if_not_exists (#absent, :list), :list), #word = #list",
        "SET #absent = #missing",
        "SET #number = #missing + :two",
        "SET #kind = :five",
        "SET #kind = :text, #at = :two",
    ],
)
@pytest.mark.parametrize("key", [KEY, ABSENT])
def test_updates(both: Both, update: str, key: Any) -> None:
    both.put_item(TableName=TABLE, Item=ROW)
    names = {f"#{name}": name for name in [*ROW, "absent", "missing"] if f"#{name}" in update}
    both.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression=update,
        ExpressionAttributeNames=names,
        ReturnValues="ALL_NEW",
        **names_in(update),
    )
    both.get_item(TableName=TABLE, Key=key)
    for index in ("Kind", "KindKeys"):
        both.query(
            TableName=TABLE,
            IndexName=index,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": "red"}},
        )


def test_an_item_is_written_over_and_read_as_it_was(both: Both) -> None:
    assert both.get_item(TableName=TABLE, Key=KEY) == {}
    both.put_item(TableName=TABLE, Item=ROW)
    assert both.get_item(TableName=TABLE, Key=KEY) == {"Item": ROW}
    both.put_item(TableName=TABLE, Item={**KEY, "word": {"S": ""}}, ReturnValues="ALL_OLD")
    both.get_item(TableName=TABLE, Key=KEY, ProjectionExpression="word, id, absent")
    both.delete_item(TableName=TABLE, Key=KEY, ReturnValues="ALL_OLD")
    both.delete_item(TableName=TABLE, Key=KEY)
    assert both.get_item(TableName=TABLE, Key=KEY) == {}


@pytest.mark.parametrize("name", ["id", "seq"])
def test_a_part_of_the_key_cannot_be_updated(both: Both, name: str) -> None:
    both.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET #key = :value",
        ExpressionAttributeNames={"#key": name},
        ExpressionAttributeValues={":value": KEY[name]},
    )


@pytest.mark.parametrize(
    "item",
    [
        {"id": {"S": "a"}},
        {"seq": {"N": "1"}},
        {**KEY, "id": {"N": "1"}},
        {**KEY, "id": {"S": ""}},
        {**KEY, "kind": {"N": "1"}},
        {**KEY, "at": {"S": "1"}},
        {**KEY, "word": {"S": "x" * 410_000}},
    ],
)
def test_items_that_are_refused(both: Both, item: Any) -> None:
    own, real = (
        answer(c, "put_item", {"TableName": TABLE, "Item": item}) for c in (both.own, both.real)
    )
    assert own[0] == real[0] == "ValidationException"
    assert both.scan(TableName=TABLE)["Items"] == []


@pytest.mark.parametrize(
    "key", [{"id": {"S": "a"}}, {**KEY, "seq": {"S": "1"}}, {**KEY, "x": {"S": "1"}}]
)
@pytest.mark.parametrize("operation", ["get_item", "delete_item"])
def test_keys_of_another_schema_are_refused(both: Both, key: Any, operation: str) -> None:
    getattr(both, operation)(TableName=TABLE, Key=key)


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        (None, "#id = :id"),
        (None, "#id = :id AND #seq > :seq"),
        (None, "#seq <= :seq AND #id = :id"),
        (None, "#id = :id AND #seq BETWEEN :seq AND :last"),
        ("Kind", "#kind = :kind"),
        ("KindKeys", "#kind = :kind AND #at >= :at"),
    ],
)
def test_pages(both: Both, index: str | None, condition: str) -> None:
    fill(both)
    values = {
        ":id": {"S": "a"},
        ":seq": {"N": "4"},
        ":last": {"N": "8"},
        ":kind": {"S": "red"},
        ":at": {"N": "2"},
    }
    names = {f"#{name}": name for name in ("id", "seq", "kind", "at") if f"#{name}" in condition}
    request: dict[str, Any] = {
        "TableName": TABLE,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {n: v for n, v in values.items() if n in condition},
    }
    if index is not None:
        request["IndexName"] = index
    for forward, limit in itertools.product((True, False), (1, 2, 3, 4, 6, 50)):
        page = request | {"ScanIndexForward": forward, "Limit": limit}
        ours, theirs = (pages(client, page) for client in (both.own, both.real))
        assert ours == theirs, (forward, limit)
    assert sum(page[1] for page in ours) > 0


def test_a_page_holds_a_megabyte(both: Both) -> None:
    for number in range(5):
        both.put_item(TableName=TABLE, Item=row("a", number, text={"S": "x" * 300_000}))
    request = {
        "TableName": TABLE,
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "a"}},
    }
    ours, theirs = (pages(client, request) for client in (both.own, both.real))
    assert ours == theirs
    assert [page[1] for page in ours] == [4, 1]


def test_filtered_rows_count_for_the_limit(both: Both) -> None:
    fill(both)
    both.query(
        TableName=TABLE,
        Limit=4,
        KeyConditionExpression="id = :id",
        FilterExpression="n > :four",
        ProjectionExpression="n",
        ExpressionAttributeValues={":id": {"S": "a"}, ":four": {"N": "4"}},
    )
    both.query(
        TableName=TABLE,
        IndexName="Kind",
        Select="COUNT",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "red"}},
    )


def test_a_scan_comes_to_every_row_once(both: Both) -> None:
    fill(both)
    for client in (both.own, both.real):
        found: list[int] = []
        start: dict[str, Any] = {}
        while True:
            page = client.scan(TableName=TABLE, Limit=5, ConsistentRead=True, **start)
            found += [int(item["n"]["N"]) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert sorted(found) == list(range(12))


def test_a_page_goes_on_after_a_row_that_is_gone(both: Both) -> None:
    fill(both)
    both.delete_item(TableName=TABLE, Key={"id": {"S": "a"}, "seq": {"N": "4"}})
    both.query(
        TableName=TABLE,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "a"}},
        ExclusiveStartKey={"id": {"S": "a"}, "seq": {"N": "4"}},
    )


def test_batches(both: Both) -> None:
    rows = [row("a", number, n={"N": str(number)}) for number in range(3)]
    puts = [{"PutRequest": {"Item": each}} for each in rows]
    keys = [{name: each[name] for name in KEY} for each in rows]
    both.batch_write_item(RequestItems={TABLE: puts})
    both.batch_write_item(RequestItems={TABLE: [{"DeleteRequest": {"Key": keys[0]}}]})
    for client in (both.own, both.real):
        found = client.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
        assert sorted(each["n"]["N"] for each in found["Responses"][TABLE]) == ["1", "2"]
    both.batch_get_item(RequestItems={TABLE: {"Keys": [keys[1], keys[1]]}})
    both.batch_write_item(RequestItems={TABLE: [puts[1], puts[1]]})
    many = [{"PutRequest": {"Item": row("a", number)}} for number in range(26)]
    codes = [
        answer(client, "batch_write_item", {"RequestItems": {TABLE: many}})[0]
        for client in (both.own, both.real)
    ]
    assert codes[0] == codes[1] == "ValidationException"


def test_what_is_not_there_is_said(both: Both) -> None:
    kind = {
        "KeyConditionExpression": "kind = :kind",
        "ExpressionAttributeValues": {":kind": {"S": "red"}},
    }
    both.query(TableName=TABLE, IndexName="Other", **kind)
    both.query(TableName=TABLE, IndexName="Kind", ConsistentRead=True, **kind)
    both.get_item(TableName="other", Key=KEY)
    both.put_item(TableName="other", Item=ROW)
    both.describe_table(TableName="other")
    both.delete_table(TableName="other")
    codes = [answer(client, "create_table", SCHEMA)[0] for client in (both.own, both.real)]
    assert codes == ["ResourceInUseException"] * 2


def test_what_is_not_known_is_refused(own_client: Any) -> None:
    with pytest.raises(NotImplementedError):
        own_client.describe_limits()


def pages(client: Any, request: dict[str, Any]) -> list[Any]:
    """What each page says."""
    found = []
    start: dict[str, Any] = {}
    while True:
        page = client.query(**request, **start)
        found.append(
            (page["Items"], page["Count"], page["ScannedCount"], page.get("LastEvaluatedKey"))
        )
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
