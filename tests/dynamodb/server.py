"""A DynamoDB in this process, which answers what the platform asks of one.

botocore asks the handlers of its event `before-call` for the answer before it signs and sends a
request. Only requests for AWS are answered here: a client that names a host goes to that host.
What is not known here is refused with NotImplementedError, and `test_contract.py` asks this server
and a real one the same questions.
"""

import json
import pickle
import re
from base64 import b64decode
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from threading import RLock
from types import SimpleNamespace
from typing import Any
from unittest import mock

from botocore import handlers
from botocore.client import BaseClient
from botocore.useragent import UserAgentString

from tests.dynamodb.errors import RequestError, invalid
from tests.dynamodb.expressions import Expressions, Item, comparable
from tests.dynamodb.tables import Index, Key, Position, Table, size_of

PAGE_BYTES = 1 << 20
# The parameters that are known, for each kind of request.
EVERY = {"TableName", "ReturnConsumedCapacity", "ExpressionAttributeNames"}
WRITE = EVERY | {"ConditionExpression", "ExpressionAttributeValues", "ReturnValues"}
READ = EVERY | {"ConsistentRead", "ProjectionExpression"}
PAGE = READ | {"ExpressionAttributeValues", "FilterExpression", "IndexName", "Select"}
PAGE |= {"Limit", "ExclusiveStartKey", "ScanIndexForward"}


