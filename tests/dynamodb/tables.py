"""The rows of a DynamoDB table, and their order in each of its indexes."""

import operator
from collections import defaultdict
from typing import Any

from tests.dynamodb.errors import invalid
from tests.dynamodb.expressions import Item, comparable

MAX_ITEM_BYTES = 400 * 1024
WRONG = "One or more parameter values were invalid: "

# The comparable values of the attributes of a key.
Key = tuple[tuple[str, Any], ...]
Position = tuple[tuple[str, Any], ...]


class Partition:
    """The rows of an index with one hash key."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self._ordered: list[tuple[Position, Item]] | None = None

    def put(self, key: Key, item: Item) -> None:
        self.items[key] = item
        self._ordered = None

    def remove(self, key: Key) -> None:
        del self.items[key]
        self._ordered = None

    def ordered(self, index: "Index") -> list[tuple[Position, Item]]:
        """Kept until the next write."""
        if self._ordered is None:
            rows = [(index.position(item, key), item) for key, item in self.items.items()]
            self._ordered = sorted(rows, key=operator.itemgetter(0))
        return self._ordered


class Index:
    """Rows by a key: the table's own, or that of a global secondary index."""

    def __init__(self, description: dict[str, Any], also: list[str]) -> None:
        # HASH, then RANGE if there is one.
        schema = sorted(description["KeySchema"], key=operator.itemgetter("KeyType"))
        self.attributes = [key["AttributeName"] for key in schema]
        self.partitions: dict[Any, Partition] = defaultdict(Partition)
        projection = description.get("Projection", {"ProjectionType": "ALL"})
        if projection["ProjectionType"] not in ("ALL", "KEYS_ONLY"):
            raise NotImplementedError(projection)
        only = {*self.attributes, *also}
        self._projected = None if projection["ProjectionType"] == "ALL" else only

    def key(self, item: Item) -> Key | None:
        """None: the item is not in the index."""
        if any(name not in item for name in self.attributes):
            return None
        return tuple(comparable(item[name]) for name in self.attributes)

    def position(self, item: Item, key: Key) -> Position:
        """The order of rows: by this key, and by the table's where that leaves it open."""
        return (*(self.key(item) or ()), *key)

    def projected(self, item: Item) -> Item:
        only = self._projected
        return item if only is None else {name: item[name] for name in item if name in only}


class Table:
    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.ttl_attribute = ""
        definitions = request["AttributeDefinitions"]
        self.types = {each["AttributeName"]: each["AttributeType"] for each in definitions}
        self.primary = Index(request, [])
        self.secondary = {
            each["IndexName"]: Index(each, self.primary.attributes)
            for each in request.get("GlobalSecondaryIndexes", [])
        }

    @property
    def indexes(self) -> list[Index]:
        return [self.primary, *self.secondary.values()]

    def key(self, item: Item) -> Key:
        for name in self.primary.attributes:
            if name not in item:
                raise invalid(f"{WRONG}Missing the key {name} in the item")
            self._check_key(name, item)
        key = self.primary.key(item)
        assert key is not None
        return key

    def get(self, key: Item) -> Item | None:
        names = self.primary.attributes
        if set(key) != set(names) or any(self.types[name] not in key[name] for name in names):
            raise invalid("The provided key element does not match the schema")
        return self.find(self.key(key))

    def find(self, key: Key) -> Item | None:
        return self.primary.partitions[key[0]].items.get(key)

    def put(self, item: Item) -> None:
        key = self.key(item)
        for name in self.types:
            self._check_key(name, item)
        if size_of(item) > MAX_ITEM_BYTES:
            raise invalid("Item size has exceeded the maximum allowed size")
        self.remove(key)
        for index in self.indexes:
            if (at := index.key(item)) is not None:
                index.partitions[at[0]].put(key, item)

    def remove(self, key: Key) -> None:
        if (item := self.find(key)) is None:
            return
        for index in self.indexes:
            if (at := index.key(item)) is not None:
                index.partitions[at[0]].remove(key)

    def clear(self) -> None:
        for index in self.indexes:
            index.partitions.clear()

    def _check_key(self, name: str, item: Item) -> None:
        if name not in item:
            return
        wanted, ((actual, raw),) = self.types[name], item[name].items()
        if wanted != actual:
            if name in self.primary.attributes:
                types = f"expected: {wanted} actual: {actual}"
                raise invalid(f"{WRONG}Type mismatch for key {name} {types}")
            index = next(n for n, each in self.secondary.items() if name in each.attributes)
            types = f"Expected: {wanted} Actual: {actual} IndexName: {index}"
            raise invalid(f"{WRONG}Type mismatch for Index Key {name} {types}")
        if not raw:
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key "
                f"attribute cannot contain an empty string value. Key: {name}"
            )


def size_of(value: Any) -> int:
    """Bytes, about as DynamoDB counts them: names and values."""
    if isinstance(value, dict):
        return sum(len(name) + size_of(each) for name, each in value.items())
    if isinstance(value, list):
        return sum(map(size_of, value))
    if isinstance(value, bool):
        return 1
    return len(value.encode() if isinstance(value, str) else value)
