"""Verify that each row of the old table is in `interviews`, field by field, and delete it there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from interviews.legacy import stored_rows
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.migration import (
    MODELS,
    map_in_order,
    retry_if_throttled,
    scan_rows,
)
from interviews.legacy.models import (
    ACTIVE,
    COPYING,
    REVOKED,
    Takehome,
    UnreadableRowError,
    own_fields,
)
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview

WITHDRAWN = FINAL | {Status.DESTROYING}


@dataclass(frozen=True)
class Difference:
    """A difference between an old row and its interview; `field` is empty for the whole row."""

    passcode: str
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        if not self.field:
            return f"{self.passcode}: {self.new}"
        return f"{self.passcode}: {self.field} is {self.old} in the old table, and {self.new} here"


@dataclass
class VerificationResult:
    """Counts of compared, equal and deleted rows, and the differences."""

    rows: int = 0
    same: int = 0
    deleted: int = 0
    # Rows that changed between comparison and deletion, which stay.
    changed: int = 0
    differences: list[Difference] = field(default_factory=list)


def verify(
    limiter: CapacityLimiter,
    on_row: Callable[[VerificationResult], None],
    *,
    delete: bool = False,
    workers: int = 1,
) -> VerificationResult:
    """Compare all rows, and call `on_row` after each.

    With `delete`, rows that are equal in both tables are deleted from the old one, unless they
    change at the same time. Errors of DynamoDB are not caught.
    """
    result = VerificationResult()

    def compare(raw: dict[str, Any]) -> tuple[list[Difference], bool]:
        limiter.wait()
        found = retry_if_throttled(lambda: find_differences(Takehome.from_raw_data(raw)), limiter)
        return found, delete and not found and retry_if_throttled(
            lambda: _delete_if_unchanged(raw), limiter
        )

    with limiter.measure(MODELS), ThreadPoolExecutor(workers) as pool:
        for _, (found, deleted) in map_in_order(
            pool, scan_rows(Takehome, None, limiter), compare, workers
        ):
            result.rows += 1
            result.same += not found
            result.deleted += deleted
            result.changed += delete and not found and not deleted
            result.differences += found
            on_row(result)
    return result


def find_differences(old: Takehome) -> list[Difference]:
    """Return the differences between an old row and its interview."""
    try:
        expected = own_fields(old)
    except UnreadableRowError as error:
        return [Difference(old.passcode, "", "", f"it can't be read: {error}")]
    row = stored_rows.get_migrated(old)
    if row is None:
        return [Difference(old.passcode, "", "", "it isn't copied yet")]
    if old.status in (ACTIVE, COPYING) or old.interview_id != row.id:
        return [Difference(old.passcode, "", "", "its copy is incomplete")]
    found = [
        Difference(old.passcode, _stored_name(name), _display(value), _display(actual))
        for name, value in expected.items()
        if value is not None and (actual := getattr(row, name)) != value
    ]
    if old.status == REVOKED and row.state not in WITHDRAWN:
        found.append(Difference(old.passcode, "status", REVOKED, row.status))
    return found


def _delete_if_unchanged(raw: dict[str, Any]) -> bool:
    """Delete the row, or return False if it changed since it was compared."""
    names = sorted(raw.keys() - {"passcode"})
    client = Takehome._get_connection().connection.client
    try:
        client.delete_item(
            TableName=Takehome.Meta.table_name,
            Key={"passcode": raw["passcode"]},
            ConditionExpression=" AND ".join(f"#n{i} = :v{i}" for i in range(len(names))),
            ExpressionAttributeNames={f"#n{i}": name for i, name in enumerate(names)},
            ExpressionAttributeValues={f":v{i}": raw[name] for i, name in enumerate(names)},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _stored_name(name: str) -> str:
    return str(Interview.get_attributes()[name].attr_name)


def _display(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return repr(value) if isinstance(value, str) else str(value)
