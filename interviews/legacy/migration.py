"""Every row of the old table, and every old row of `interviews`, made one of ours.

This walks whole tables, which nothing else does. Each row is one call of what the first action on
it does as well (`lazy_migration.copy`, `lazy_migration.migrate_on_write`), so it may be cut off,
repeated, and run beside candidates and portals at work.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from interviews.challenges.models import Challenge
from interviews.dynamodb import missing_index_message
from interviews.legacy import lazy_migration, lookup
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.lazy_migration import Outcome
from interviews.legacy.mapping import from_row, is_migrated, to_interview
from interviews.legacy.models import Takehome, UnreadableRowError, check_row
from interviews.legacy.report import (
    INTERVIEWS,
    TAKEHOMES,
    Checkpoint,
    Report,
    UnreadableRow,
)
from interviews.lifecycle import FINAL
from interviews.models import Interview, StaleWriteError
from interviews.search.index import SearchTerm

# Rows that are read at once.
PAGE_SIZE = 50
# A table that is too busy, or away for a moment, is asked so often; the pauses double, in seconds.
MAX_TRIES = 8
MAX_PAUSE_SECONDS = 30.0
RETRYABLE_CODES = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
)
# Rows that were changed by others at the same moment, so often in a row.
MAX_RACES = 5

# Outcomes besides those of `touch.copy`.
FINISHED, OPEN, DELETED, UNREADABLE = "adopted", "open", "gone", "unreadable"

MODELS: tuple[type[Model], ...] = (Takehome, Interview, SearchTerm, Challenge)
T = TypeVar("T")


@dataclass(frozen=True)
class RowResult:
    """What came of one row. `status`: of what was copied; `reason`: why it could not be read."""

    outcome: str
    status: str | None = None
    carried: tuple[str, ...] = ()
    reason: str = ""


def migrate(
    place: Checkpoint,
    pace: CapacityLimiter,
    *,
    keep: Callable[[Checkpoint], None],
    dry_run: bool = False,
    open_interviews: bool = False,
    workers: int = 1,
) -> None:
    """Go on from `place`, which is brought up to date with each row and handed to `keep`.

    `dry_run` writes nothing. `open_interviews`: live interviews that are not over as well, which
    are started and ended here from then on. So many `workers` are at rows at the same time; those
    that are done beyond `place` when it is cut off are found to be done. Raises what the tables
    raise.
    """
    name_of = cache(lazy_migration.challenge_name)
    report = place.report

    def takehome(raw: dict[str, Any]) -> RowResult:
        return _migrate_takehome(raw, pace, name_of, dry_run)

    def interview(raw: dict[str, Any]) -> RowResult:
        # Ours, and nothing to do.
        if "tab" in raw:
            return RowResult(Outcome.THERE)
        return _migrate_interview(raw["id"]["S"], pace, dry_run, open_interviews)

    with pace.measured(MODELS), ThreadPoolExecutor(workers) as pool:
        if place.table == TAKEHOMES:
            rows = scan_rows(Takehome, place.after, pace)
            for raw, done in map_in_order(pool, rows, takehome, workers):
                report.takehomes[str(done.outcome)] += 1
                if done.status is not None:
                    report.statuses[done.status] += 1
                report.carried.update(done.carried)
                _report_unreadable(report, Takehome, raw["passcode"]["S"], done)
                place.after = {"passcode": raw["passcode"]}
                keep(place)
            place.table, place.after = INTERVIEWS, None
            keep(place)
        rows = scan_rows(Interview, place.after, pace, only=("id", "tab"))
        for raw, done in map_in_order(pool, rows, interview, workers):
            report.interviews[str(done.outcome)] += 1
            _report_unreadable(report, Interview, raw["id"]["S"], done)
            place.after = {"id": raw["id"]}
            # What was ours already is not worth keeping.
            if done.outcome != Outcome.THERE:
                keep(place)


def preview(old: Takehome) -> tuple[Outcome, Interview | None]:
    """What `touch.copy` would do now, and the interview that it would make, if any. Unreadable."""
    check_row(old)
    joined = lazy_migration.get_joined(old)
    if joined is not None and is_migrated(joined):
        return Outcome.THERE, None
    interview = to_interview(old, joined)
    if joined is not None:
        return Outcome.JOINED, interview
    return (Outcome.LATER, None) if lazy_migration.is_starting(old) else (Outcome.COPIED, interview)


def scan_rows(
    model: type[Model],
    after: dict[str, Any] | None,
    pace: CapacityLimiter,
    only: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """Each row as it is stored, in the table's own order, which does not change."""
    client = model._get_connection().connection.client
    asked: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "Limit": PAGE_SIZE,
        "ConsistentRead": True,
    }
    if only:
        asked["ProjectionExpression"] = ", ".join(f"#{name}" for name in only)
        asked["ExpressionAttributeNames"] = {f"#{name}": name for name in only}
    while True:
        if after is not None:
            asked["ExclusiveStartKey"] = after
        pace.wait()
        page = retry_if_throttled(lambda: client.scan(**asked), pace)
        yield from page["Items"]
        after = page.get("LastEvaluatedKey")
        if after is None:
            return


