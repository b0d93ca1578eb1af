"""Whether each row of the old table is in ours, field by field; and removing it there if so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from interviews.legacy import lazy_migration
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
    """A row of the old table, by its passcode, of which ours says something else. `field`: empty
    where it is about the row as a whole."""

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
    """How many rows were compared, how many are the same in both tables, and what is not."""

    rows: int = 0
    same: int = 0
    deleted: int = 0
    # Changed between the look and the deletion: they stay.
    changed: int = 0
    differences: list[Difference] = field(default_factory=list)


def verify(
    pace: CapacityLimiter,
    seen: Callable[[VerificationResult], None],
    *,
    delete: bool = False,
    workers: int = 1,
) -> VerificationResult:
    """Compare all rows; `seen` is called after each. With `delete` those that are the same leave
    the old table, unless somebody writes to them in that moment. Raises what the tables raise."""
    verified = VerificationResult()

    def compare(raw: dict[str, Any]) -> tuple[list[Difference], bool]:
        pace.wait()
        found = retry_if_throttled(lambda: find_differences(Takehome.from_raw_data(raw)), pace)
        return found, delete and not found and retry_if_throttled(
            lambda: _delete_if_unchanged(raw), pace
        )

    with pace.measured(MODELS), ThreadPoolExecutor(workers) as pool:
        for _, (found, deleted) in map_in_order(
            pool, scan_rows(Takehome, None, pace), compare, workers
        ):
            verified.rows += 1
            verified.same += not found
            verified.deleted += deleted
            verified.changed += delete and not found and not deleted
            verified.differences += found
            seen(verified)
    return verified


def find_differences(old: Takehome) -> list[Difference]:
    """What the two tables say of it that is not the same."""
    try:
        wanted = own_fields(old)
    except UnreadableRowError as fault:
        return [Difference(old.passcode, "", "", f"it cannot be read: {fault}")]
    row = lazy_migration.get_migrated(old)
    if row is None:
        return [Difference(old.passcode, "", "", "it is not copied yet")]
    if old.status in (ACTIVE, COPYING) or old.interview_id != row.id:
        return [Difference(old.passcode, "", "", "its copying was cut short")]
    found = [
        Difference(old.passcode, _stored_name(name), _display(value), _display(there))
        for name, value in wanted.items()
        if value is not None and (there := getattr(row, name)) != value
    ]
    if old.status == REVOKED and row.state not in WITHDRAWN:
        found.append(Difference(old.passcode, "status", REVOKED, row.status))
    return found


def _delete_if_unchanged(raw: dict[str, Any]) -> bool:
    """Delete the row if it is as it was compared; False: it is not."""
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
