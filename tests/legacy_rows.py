"""Rows as the old portal stored them, in the exact types, and its tables as they were deployed.

A row has DynamoDB's own format: {"passcode": {"S": "ABCDEFGH"}, ...}.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.services import wait_until

Row = dict[str, dict[str, Any]]

TAKEHOME = "takehome"
LETTERS, LENGTH = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8
DAY = timedelta(days=1)
# DynamoDB's limit for a batch write.
BATCH = 25


def _table(name: str, key: str, indexes: dict[str, tuple[tuple[str, str], ...]]) -> dict[str, Any]:
    """Return the arguments of CreateTable; an index is given by its keys with their types."""
    keys = {key: "S"} | {name: type_ for index in indexes.values() for name, type_ in index}
    arguments: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys([key]),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": type_} for name, type_ in keys.items()
        ],
    }
    if indexes:
        arguments["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": _keys([name for name, _ in of]),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, of in indexes.items()
        ]
    return arguments


def _keys(names: list[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


TABLES = {
    TAKEHOME: _table(TAKEHOME, "passcode", {"StatusIndex": (("status", "S"), ("createdAt", "S"))}),
    "interviews": _table(
        "interviews",
        "id",
        {
            "status-createdAt-index": (("status", "S"), ("createdAt", "N")),
            "candidateName-createdAt-index": (("candidateName", "S"), ("createdAt", "N")),
        },
    ),
    "operations": _table("operations", "id", {}),
    "challenges": _table("challenges", "id", {}),
}


def create(client: Any, *names: str, prefix: str = "") -> None:
    """Create the old tables of these names, or all; `client` is a boto3 DynamoDB client."""
    for name in names or TABLES:
        table = prefix + name
        client.create_table(**TABLES[name] | {"TableName": table})
        wait_until(partial(_is_active, client, table), f"{table} is not there")


def remove(client: Any, *tables: str) -> None:
    """Delete tables, and wait until they are gone."""
    for table in tables:
        client.delete_table(TableName=table)
        wait_until(partial(_is_gone, client, table), f"{table} stays")


def _is_active(client: Any, table: str) -> bool:
    return bool(client.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE")


def _is_gone(client: Any, table: str) -> bool:
    return table not in client.list_tables()["TableNames"]


def put(client: Any, table: str, rows: Iterable[Row]) -> None:
    """Write rows without any check."""
    pending = [{"PutRequest": {"Item": row}} for row in rows]
    while pending:
        answer = client.batch_write_item(RequestItems={table: pending[:BATCH]})
        pending = [*answer.get("UnprocessedItems", {}).get(table, []), *pending[BATCH:]]


def rows(client: Any, table: str) -> list[Row]:
    """Return all rows of a table, in no order."""
    found: list[Row] = []
    request: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    while True:
        answer = client.scan(**request)
        found += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return found
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def passcode(number: int) -> str:
    """Return a different passcode for each number."""
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def iso(at: datetime) -> str:
    """Format as JavaScript does: 2025-01-07T09:30:00.123Z"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def take_home(code: str, *, at: datetime, **changes: dict[str, Any] | None) -> Row:
    """Return an invitation of the old table, created a day before `at` and valid for seven days.

    `changes` are attributes as stored; None removes one.
    """
    valid_until = at + 6 * DAY
    row: dict[str, dict[str, Any] | None] = {
        "passcode": {"S": code},
        "candidateName": {"S": f"Ada {code}"},
        "challenge": {"S": "word-count"},
        "customInstructions": {"S": "Think aloud in NOTES.md."},
        "status": {"S": "active"},
        "validUntil": {"S": iso(valid_until)},
        "createdAt": {"S": iso(at - DAY)},
        "durationMinutes": {"N": "60"},
        "ttl": {"N": seconds(valid_until + 30 * DAY)},
    }
    return _changed(row, changes)


def activated(code: str, interview_id: str, *, at: datetime, **changes: Any) -> Row:
    """Return an invitation that was started ten minutes before `at`."""
    return take_home(
        code,
        at=at,
        **{
            "status": {"S": "activated"},
            "activatedAt": {"S": iso(at - timedelta(minutes=10))},
            "interviewId": {"S": interview_id},
            **changes,
        },
    )