def retry_if_throttled(act: Callable[[], T], pace: CapacityLimiter) -> T:
    """What `act` returns, however busy the tables are; raises what they raise at the last try."""
    pause = 1.0
    for left in reversed(range(MAX_TRIES)):
        try:
            return act()
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            if not left or not is_retryable(error):
                raise
        pace.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)
    raise AssertionError("unreachable")


def is_retryable(error: Exception) -> bool:
    """Is it worth trying again, rather than a refusal?"""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in RETRYABLE_CODES
    if isinstance(error, PynamoDBException):
        cause = error.cause
        return error.cause_response_code in RETRYABLE_CODES or isinstance(cause, BotoCoreError)
    return isinstance(error, BotoCoreError)


def map_in_order(
    pool: ThreadPoolExecutor,
    rows: Iterator[dict[str, Any]],
    act: Callable[[dict[str, Any]], T],
    ahead: int,
) -> Iterator[tuple[dict[str, Any], T]]:
    """Each row with what came of it, in their order, with so many of them being worked at."""
    waiting: deque[tuple[dict[str, Any], Future[T]]] = deque()
    for row in rows:
        waiting.append((row, pool.submit(act, row)))
        if len(waiting) == ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    for row, future in waiting:
        yield row, future.result()


def _report_unreadable(report: Report, model: type[Model], key: str, done: RowResult) -> None:
    if done.reason:
        report.add_fault(UnreadableRow(model.Meta.table_name, key, done.reason))


def _migrate_takehome(
    raw: dict[str, Any], pace: CapacityLimiter, name_of: Callable[[str], str], dry_run: bool
) -> RowResult:
    """Copy one row of the old table."""
    old = Takehome.from_raw_data(raw)
    pace.wait()
    try:
        if dry_run:
            outcome, interview = retry_if_throttled(lambda: preview(old), pace)
        else:
            outcome = retry_if_throttled(
                lambda: lazy_migration.copy_takehome(old, name_of=name_of), pace
            )
            is_new = outcome in (Outcome.COPIED, Outcome.JOINED)
            interview = (
                retry_if_throttled(lambda: lazy_migration.get_migrated(old), pace)
                if is_new
                else None
            )
    except UnreadableRowError as fault:
        return RowResult(UNREADABLE, reason=str(fault))
    except Takehome.DoesNotExist:
        return RowResult(DELETED)
    except PynamoDBException as error:
        return _rejected_by_dynamodb(error)
    except StaleWriteError:
        return RowResult(Outcome.LATER)
    if interview is None:
        return RowResult(outcome)
    return RowResult(outcome, interview.status, tuple(interview.legacy_attributes or ()))


def _migrate_interview(
    id_: str, pace: CapacityLimiter, dry_run: bool, open_interviews: bool
) -> RowResult:
    """Make one old row of `interviews` ours."""
    for _ in range(MAX_RACES):
        pace.wait()
        try:
            row = retry_if_throttled(lambda: lazy_migration.get_stored(id_), pace)
            if row is None:
                return RowResult(DELETED)
            interview = retry_if_throttled(partial(lookup.read_row, row), pace)
            if interview is None:
                # Raises the reason.
                interview = from_row(row)
        except UnreadableRowError as fault:
            return RowResult(UNREADABLE, reason=str(fault))
        if interview.on_first_write is None:
            return RowResult(Outcome.THERE)
        if dry_run and interview.passcode is not None:
            # Not copied yet, as it will be by the time at which this row is come to.
            return RowResult(Outcome.JOINED)
        if interview.state not in FINAL and not open_interviews:
            return RowResult(OPEN)
        if dry_run:
            return RowResult(FINISHED)
        try:
            retry_if_throttled(partial(lazy_migration.migrate_on_write, interview), pace)
        except StaleWriteError:
            continue
        except PynamoDBException as error:
            return _rejected_by_dynamodb(error)
        return RowResult(FINISHED)
    return RowResult(Outcome.LATER)


def _rejected_by_dynamodb(error: PynamoDBException) -> RowResult:
    """What DynamoDB does not take must not stop those after it. Raises `error` where it is not the
    row that it is about."""
    if (
        error.cause_response_code != "ValidationException"
        or missing_index_message(error) is not None
    ):
        raise error
    return RowResult(
        UNREADABLE, reason=f"DynamoDB refuses its copy: {error.cause_response_message}"
    )
