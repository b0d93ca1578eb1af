"""What the meter says that a request to DynamoDB costs, by AWS's rules."""

from typing import Any

import boto3
import pytest

from bench.scale.meter import Index, Meter, size_of

ALL = Index(("status", "created"), None)
KEYS = Index(("status",), frozenset({"id", "status"}))


def item(size: int = 100, **values: str) -> dict[str, Any]:
    """Return an item of so many bytes, with these values."""
    found: dict[str, Any] = {"id": {"S": "a"}, **{name: {"S": v} for name, v in values.items()}}
    filler = size - size_of(found) - len("rest")
    return {**found, "rest": {"S": "x" * filler}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "grün"}, 5),
        ({"N": "123"}, 3),
        ({"N": "-12.5"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": "YWJj"}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + 2 + 2 + 1),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
        ({"SS": ["ab", "c"]}, 3),
    ],
)
def test_size_of_values(value: dict[str, Any], size: int) -> None:
    assert size_of({"name": value}) == len("name") + size


@pytest.mark.parametrize(
    ("index", "before", "after", "units"),
    [
        # A new item, one that goes, and one that is not in the index as it lacks its key.
        (ALL, None, item(1500, status="s", created="1"), 2),
        (ALL, item(900, status="s", created="1"), None, 1),
        (ALL, None, item(900, status="s"), 0),
        # What the index does not have changes it not.
        (KEYS, item(900, status="s", other="1"), item(900, status="s", other="2"), 0),
        (ALL, item(900, status="s", created="1", other="1"), item(900, status="s", created="1"), 1),
        # Another key: it is removed here and written there.
        (ALL, item(900, status="s", created="1"), item(1500, status="t", created="1"), 1 + 2),
        (KEYS, item(9000, status="s"), item(9000, status="t"), 2),
    ],
)
def test_units_of_an_index(
    index: Index, before: dict[str, Any] | None, after: dict[str, Any] | None, units: float
) -> None:
    assert index.write_units(before, after) == units


def test_meter_between_a_client_and_a_server(dynamodb_url: str, tmp_path: Any) -> None:
    (tmp_path / "tables").write_text(dynamodb_url.removeprefix("http://"))
    meter = Meter(tmp_path / "tables")
    with meter.running() as url:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
        client = boto3.client("dynamodb", endpoint_url=url, **keys)
        client.create_table(
            TableName="metered",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", "status")
            ],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-status",
                    "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        before = meter.so_far()
        client.put_item(TableName="metered", Item=item(3000, status="s"))
        put = meter.so_far().minus(before)
        client.update_item(
            TableName="metered",
            Key={"id": {"S": "a"}},
            UpdateExpression="SET #s = :t",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":t": {"S": "t"}},
        )
        updated = meter.so_far()
        client.get_item(TableName="metered", Key={"id": {"S": "a"}}, ConsistentRead=True)
        client.get_item(TableName="metered", Key={"id": {"S": "a"}})
        read = meter.so_far().minus(updated)
        client.delete_table(TableName="metered")
    assert (put.requests, put.write_units, put.index_write_units) == (1, 6, 3)
    # The table's, and in the index one that goes and one that comes.
    assert updated.write_units - before.write_units - put.write_units == 3 + 6
    assert (read.requests, read.read_units, read.write_units) == (2, 1.5, 0)
    assert meter.asked["GetItem", "metered"] == 2