class DynamoDB:
    """The tables stay until they are deleted."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        # Off: requests go on to whoever else answers them, or to AWS.
        self.is_on = True
        self._lock = RLock()

    @contextmanager
    def installed(self) -> Iterator["DynamoDB"]:
        """The clients of sessions that begin inside of it get their answers from this server."""
        handler = ("before-call.dynamodb", self.answer, handlers.REGISTER_LAST)
        with (
            mock.patch.object(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, handler]),
            # botocore does both anew for each request, a fifth of what an answer from here takes.
            mock.patch.object(BaseClient, "_resolve_endpoint_ruleset", _resolve_endpoint),
            mock.patch.object(UserAgentString, "to_string", _user_agent),
        ):
            yield self

    def clear(self) -> None:
        """Empty the tables."""
        for table in self.tables.values():
            table.clear()

    def put(self, table: str, item: Item) -> None:
        """As PutItem, without a request: for many rows."""
        self.tables[table].put(item)

    def answer(self, model: Any, params: dict[str, Any], **_: Any) -> Any:
        """What the client gets for a request: the handler of botocore's event."""
        if not self.is_on or ".amazonaws.com" not in params["url"]:
            return None
        request = json.loads(params["body"], object_hook=_without_base64)
        method = getattr(self, re.sub(r"(?<!^)([A-Z])", r"_\1", model.name).lower(), None)
        if method is None:
            raise NotImplementedError(model.name)
        try:
            with self._lock:
                # A copy: the client may change what it gets.
                answer, status = pickle.loads(pickle.dumps(method(request))), 200
        except RequestError as error:
            answer, status = dict(error.answer), 400
        answer["ResponseMetadata"] = {"HTTPStatusCode": status, "HTTPHeaders": {}}
        return SimpleNamespace(status_code=status), answer

    def _table(self, request: dict[str, Any], known: set[str]) -> Table:
        if unknown := request.keys() - known:
            raise NotImplementedError(sorted(unknown))
        if request["TableName"] not in self.tables:
            raise RequestError("ResourceNotFoundException", "Requested resource not found")
        return self.tables[request["TableName"]]

    # -- rows --------------------------------------------------------------------------------------

    def get_item(self, request: dict[str, Any]) -> dict[str, Any]:
        item = self._table(request, READ | {"Key"}).get(request["Key"])
        return {} if item is None else {"Item": _projected(request, item)}

    def put_item(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, WRITE | {"Item"})
        key = table.key(request["Item"])
        old = table.find(key)
        _check_condition(request, old)
        table.put(request["Item"])
        return _returned(request, old, request["Item"])

    def update_item(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, WRITE | {"Key", "UpdateExpression"})
        key = request["Key"]
        old = table.get(key)
        _check_condition(request, old)
        changes = Expressions(request).changes(request["UpdateExpression"], old or key)
        for name in table.primary.attributes:
            if name in changes:
                raise invalid(
                    "One or more parameter values were invalid: "
                    f"Cannot update attribute {name}. This attribute is part of the key"
                )
        whole = (old or key) | changes
        new = {name: value for name, value in whole.items() if value is not None}
        table.put(new)
        return _returned(request, old, new)

    def delete_item(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, WRITE | {"Key"})
        old = table.get(request["Key"])
        _check_condition(request, old)
        table.remove(table.key(request["Key"]))
        return _returned(request, old, None)

    def batch_get_item(self, request: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, list[Item]] = {}
        for name, part in request["RequestItems"].items():
            table = self._table(part | {"TableName": name}, READ | {"Keys"})
            _check_batch([table.key(key) for key in part["Keys"]], 100)
            items = [table.get(key) for key in part["Keys"]]
            found[name] = [_projected(part, item) for item in items if item is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def batch_write_item(self, request: dict[str, Any]) -> dict[str, Any]:
        for name, writes in request["RequestItems"].items():
            table = self._table({"TableName": name}, WRITE)
            puts = [each["PutRequest"]["Item"] for each in writes if "PutRequest" in each]
            deletes = [each["DeleteRequest"]["Key"] for each in writes if "DeleteRequest" in each]
            _check_batch([table.key(item) for item in puts + deletes], 25)
            for item in puts:
                table.put(item)
            for key in deletes:
                table.remove(table.key(key))
        return {"UnprocessedItems": {}}

    def query(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, PAGE | {"KeyConditionExpression"})
        index, expressions = _index(table, request), Expressions(request)
        condition = request["KeyConditionExpression"]
        for name, value in re.findall(r"(#?\w+) = (:\w+)", condition):
            if expressions.name(name) == index.attributes[0]:
                partition = index.partitions[comparable(expressions.value(value))]
                return _page(table, index, request, partition.ordered(index))
        raise invalid(f"Query condition missed key schema element: {index.attributes[0]}")

    def scan(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, PAGE)
        index = _index(table, request)
        rows = [row for each in index.partitions.values() for row in each.ordered(index)]
        return _page(table, index, request, sorted(rows, key=itemgetter(0)))

    # -- tables ------------------------------------------------------------------------------------

    def create_table(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["TableName"]
        if name in self.tables:
            raise RequestError("ResourceInUseException", f"Table already exists: {name}")
        self.tables[name] = Table(request)
        return {"TableDescription": self._description(name)}

    def describe_table(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Table": self._description(request["TableName"])}

    def delete_table(self, request: dict[str, Any]) -> dict[str, Any]:
        description = self._description(request["TableName"])
        del self.tables[request["TableName"]]
        return {"TableDescription": description}

    def list_tables(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"TableNames": sorted(self.tables)}

    def update_time_to_live(self, request: dict[str, Any]) -> dict[str, Any]:
        table = self._table(request, EVERY | {"TimeToLiveSpecification"})
        table.ttl_attribute = request["TimeToLiveSpecification"]["AttributeName"]
        return {"TimeToLiveSpecification": request["TimeToLiveSpecification"]}

    def describe_time_to_live(self, request: dict[str, Any]) -> dict[str, Any]:
        name = self._table(request, EVERY).ttl_attribute
        enabled = {"TimeToLiveStatus": "ENABLED", "AttributeName": name}
        return {"TimeToLiveDescription": enabled if name else {"TimeToLiveStatus": "DISABLED"}}

    def _description(self, name: str) -> dict[str, Any]:
        if name not in self.tables:
            message = f"Requested resource not found: Table: {name} not found"
            raise RequestError("ResourceNotFoundException", message)
        request = self.tables[name].request
        indexes = [
            each | {"IndexStatus": "ACTIVE"} for each in request.get("GlobalSecondaryIndexes", [])
        ]
        return {
            "TableName": name,
            "TableStatus": "ACTIVE",
            "ItemCount": 0,
            "KeySchema": request["KeySchema"],
            "AttributeDefinitions": request["AttributeDefinitions"],
            "BillingModeSummary": {"BillingMode": request["BillingMode"]},
        } | ({"GlobalSecondaryIndexes": indexes} if indexes else {})


_RESOLVE_ENDPOINT = BaseClient._resolve_endpoint_ruleset


def _resolve_endpoint(client: Any, *arguments: Any, **options: Any) -> Any:
    """As botocore's own; DynamoDB in AWS has one address for all requests of a client."""
    url = client.meta.endpoint_url
    if client.meta.service_model.service_name == "dynamodb" and ".amazonaws.com" in url:
        return url, {}, {}
    return _RESOLVE_ENDPOINT(client, *arguments, **options)


def _user_agent(_: UserAgentString) -> str:
    return "tests"


def _without_base64(value: dict[str, Any]) -> dict[str, Any]:
    if value.keys() == {"B"} and isinstance(value["B"], str):
        return {"B": b64decode(value["B"])}
    return value


def _check_condition(request: dict[str, Any], old: Item | None) -> None:
    if not Expressions(request).holds(request.get("ConditionExpression"), old or {}):
        raise RequestError("ConditionalCheckFailedException", "The conditional request failed")


def _check_batch(keys: list[Key], most: int) -> None:
    if not 0 < len(keys) <= most:
        raise invalid(f"{len(keys)} items, of {most} at most")
    if any(key in keys[:number] for number, key in enumerate(keys)):
        raise invalid("Provided list of item keys contains duplicates")


def _returned(request: dict[str, Any], old: Item | None, new: Item | None) -> dict[str, Any]:
    item = {"NONE": None, "ALL_OLD": old, "ALL_NEW": new}[request.get("ReturnValues", "NONE")]
    return {} if item is None else {"Attributes": item}


def _projected(request: dict[str, Any], item: Item) -> Item:
    return Expressions(request).projected(request.get("ProjectionExpression"), item)


def _index(table: Table, request: dict[str, Any]) -> Index:
    name = request.get("IndexName")
    if name is None:
        return table.primary
    if name not in table.secondary:
        raise invalid(f"The table does not have the specified index: {name}")
    if request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    return table.secondary[name]


def _page(
    table: Table, index: Index, request: dict[str, Any], rows: list[tuple[Position, Item]]
) -> dict[str, Any]:
    """From the rows in their order, those that the request wants."""
    expressions = Expressions(request)
    answer: dict[str, Any] = {"Items": [], "ScannedCount": 0}
    page_bytes = 0
    for item in _following(table, index, request, rows):
        if not expressions.holds(request.get("KeyConditionExpression"), item):
            continue
        answer["ScannedCount"] += 1
        page_bytes += size_of(item)
        if expressions.holds(request.get("FilterExpression"), item):
            answer["Items"].append(_projected(request, index.projected(item)))
        if answer["ScannedCount"] == request.get("Limit") or page_bytes > PAGE_BYTES:
            names = {*index.attributes, *table.primary.attributes}
            answer["LastEvaluatedKey"] = {name: item[name] for name in names}
            break
    answer["Count"] = len(answer["Items"])
    if request.get("Select") == "COUNT":
        del answer["Items"]
    return answer


def _following(
    table: Table, index: Index, request: dict[str, Any], rows: list[tuple[Position, Item]]
) -> Iterator[Item]:
    """The rows after the start key, forwards or backwards."""
    first, last = 0, len(rows)
    is_forward = request.get("ScanIndexForward", True)
    if (start := request.get("ExclusiveStartKey")) is not None:
        position = index.position(start, table.key(start))
        if is_forward:
            first = bisect_right(rows, position, key=itemgetter(0))
        else:
            last = bisect_left(rows, position, key=itemgetter(0))
    numbers = range(first, last)
    return (rows[number][1] for number in (numbers if is_forward else reversed(numbers)))
