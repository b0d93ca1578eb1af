"""What every DynamoDB table of the platform shares: its address, times, writes and errors."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.update import Action
from pynamodb.models import Model

# What DynamoDB says of a read through an index that the table has not, or that is being filled.
_LACKS_INDEX = re.compile(
    r"(?:does not have the specified index|from backfilling global secondary index): ([\w.-]+)"
)
_TABLE = re.compile(r"on table \(([\w.-]+)\)")


def table_meta(name: str) -> Any:
    """The `Meta` of a pynamodb model: where its table is.

    A missing server is reported within seconds, not after botocore's default minute.
    """
    meta: dict[str, Any] = {
        "table_name": settings.TABLE_PREFIX + name,
        "region": settings.DYNAMODB_REGION,
        "billing_mode": "PAY_PER_REQUEST",
        "connect_timeout_seconds": 2,
        "read_timeout_seconds": 10,
        "max_retry_attempts": 2,
        "max_pool_connections": 50,
    }
    if settings.DYNAMODB_ENDPOINT_URL:
        # A server of one's own checks no credentials, but the client insists on having some.
        meta["host"] = settings.DYNAMODB_ENDPOINT_URL
        meta |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return type("Meta", (), meta)


class TimeAttribute(Attribute[datetime]):
    """An aware UTC datetime, stored as epoch seconds (N)."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        if value.tzinfo is None:
            raise ValueError("A time without a zone names no instant.")
        return str(int(value.timestamp()))

    def deserialize(self, value: str) -> datetime:
        return datetime.fromtimestamp(int(float(value)), UTC)


class MillisecondsAttribute(Attribute[datetime]):
    """An aware UTC datetime as epoch milliseconds (N)."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        if value.tzinfo is None:
            raise ValueError("A time without a zone names no instant.")
        return str(int(value.timestamp() * 1000))

    def deserialize(self, value: str) -> datetime:
        return datetime.fromtimestamp(float(value) / 1000, UTC)


def split_readable(
    model: type[Model], item: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of an item as it is stored, the attributes that the model can read, and those that it should
    and cannot. Others have written it, and may have put anything there."""
    known = {attribute.attr_name: attribute for attribute in model.get_attributes().values()}
    good, bad = {}, {}
    for name, value in item.items():
        if name not in known or "NULL" in value:
            continue
        try:
            known[name].deserialize(known[name].get_value(value))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError):
            bad[name] = value
        else:
            good[name] = value
    return good, bad


def now() -> datetime:
    """This instant, as it would be read back from a table: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def update_actions(model: type[Model], changes: Mapping[str, Any]) -> list[Action]:
    """What an update writes: each attribute by its Python name; a change to None removes it."""
    return [
        getattr(model, name).remove() if value is None else getattr(model, name).set(value)
        for name, value in changes.items()
    ]


def is_condition_failure(error: PynamoDBException) -> bool:
    """Was it the condition of the write that failed, rather than the write?"""
    return error.cause_response_code == "ConditionalCheckFailedException"


def missing_index_message(error: BaseException) -> str | None:
    """Where a read needs an index that its table has not yet: the sentence that says what to do."""
    if (
        not isinstance(error, PynamoDBException)
        or error.cause_response_code != "ValidationException"
    ):
        return None
    index, name = _LACKS_INDEX.search(str(error)), _TABLE.search(str(error))
    if index is None:
        return None
    of = f"table {name[1]}" if name else "table"
    return f"The {of} has no index {index[1]} yet: run manage.py create_tables."