def interview(id_: str, *, at: datetime, **changes: dict[str, Any] | None) -> Row:
    """Return a running row of the old `interviews` table: no type, and times in seconds."""
    row: dict[str, dict[str, Any] | None] = {
        "id": {"S": id_},
        "candidateName": {"S": f"Grace {id_}"},
        "challenge": {"S": "word-count"},
        "status": {"S": "active"},
        "accessUrl": {"S": f"http://{id_.lower()}.example.com/"},
        "password": {"S": "editor-password"},
        "createdAt": {"N": seconds(at - timedelta(minutes=10))},
        "autoDestroyAt": {"N": seconds(at + timedelta(minutes=50))},
        "updatedAt": {"N": seconds(at - timedelta(minutes=5))},
        "saveFiles": {"BOOL": True},
    }
    return _changed(row, changes)


def ended(id_: str, *, at: datetime, **changes: dict[str, Any] | None) -> Row:
    """Return a row that was destroyed an hour before `at`, with saved files."""
    end = at - timedelta(hours=1)
    return interview(
        id_,
        at=at,
        **{
            "status": {"S": "destroyed"},
            "accessUrl": None,
            "password": None,
            "createdAt": {"N": seconds(end - timedelta(hours=1))},
            "autoDestroyAt": {"N": seconds(end)},
            "completedAt": {"N": seconds(end)},
            "destroyedAt": {"N": seconds(end)},
            "historyS3Key": {"S": f"history/{id_}.tar.gz"},
            "ttl": {"N": seconds(end + 90 * DAY)},
            **changes,
        },
    )


def challenge(id_: str, *, at: datetime, **changes: dict[str, Any] | None) -> Row:
    """Return a row of the old `challenges` table, with times in milliseconds."""
    milliseconds = str(int(at.timestamp() * 1000))
    file = {
        "path": {"S": "README.md"},
        "size": {"N": "13"},
        "mimeType": {"S": "text/markdown"},
        "lastModified": {"N": milliseconds},
    }
    row: dict[str, dict[str, Any] | None] = {
        "id": {"S": id_},
        "name": {"S": "Word count"},
        "description": {"S": "Count the words of a text."},
        "isActive": {"S": "true"},
        "files": {"L": [{"M": file}]},
        "ecsConfig": {"M": {"cpu": {"N": "1024"}, "memory": {"N": "2048"}, "storage": {"N": "20"}}},
        "usageCount": {"N": "3"},
        "createdAt": {"N": milliseconds},
        "updatedAt": {"N": milliseconds},
    }
    return _changed(row, changes)


def operation(id_: str, interview_id: str, *, at: datetime, **changes: Any) -> Row:
    """Return a row of the old `operations` table, which the TTL deletes after a day."""
    result = {
        "success": {"BOOL": True},
        "accessUrl": {"S": f"http://{interview_id.lower()}.example.com/"},
        "password": {"S": "editor-password"},
    }
    row: dict[str, dict[str, Any] | None] = {
        "id": {"S": id_},
        "type": {"S": "create"},
        "status": {"S": "completed"},
        "interviewId": {"S": interview_id},
        "logs": {"L": [{"S": "Starting"}, {"S": "Ready"}]},
        "result": {"M": result},
        "createdAt": {"N": seconds(at)},
        "ttl": {"N": seconds(at + DAY)},
    }
    return _changed(row, changes)


def every_take_home(at: datetime) -> dict[str, Row]:
    """Return one readable row of each kind; `interviews_of_them` returns their interviews."""
    codes = map(passcode, range(1_000))
    past = {"validUntil": {"S": iso(at - DAY)}, "ttl": {"N": seconds(at + 29 * DAY)}}

    def one(**changes: Any) -> Row:
        return take_home(next(codes), at=at, **changes)

    def started(interview_id: str, **changes: Any) -> Row:
        return activated(next(codes), interview_id, at=at, **changes)

    return {
        "available": one(),
        "available, no instructions": one(customInstructions={"S": ""}),
        "available, milliseconds": one(validUntil={"S": iso(at + DAY)[:-4] + "987Z"}),
        "available, nothing optional": one(customInstructions=None, ttl=None),
        "available, other alphabet": one(candidateName={"S": "Нина 山田"}),
        "available, unknown attributes": one(
            createdBy={"S": "recruiter"},
            score={"N": "12.5"},
            tags={"L": [{"S": "urgent"}]},
            about={"M": {"source": {"S": "fair"}}},
            photo={"B": b"\x00\x01"},
            nothing={"NULL": True},
        ),
        "lapsed": one(**past),
        "expired": one(status={"S": "revoked"}, **past),
        "revoked": one(status={"S": "revoked"}),
        "revoked after the start": started("takehome-1700000000006-abcd6", status={"S": "revoked"}),
        "running": started("takehome-1700000000001-abcd1"),
        "starting": started("takehome-1700000000002-abcd2"),
        "ending": started("takehome-1700000000003-abcd3"),
        "ended by itself": started("takehome-1700000000004-abcd4", **past),
        "failed": started("takehome-1700000000005-abcd5"),
        "started, its interview is gone": started("takehome-1700000000007-abcd7"),
        "started, no interview": started("", interviewId=None),
        "completed": started("takehome-1700000000008-abcd8", status={"S": "completed"}),
        "completed, its interview is gone": started(
            "takehome-1700000000009-abcd9", status={"S": "completed"}, **past
        ),
    }


