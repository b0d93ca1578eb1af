"""Compare DynamoDB tables with their models, and add missing indexes while the tables are in use.

DynamoDB adds one index at a time to a table and fills it from the rows. The progress is only in the
table's own description, so an interrupted run continues when it is started again.
"""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.models import Model

from operations.management.table_schema import Table, schema_conflicts

# The interval at which a busy table is polled, and the polls between two messages about it.
POLL_SECONDS = 3.0
# The pause before a new table is looked at again; it doubles up to POLL_SECONDS. A local server is
# ready within milliseconds, AWS within seconds.
FIRST_POLL_SECONDS = 0.02
POLLS_PER_MESSAGE = 20
# The attempts, POLL_SECONDS apart, to create an index while DynamoDB is at a limit.
MAX_TRIES = 40
TTL_UNSUPPORTED = ("UnknownOperationException", "ValidationException")
# The table is being changed, or too many tables are.
BUSY = ("ResourceInUseException", "LimitExceededException")
THROTTLED = ("ThrottlingException", "RequestLimitExceeded", "InternalServerError")
ALREADY_EXISTS = "already exists"
# dynalite requires this for an index of an on-demand table, and then creates no index.
THROUGHPUT_REQUIRED = "provisionedThroughput"

Report = Callable[[str], None]
Sleep = Callable[[float], None]


class SchemaSyncError(Exception):
    """A table cannot be brought up to date; the text is a sentence that says what to do."""


def create_table(model: type[Model], sleep: Sleep = time.sleep) -> None:
    """Create the table, and return when it and its indexes can be used.

    Raises:
        TableError: if DynamoDB refuses, also because another process creates it.
    """
    model.create_table()
    pause = FIRST_POLL_SECONDS
    while describe_table(model).pending_change:
        sleep(pause)
        pause = min(2 * pause, POLL_SECONDS)


def describe_table(model: type[Model]) -> Table:
    """The model's table, which must exist."""
    name = model.Meta.table_name
    description = _client(model).describe_table(TableName=name)["Table"]
    schema: dict[str, Any] = dict(model._get_schema())
    # By name: pynamodb orders them by Python attribute, which may be renamed.
    schema["global_secondary_indexes"] = sorted(
        schema["global_secondary_indexes"], key=lambda index: str(index["index_name"])
    )
    return Table(name, description, schema)


def is_ttl_missing(model: type[Model]) -> bool | None:
    """Whether the model has a `ttl` attribute while its table does not expire rows.

    Returns None if this server has no TTL. Other servers without it only refuse to enable it.
    """
    if "ttl" not in model.get_attributes():
        return False
    try:
        response = _client(model).describe_time_to_live(TableName=model.Meta.table_name)
    except ClientError as error:
        if _code(error) not in TTL_UNSUPPORTED:
            raise
        return None
    return response["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING")


def enable_ttl(model: type[Model]) -> bool:
    """Enable TTL for the table. Returns False if this server has no TTL."""
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


def add_indexes(model: type[Model], report: Report, sleep: Sleep = time.sleep) -> None:
    """Add the missing indexes, one after the other, and return when all can be read.

    Raises:
        SchemaSyncError: if the table cannot be brought up to date.
        ClientError: if DynamoDB refuses a request.
    """
    while True:
        table = wait_until_active(model, report, sleep)
        if conflicts := schema_conflicts(table):
            raise SchemaSyncError(" ".join(conflicts))
        if not table.missing_indexes:
            return
        index = table.missing_indexes[0]
        report(f"{table.name}: adding the index {index['index_name']}{_capacity_note(table)}")
        _create_index(model, table, index, report, sleep)


def wait_until_active(model: type[Model], report: Report, sleep: Sleep = time.sleep) -> Table:
    """Wait without a limit until neither the table nor one of its indexes is being changed.

    Passes messages about the progress to `report`, and returns the table.
    """
    reported, polls = "", 0
    while (table := describe_table(model)).pending_change:
        if table.pending_change != reported or polls % POLLS_PER_MESSAGE == 0:
            reported = table.pending_change
            report(f"{table.name}: waiting, since {reported} ({_row_count(table)})")
        polls += 1
        sleep(POLL_SECONDS)
    return table


def _create_index(
    model: type[Model], table: Table, index: dict[str, Any], report: Report, sleep: Sleep
) -> None:
    """Request the creation of an index.

    Raises:
        SchemaSyncError: if this server cannot create it, or DynamoDB refuses or stays busy.
    """
    name = index["index_name"]
    for _ in range(MAX_TRIES):
        try:
            response = _client(model).update_table(**_index_request(table, index))
        except ClientError as error:
            code, message = _code(error), error.response["Error"].get("Message", "")
            if ALREADY_EXISTS in message:
                # The description lags behind, or another process was first.
                sleep(POLL_SECONDS)
                return
            if THROUGHPUT_REQUIRED in message and not table.capacity:
                raise SchemaSyncError(_unsupported_message(table, name)) from None
            if code not in (*BUSY, *THROTTLED):
                raise SchemaSyncError(
                    f"DynamoDB refused the index {name} of {table.name}: {message}"
                ) from None
            report(f"{table.name}: waiting, since DynamoDB has no room for a change now ({code})")
            sleep(POLL_SECONDS)
            continue
        updated = Table(table.name, response.get("TableDescription", {}), table.model_schema)
        if not updated.has_index(name) and not describe_table(model).has_index(name):
            raise SchemaSyncError(_unsupported_message(table, name))
        return
    raise SchemaSyncError(
        f"DynamoDB had no room for the index {name} of {table.name} for "
        f"{MAX_TRIES * POLL_SECONDS / 60:.0f} minutes. Run this again later to "
        "continue."
    )


def _unsupported_message(table: Table, index: str) -> str:
    return (
        f"This server can't add the index {index} to {table.name}, as the table already exists "
        "(dynalite can't). `make run` renews its own tables when it starts. Elsewhere, use another "
        "server."
    )


def _index_request(table: Table, index: dict[str, Any]) -> dict[str, Any]:
    keys = {key["AttributeName"]: key["AttributeType"] for key in index["attribute_definitions"]}
    new_index: dict[str, Any] = {
        "IndexName": index["index_name"],
        # pynamodb sorts the keys by name, but DynamoDB requires HASH first.
        "KeySchema": sorted(index["key_schema"], key=lambda key: key["KeyType"]),
        "Projection": {"ProjectionType": index["projection"]["ProjectionType"]},
    }
    if table.capacity:
        new_index["ProvisionedThroughput"] = table.capacity
    return {
        "TableName": table.name,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": type_}
            for name, type_ in (table.key_types | keys).items()
        ],
        "GlobalSecondaryIndexUpdates": [{"Create": new_index}],
    }


def _capacity_note(table: Table) -> str:
    if not table.capacity:
        return ""
    reads, writes = table.capacity.values()
    return f", with the table's own capacity of {reads} reads and {writes} writes a second"


def _row_count(table: Table) -> str:
    """The approximate number of rows, which DynamoDB updates about every six hours."""
    return f"about {int(table.description.get('ItemCount', 0)):,} rows"


def _client(model: type[Model]) -> Any:
    return model._get_connection().connection.client


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
