"""A table as DynamoDB describes it, compared with the schema of its model."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table as DynamoDB describes it, and the schema of its model."""

    name: str
    description: dict[str, Any]
    model_schema: dict[str, Any]

    @property
    def missing_indexes(self) -> list[dict[str, Any]]:
        """The missing indexes, in pynamodb's format."""
        return [
            index
            for index in self.model_schema["global_secondary_indexes"]
            if not self.has_index(index["index_name"])
        ]

    def has_index(self, name: str) -> bool:
        return any(index["IndexName"] == name for index in self.indexes)

    @property
    def indexes(self) -> list[dict[str, Any]]:
        return list(self.description.get("GlobalSecondaryIndexes") or [])

    @property
    def key_types(self) -> dict[str, str]:
        """The types (S, N or B) of the attributes that are keys, by name."""
        return {
            each["AttributeName"]: each["AttributeType"]
            for each in self.description["AttributeDefinitions"]
        }

    @property
    def pending_change(self) -> str:
        """A description of the change in progress, or "" if there is none."""
        for index in self.indexes:
            # A local server may have no statuses.
            status = index.get("IndexStatus", "ACTIVE")
            if index.get("Backfilling"):
                return f"the index {index['IndexName']} is being filled from the rows"
            if status != "ACTIVE":
                return f"the index {index['IndexName']} is {_status_words(status)}"
        status = self.description.get("TableStatus", "ACTIVE")
        return "" if status == "ACTIVE" else f"the table is {_status_words(status)}"

    @property
    def capacity(self) -> dict[str, int] | None:
        """The provisioned units per second, or None for an on-demand table."""
        mode = self.description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        units = self.description.get("ProvisionedThroughput", {})
        reads, writes = (int(units.get(f"{each}CapacityUnits", 0)) for each in ("Read", "Write"))
        if mode != "PROVISIONED" or not reads or not writes:
            return None
        return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def schema_conflicts(table: Table) -> list[str]:
    """The differences that only a person can resolve, as sentences."""
    sentences = []
    keys = _key_attributes(table.description["KeySchema"])
    model_keys = _key_attributes(table.model_schema["key_schema"])
    if keys != model_keys:
        sentences.append(
            f"The key of the table {table.name} is {_joined(keys)}, but must be "
            f"{_joined(model_keys)}. Use other tables with TABLE_PREFIX."
        )
    types = table.key_types
    for index in table.model_schema["global_secondary_indexes"]:
        name = index["index_name"]
        for key in index["attribute_definitions"]:
            attribute, type_ = key["AttributeName"], key["AttributeType"]
            if types.get(attribute, type_) != type_:
                sentences.append(
                    f"The index {name} of {table.name} needs {attribute} as {type_}, but an "
                    f"existing index has it as {types[attribute]}. Remove that index."
                )
        for existing in table.indexes:
            index_keys = _key_attributes(existing["KeySchema"])
            if existing["IndexName"] == name and index_keys != _key_attributes(index["key_schema"]):
                sentences.append(
                    f"The table {table.name} has another index called {name}, by "
                    f"{_joined(index_keys)}. Remove it."
                )
    return sentences


def _key_attributes(schema: list[dict[str, str]]) -> dict[str, str]:
    """The attribute of each key by its type, HASH or RANGE."""
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def _status_words(status: str) -> str:
    return {"CREATING": "being made"}.get(status, status.lower())


def _joined(keys: dict[str, str]) -> str:
    return " and ".join(keys[kind] for kind in ("HASH", "RANGE") if kind in keys)