def interviews_of_them(at: datetime) -> list[Row]:
    """Return the rows of `interviews` that belong to those of `every_take_home`."""
    soon = {"accessUrl": None, "password": None}
    return [
        interview("takehome-1700000000001-abcd1", at=at),
        interview("takehome-1700000000002-abcd2", at=at, status={"S": "initializing"}, **soon),
        interview("takehome-1700000000003-abcd3", at=at, status={"S": "destroying"}),
        ended("takehome-1700000000004-abcd4", at=at),
        interview("takehome-1700000000005-abcd5", at=at, status={"S": "error"}, **soon),
        ended("takehome-1700000000006-abcd6", at=at),
        ended("takehome-1700000000008-abcd8", at=at),
    ]


def every_interview(at: datetime) -> dict[str, Row]:
    """Return one live interview of each kind."""
    soon = {"accessUrl": None, "password": None}
    return {
        "scheduled": interview(
            "aB3dE5gH",
            at=at,
            status={"S": "scheduled"},
            scheduledAt={"N": seconds(at + DAY)},
            autoDestroyAt={"N": seconds(at + DAY + timedelta(hours=1))},
            **soon,
        ),
        "initializing": interview("bB3dE5gH", at=at, status={"S": "initializing"}, **soon),
        "configuring": interview("cB3dE5gH", at=at, status={"S": "configuring"}),
        "active": interview("dB3dE5gH", at=at),
        "destroying": interview("eB3dE5gH", at=at, status={"S": "destroying"}),
        "destroyed": ended("fB3dE5gH", at=at),
        "error": interview("gB3dE5gH", at=at, status={"S": "error"}, **soon),
        "destroyed, few fields": ended(
            "hB3dE5gH",
            at=at,
            **dict.fromkeys(
                ("saveFiles", "autoDestroyAt", "updatedAt", "completedAt", "historyS3Key", "ttl")
            ),
        ),
    }


def unreadable(at: datetime) -> dict[str, Row]:
    """Return invalid rows of the old table, by what is wrong with them."""
    codes = map(passcode, range(1_000, 2_000))

    def one(**changes: Any) -> Row:
        return take_home(next(codes), at=at, **changes)

    return {
        "no validUntil": one(validUntil=None),
        "a bad date": one(validUntil={"S": "next Tuesday"}),
        "a wrong type": one(durationMinutes={"S": "an hour"}),
        "an unknown status": one(status={"S": "paused"}),
        "no name": one(candidateName=None),
        "no passcode of ours": take_home("HELLO", at=at),
    }


def many(count: int, at: datetime, *, seed: int = 1) -> Iterator[tuple[Row, list[Row]]]:
    """Yield a realistic mix of rows of the old table, each with its row in `interviews`, if any."""
    chance = random.Random(seed)
    for number in range(count):
        code = passcode(10_000 + number)
        then = at - timedelta(minutes=chance.randrange(60 * 24 * 20))
        id_ = f"takehome-{int(then.timestamp() * 1000)}-{number:05d}"
        match chance.randrange(10):
            case 0 | 1 | 2 | 3:
                yield take_home(code, at=then), []
            case 4:
                yield take_home(code, at=then, customInstructions={"S": ""}), []
            case 5:
                yield take_home(code, at=then - 10 * DAY, status={"S": "revoked"}), []
            case 6:
                yield take_home(code, at=then, status={"S": "revoked"}), []
            case 7:
                yield activated(code, id_, at=then), [ended(id_, at=then)]
            case 8:
                yield activated(code, id_, at=then, status={"S": "completed"}), []
            case _:
                yield activated(code, id_, at=at), [interview(id_, at=at)]


def _changed(row: dict[str, Any], changes: dict[str, dict[str, Any] | None]) -> Row:
    return {name: value for name, value in {**row, **changes}.items() if value is not None}
