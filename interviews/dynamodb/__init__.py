"""DynamoDB code that all tables share: connection, time attributes, updates and errors."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from botocore.loaders import Loader, create_loader
from botocore.session import Session, get_session
from django.conf import settings
from pynamodb.attributes import Attribute, ListAttribute, MapAttribute
from pynamodb.connection import base as pynamodb_connection
from pynamodb.constants import MAP, NUMBER
from pynamodb.exceptions import AttributeDeserializationError, PynamoDBException
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from interviews.dynamodb import direct_reads
from interviews.dynamodb.rows import read_row

# DynamoDB's error messages for a read through an index that is missing or still backfilling.
_MISSING_INDEX = re.compile(
    r"(?:does not have the specified index|from backfilling global secondary index): ([\w.-]+)"
)
_TABLE = re.compile(r"on table \(([\w.-]+)\)")


@cache
def _shared_loader(data_path: str | None) -> Loader:
    return create_loader(data_path)


def _get_session() -> Session:
    session = get_session()
    data_path = session.get_config_variable("data_path")
    session.register_component("data_loader", _shared_loader(data_path))
    session.register("creating-client-class.dynamodb", direct_reads.add_to_client)
    return session


# pynamodb has a session for each table, and each would read and keep ten megabytes of its own of
# what botocore knows about AWS: a fifth of the processor time until a process is ready.
pynamodb_connection.get_session = _get_session  # type: ignore[attr-defined]


def table_meta(name: str) -> Any:
    """Return the `Meta` class of a pynamodb model: table name, endpoint and timeouts.

    The timeouts report an unreachable server within seconds; botocore's default is a minute.
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
        # DynamoDB Local checks no credentials, but the client requires some.
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
    """An aware UTC datetime, stored as epoch milliseconds (N)."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        if value.tzinfo is None:
            raise ValueError("A time without a zone names no instant.")
        return str(int(value.timestamp() * 1000))

    def deserialize(self, value: str) -> datetime:
        return datetime.fromtimestamp(float(value) / 1000, UTC)


_Element = TypeVar("_Element", bound=MapAttribute[Any, Any])


class MapListAttribute(ListAttribute[_Element]):
    """A list of maps of one class, stored and read as those of ListAttribute.

    ListAttribute copies all attributes of that class whenever it reads a list, an empty one too:
    nearly half of the time that it takes to read an interview.
    """

    def deserialize(self, values: list[dict[str, Any]]) -> Any:
        try:
            return [read_row(self.element_type, value[MAP]) for value in values]  # type: ignore[arg-type, type-var]
        except (AttributeDeserializationError, KeyError):
            # An element is NULL, which is None, or no map, and the error names it.
            return super().deserialize(values)  # type: ignore[no-untyped-call]


def split_readable(
    model: type[Model], item: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a stored item into attributes that the model can read, and those that it cannot.

    Attributes that the model does not know are in neither. Other programs wrote the item, so an
    attribute may hold any value.
    """
    known = {attribute.attr_name: attribute for attribute in model.get_attributes().values()}
    good, unreadable = {}, {}
    for name, value in item.items():
        if name not in known or "NULL" in value:
            continue
        try:
            known[name].deserialize(known[name].get_value(value))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError):
            unreadable[name] = value
        else:
            good[name] = value
    return good, unreadable


def now() -> datetime:
    """Return the current time as the tables store it: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def update_actions(model: type[Model], changes: Mapping[str, Any]) -> list[Action]:
    """Return the update actions for attributes by Python name; None removes an attribute."""
    return [
        getattr(model, name).remove() if value is None else getattr(model, name).set(value)
        for name, value in changes.items()
    ]


def error_code(error: BaseException) -> str | None:
    """Return DynamoDB's code for the error, or None if DynamoDB did not answer.

    After a time-out pynamodb's `cause_response_code` raises AttributeError, because the `response`
    of botocore's exception is None then.
    """
    cause = error.cause if isinstance(error, PynamoDBException) else error
    response = getattr(cause, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    return None if code is None else str(code)


def is_condition_failure(error: PynamoDBException) -> bool:
    """True if the condition of a write failed, rather than the write itself."""
    return error_code(error) == "ConditionalCheckFailedException"


def missing_index_message(error: BaseException) -> str | None:
    """Return a message that says what to do if the error is a missing index, or None."""
    if not isinstance(error, PynamoDBException) or error_code(error) != "ValidationException":
        return None
    index, table = _MISSING_INDEX.search(str(error)), _TABLE.search(str(error))
    if index is None:
        return None
    subject = f"table {table[1]}" if table else "table"
    return f"The {subject} has no index {index[1]} yet. Run manage.py create_tables."
