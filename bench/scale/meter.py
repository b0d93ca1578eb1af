"""Counts what the platform asks of its tables, in AWS's units, between it and a local server.

A local server doesn't say what a write costs in the indexes, so the meter reads the item before and
after each write and applies AWS's rules: a read unit for 4 KB (half of it if the read may be
stale), a write unit for 1 KB of the item, and for each index another for 1 KB of what it has of the
item, if that changed, and two if its key did.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

import json
import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KILOBYTE = 1024
READ_BYTES = 4 * KILOBYTE
WRITE_BYTES = KILOBYTE
PREFIX = "DynamoDB_20120810."
KEPT_HEADERS = ("x-amz-target", "authorization", "content-type", "x-amz-date")

Item = Mapping[str, Any]


@dataclass
class Use:
    """Requests to the tables, and the units that they consumed."""

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    index_write_units: float = 0.0
    """Part of `write_units`."""

    def add(self, other: "Use", times: float = 1.0) -> None:
        self.requests += round(other.requests * times)
        self.read_units += other.read_units * times
        self.write_units += other.write_units * times
        self.index_write_units += other.index_write_units * times

    def minus(self, other: "Use") -> "Use":
        return Use(
            self.requests - other.requests,
            self.read_units - other.read_units,
            self.write_units - other.write_units,
            self.index_write_units - other.index_write_units,
        )


def size_of(item: Item | None) -> int:
    """Return how many bytes an item counts: names and values, in AWS's own sizes."""
    if item is None:
        return 0
    return sum(len(name.encode()) + _size_of_value(value) for name, value in item.items())


def _size_of_value(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return math.ceil(len(content.lstrip("-").replace(".", "")) / 2) + 1
    if kind == "B":
        return len(content) * 3 // 4
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + len(content) + size_of(content)
    if kind == "L":
        return 3 + len(content) + sum(map(_size_of_value, content))
    # A set of strings, numbers or bytes.
    return sum(_size_of_value({kind[0]: each}) for each in content)


@dataclass(frozen=True)
class Index:
    """A secondary index: the attributes of its key, and those that it has; None for all."""

    key: tuple[str, ...]
    has: frozenset[str] | None

    def of(self, item: Item | None) -> Item | None:
        """Return what the index has of an item; None if the item is not in it."""
        if item is None or not all(name in item for name in self.key):
            return None
        return {name: v for name, v in item.items() if self.has is None or name in self.has}

    def write_units(self, before: Item | None, after: Item | None) -> float:
        """Return what changing an item costs in the index."""
        old, new = self.of(before), self.of(after)
        if old == new:
            return 0
        if old is None or new is None:
            return _units(max(size_of(old), size_of(new)), WRITE_BYTES)
        if any(old[name] != new[name] for name in self.key):
            return _units(size_of(old), WRITE_BYTES) + _units(size_of(new), WRITE_BYTES)
        return _units(max(size_of(old), size_of(new)), WRITE_BYTES)


def _units(size: int, each: int) -> float:
    return max(1, math.ceil(size / each))


class Meter:
    """What was asked so far. `url` is where the platform finds its tables."""

    def __init__(self, target_file: Path) -> None:
        """The file has host and port of the tables' server once that is known."""
        self.use = Use()
        self.asked: dict[tuple[str, str], int] = {}
        """How often each operation was asked of each table."""
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[tuple[str, ...], list[Index]]] = {}
        self._target_file = target_file

    @contextmanager
    def running(self) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()

    def so_far(self) -> Use:
        with self._lock:
            return Use(**vars(self.use))

    def forward(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any, bytes]:
        """Pass a request on, and count it."""
        operation = headers.get("x-amz-target", "").removeprefix(PREFIX)
        asked = json.loads(body or b"{}")
        writes = list(_writes(operation, asked))
        before = [self._read(headers, table, key) for table, key in self._keys(headers, writes)]
        if operation in ("GetItem", "BatchGetItem", "Query", "Scan"):
            body = json.dumps(asked | {"ReturnConsumedCapacity": "TOTAL"}).encode()
        status, sent, answer = self._ask(path, headers, body)
        after = [self._read(headers, table, key) for table, key in self._keys(headers, writes)]
        use = Use(requests=1)
        if operation in ("GetItem", "BatchGetItem", "Query", "Scan") and status == 200:
            use.read_units += _read_units(json.loads(answer))
        for (table, _), old, new in zip(writes, before, after, strict=True):
            _, indexes = self._schema(headers, table)
            in_table = _units(max(size_of(old), size_of(new)), WRITE_BYTES)
            in_indexes = sum(index.write_units(old, new) for index in indexes)
            use.write_units += in_table + in_indexes
            use.index_write_units += in_indexes
        with self._lock:
            self.use.add(use)
            for table in {table for table, _ in writes} or {_table_of(asked)}:
                pair = (operation, table)
                self.asked[pair] = self.asked.get(pair, 0) + 1
        return status, sent, answer

    def _keys(
        self, headers: Mapping[str, str], writes: list[tuple[str, Item]]
    ) -> Iterator[tuple[str, Item]]:
        for table, item in writes:
            names, _ = self._schema(headers, table)
            yield table, {name: item[name] for name in names}

    def _read(self, headers: Mapping[str, str], table: str, key: Item) -> Item | None:
        asked = {"TableName": table, "Key": key, "ConsistentRead": True}
        found = self._call(headers, "GetItem", asked)
        item: Item | None = found.get("Item")
        return item

    def _schema(
        self, headers: Mapping[str, str], table: str
    ) -> tuple[tuple[str, ...], list[Index]]:
        if table not in self._indexes:
            described = self._call(headers, "DescribeTable", {"TableName": table})["Table"]
            key = _names(described)
            indexes = []
            for each in described.get("GlobalSecondaryIndexes", []):
                projection = each["Projection"]
                has = frozenset((*key, *_names(each), *projection.get("NonKeyAttributes", [])))
                is_all = projection["ProjectionType"] == "ALL"
                indexes.append(Index(_names(each), None if is_all else has))
            self._indexes[table] = (key, indexes)
        return self._indexes[table]

    def _call(self, headers: Mapping[str, str], operation: str, body: Any) -> Any:
        target = {**headers, "x-amz-target": PREFIX + operation}
        return json.loads(self._ask("/", target, json.dumps(body).encode())[2])

    def _ask(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self._target_file.read_text(), timeout=30)
        try:
            kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
            connection.request("POST", path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, meter: Meter, *arguments: Any) -> None:
        self._meter = meter
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._send(200, [], b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(*self._meter.forward(self.path, headers, body))

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


def _names(schema: Any) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in schema["KeySchema"])


def _table_of(asked: Any) -> str:
    return str(asked.get("TableName") or next(iter(asked.get("RequestItems", {"": None}))))


def _writes(operation: str, asked: Any) -> Iterator[tuple[str, Item]]:
    """Return the table of each item that is written, and a mapping that has its key."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield asked["TableName"], asked.get("Item") or asked["Key"]
    elif operation == "BatchWriteItem":
        for table, each in (
            (t, each) for t, all_ in asked["RequestItems"].items() for each in all_
        ):
            request = each.get("PutRequest") or each["DeleteRequest"]
            yield table, request.get("Item") or request["Key"]
    elif operation == "TransactWriteItems":
        for each in asked["TransactItems"]:
            [request] = each.values()
            yield request["TableName"], request.get("Item") or request["Key"]


def _read_units(answer: Any) -> float:
    consumed = answer.get("ConsumedCapacity") or []
    each = consumed if isinstance(consumed, list) else [consumed]
    return sum(float(one["CapacityUnits"]) for one in each)
