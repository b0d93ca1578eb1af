"""What a table that is there lacks of what its model says, and adding it while the table is in use.

DynamoDB adds one index at a time to a table and fills it from the rows. How far that is stands in
the table's own description alone, so whoever is cut off goes on by starting again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.models import Model

# Seconds between two looks at a table that is busy, and looks between two lines about it.
POLL_SECONDS = 3.0
POLLS_PER_MESSAGE = 20
# An index that DynamoDB has no room for at the moment is asked for so often, PAUSE apart.
MAX_TRIES = 40
TTL_UNSUPPORTED = ("UnknownOperationException", "ValidationException")
# The table, or too many of them, are being changed at this moment.
BUSY = ("ResourceInUseException", "LimitExceededException")
THROTTLED = ("ThrottlingException", "RequestLimitExceeded", "InternalServerError")
ALREADY_EXISTS = "already exists"
# What dynalite wants for an index of a table that is paid by use; given it, it does nothing.
THROUGHPUT_REQUIRED = "provisionedThroughput"

Report = Callable[[str], None]
Sleep = Callable[[float], None]


class SchemaSyncError(Exception):
    """A table cannot be brought up to date; the text is a sentence that says what to do."""


@dataclass(frozen=True)
class Table:
    """A table as DynamoDB describes it, and as its model wants it."""

    name: str
    there: dict[str, Any]
    wanted: dict[str, Any]

    @property
    def missing(self) -> list[dict[str, Any]]:
        """The indexes it has not, as pynamodb says them."""
        return [i for i in self.wanted["global_secondary_indexes"] if not self.has(i["index_name"])]

    def has(self, index: str) -> bool:
        return any(each["IndexName"] == index for each in self.indexes)

    @property
    def indexes(self) -> list[dict[str, Any]]:
        return list(self.there.get("GlobalSecondaryIndexes") or [])

    @property
    def types(self) -> dict[str, str]:
        """Of the attributes that are keys, by name: S, N or B."""
        return {
            each["AttributeName"]: each["AttributeType"]
            for each in self.there["AttributeDefinitions"]
        }

    @property
    def waits_for(self) -> str:
        """What is going on in it; empty: nothing."""
        for index in self.indexes:
            # A server of one's own may know no statuses.
            status = index.get("IndexStatus", "ACTIVE")
            if index.get("Backfilling"):
                return f"the index {index['IndexName']} is being filled from the rows"
            if status != "ACTIVE":
                return f"the index {index['IndexName']} is {_status_words(status)}"
        status = self.there.get("TableStatus", "ACTIVE")
        return "" if status == "ACTIVE" else f"the table is {_status_words(status)}"

    @property
    def capacity(self) -> dict[str, int] | None:
        """The units a second that are paid for; None: as many as are used."""
        mode = self.there.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        units = self.there.get("ProvisionedThroughput", {})
        reads, writes = (int(units.get(f"{each}CapacityUnits", 0)) for each in ("Read", "Write"))
        if mode != "PROVISIONED" or not reads or not writes:
            return None
        return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def describe_table(model: type[Model]) -> Table:
    """The table as it is now; it must be there."""
    name = model.Meta.table_name
    there = _client(model).describe_table(TableName=name)["Table"]
    return Table(name, there, dict(model._get_schema()))


def is_ttl_missing(model: type[Model]) -> bool | None:
    """Should its rows be removed when their `ttl` is over, and are not? None: this server has no
    such thing; another one says that only when it is to be switched on."""
    if "ttl" not in model.get_attributes():
        return False
    try:
        said = _client(model).describe_time_to_live(TableName=model.Meta.table_name)
    except ClientError as error:
        if _code(error) not in TTL_UNSUPPORTED:
            raise
        return None
    return said["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING")


def enable_ttl(model: type[Model]) -> bool:
    """Switch on the removal of rows past their `ttl`; False: this server has no such thing."""
    try:
        _client(model).update_time_to_live(
            TableName=model.Meta.table_name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
        )
    except ClientError as error:
        if _code(error) not in TTL_UNSUPPORTED:
            raise
        return False
    return True


def schema_conflicts(table: Table) -> list[str]:
    """What no index can be added to, and only a person can decide: a sentence each."""
    found = []
    keys = _key_attributes(table.there["KeySchema"])
    if keys != (wanted := _key_attributes(table.wanted["key_schema"])):
        found.append(
            f"The key of the table {table.name} is {_joined(keys)}, and must be {_joined(wanted)}: "
            "name another table with TABLE_PREFIX."
        )
    types = table.types
    for index in table.wanted["global_secondary_indexes"]:
        name = index["index_name"]
        for key in index["attribute_definitions"]:
            attribute, type_ = key["AttributeName"], key["AttributeType"]
            if types.get(attribute, type_) != type_:
                found.append(
                    f"The index {name} of {table.name} needs {attribute} as {type_}, and an index "
                    f"that is there has it as {types[attribute]}: remove that index."
                )
        found += [
            f"The table {table.name} has another index called {name}, by {_joined(there)}: "
            "remove it."
            for each in table.indexes
            if each["IndexName"] == name
            and (there := _key_attributes(each["KeySchema"]))
            != _key_attributes(index["key_schema"])
        ]
    return found


def add_indexes(model: type[Model], say: Report, sleep: Sleep = time.sleep) -> None:
    """Add the missing ones, one after the other, and return when each can be read.

    Raises SchemaSyncError, and ClientError where DynamoDB does not answer.
    """
    while True:
        table = wait_until_active(model, say, sleep)
        if wrong := schema_conflicts(table):
            raise SchemaSyncError(" ".join(wrong))
        if not table.missing:
            return
        index = table.missing[0]
        say(f"{table.name}: adding the index {index['index_name']}{_capacity_note(table)}")
        _create_index(model, table, index, say, sleep)


def wait_until_active(model: type[Model], say: Report, sleep: Sleep = time.sleep) -> Table:
    """The table, once neither it nor one of its indexes is being changed, however long that takes;
    `say` hears what is waited for."""
    said, looks = "", 0
    while (table := describe_table(model)).waits_for:
        if table.waits_for != said or looks % POLLS_PER_MESSAGE == 0:
            said = table.waits_for
            say(f"{table.name}: waiting, since {said} ({_row_count(table)})")
        looks += 1
        sleep(POLL_SECONDS)
    return table


def _create_index(
    model: type[Model], table: Table, index: dict[str, Any], say: Report, sleep: Sleep
) -> None:
    """Have DynamoDB begin with an index. Raises SchemaSyncError."""
    name = index["index_name"]
    for _ in range(MAX_TRIES):
        try:
            answer = _client(model).update_table(**_request(table, index))
        except ClientError as error:
            code, words = _code(error), error.response["Error"].get("Message", "")
            if ALREADY_EXISTS in words:
                # The description is late, or somebody else was first.
                sleep(POLL_SECONDS)
                return
            if THROUGHPUT_REQUIRED in words and not table.capacity:
                raise SchemaSyncError(_unsupported_message(table, name)) from None
            if code not in (*BUSY, *THROTTLED):
                raise SchemaSyncError(
                    f"DynamoDB refuses the index {name} of {table.name}: {words}"
                ) from None
            say(f"{table.name}: waiting, since DynamoDB has no room for a change now ({code})")
            sleep(POLL_SECONDS)
            continue
        described = Table(table.name, answer.get("TableDescription", {}), table.wanted)
        if not described.has(name) and not describe_table(model).has(name):
            raise SchemaSyncError(_unsupported_message(table, name))
        return
    raise SchemaSyncError(
        f"DynamoDB had no room for the index {name} of {table.name} for "
        f"{MAX_TRIES * POLL_SECONDS / 60:.0f} minutes: run this again later, and it goes on where "
        "it stopped."
    )


def _unsupported_message(table: Table, index: str) -> str:
    return (
        f"This server cannot add the index {index} to {table.name}, since that is there already "
        "(dynalite cannot): `make run` renews its own tables by itself when it starts; "
        "elsewhere, use another server."
    )


def _request(table: Table, index: dict[str, Any]) -> dict[str, Any]:
    keys = {key["AttributeName"]: key["AttributeType"] for key in index["attribute_definitions"]}
    created: dict[str, Any] = {
        "IndexName": index["index_name"],
        # pynamodb has them by name, and DynamoDB wants HASH first.
        "KeySchema": sorted(index["key_schema"], key=lambda key: key["KeyType"]),
        "Projection": {"ProjectionType": index["projection"]["ProjectionType"]},
    }
    if table.capacity:
        created["ProvisionedThroughput"] = table.capacity
    return {
        "TableName": table.name,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": type_}
            for name, type_ in (table.types | keys).items()
        ],
        "GlobalSecondaryIndexUpdates": [{"Create": created}],
    }


def _key_attributes(schema: list[dict[str, str]]) -> dict[str, str]:
    """The attribute of each kind of key: HASH, RANGE."""
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def _status_words(status: str) -> str:
    return {"CREATING": "being made"}.get(status, status.lower())


def _joined(keys: dict[str, str]) -> str:
    return " and ".join(keys[kind] for kind in ("HASH", "RANGE") if kind in keys)


def _capacity_note(table: Table) -> str:
    if not table.capacity:
        return ""
    reads, writes = table.capacity.values()
    return f", with the table's own capacity of {reads} reads and {writes} writes a second"


def _row_count(table: Table) -> str:
    """DynamoDB counts them about every six hours."""
    return f"about {int(table.there.get('ItemCount', 0)):,} rows"


def _client(model: type[Model]) -> Any:
    return model._get_connection().connection.client


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
