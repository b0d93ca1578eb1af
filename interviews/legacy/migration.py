"""Migrate every row of the old table, and every old row of `interviews`.

Only this scans whole tables. Each row is migrated by the same call as on its first write
(`lazy_migration.copy_takehome`, `lazy_migration.migrate_on_write`), so the migration may be
interrupted, repeated, and run while candidates and the old portal are active.
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

from interviews.challenges import library
from interviews.challenges.models import Challenge
from interviews.dynamodb import error_code, missing_index_message
from interviews.legacy import lazy_migration, lookup, stored_rows
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

# Rows per page of a scan.
PAGE_SIZE = 50
# Retries of throttled or failed requests; the pauses double up to the maximum.
MAX_TRIES = 8
MAX_PAUSE_SECONDS = 30.0
RETRYABLE_CODES = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
)
# Give up on a row after this many lost races.
MAX_RACES = 5

# Outcomes besides those of `lazy_migration.copy_takehome`.
FINISHED, OPEN, DELETED, UNREADABLE = "adopted", "open", "gone", "unreadable"

MODELS: tuple[type[Model], ...] = (Takehome, Interview, SearchTerm, Challenge)
T = TypeVar("T")


@dataclass(frozen=True)
class RowResult:
    """The result for one row: `status` of the copied interview; `reason` if it is unreadable."""

    outcome: str
    status: str | None = None
    carried: tuple[str, ...] = ()
    reason: str = ""


def migrate(
    checkpoint: Checkpoint,
    limiter: CapacityLimiter,
    *,
    save: Callable[[Checkpoint], None],
    dry_run: bool = False,
    open_interviews: bool = False,
    workers: int = 1,
) -> None:
    """Continue from `checkpoint`, which is updated after each row and passed to `save`.

    `dry_run` writes nothing. `open_interviews` also migrates live interviews that are not over;
    from then on this platform starts and ends them. Up to `workers` rows are migrated at the same
    time; after an interruption, rows done beyond the checkpoint are recognized as done. Errors of
    DynamoDB are not caught.
    """
    name_of = cache(library.challenge_name)
    report = checkpoint.report

    def takehome(raw: dict[str, Any]) -> RowResult:
        return _migrate_takehome(raw, limiter, name_of, dry_run)

    def interview(raw: dict[str, Any]) -> RowResult:
        # Migrated already.
        if "tab" in raw:
            return RowResult(Outcome.ALREADY_MIGRATED)
        return _migrate_interview(raw["id"]["S"], limiter, dry_run, open_interviews)

    with limiter.measure(MODELS), ThreadPoolExecutor(workers) as pool:
        if checkpoint.table == TAKEHOMES:
            rows = scan_rows(Takehome, checkpoint.after, limiter)
            for raw, done in map_in_order(pool, rows, takehome, workers):
                report.takehomes[str(done.outcome)] += 1
                if done.status is not None:
                    report.statuses[done.status] += 1
                report.carried.update(done.carried)
                _report_unreadable(report, Takehome, raw["passcode"]["S"], done)
                checkpoint.after = {"passcode": raw["passcode"]}
                save(checkpoint)
            checkpoint.table, checkpoint.after = INTERVIEWS, None
            save(checkpoint)
        rows = scan_rows(Interview, checkpoint.after, limiter, only=("id", "tab"))
        for raw, done in map_in_order(pool, rows, interview, workers):
            report.interviews[str(done.outcome)] += 1
            _report_unreadable(report, Interview, raw["id"]["S"], done)
            checkpoint.after = {"id": raw["id"]}
            # Saving after rows that were migrated already would only cost time.
            if done.outcome != Outcome.ALREADY_MIGRATED:
                save(checkpoint)


def preview(old: Takehome) -> tuple[Outcome, Interview | None]:
    """Return what `copy_takehome` would do now, and the interview that it would write, if any.

    Raises:
        UnreadableRowError: if the row is invalid.
    """
    check_row(old)
    joined = stored_rows.get_joined(old)
    if joined is not None and is_migrated(joined):
        return Outcome.ALREADY_MIGRATED, None
    interview = to_interview(old, joined)
    if joined is not None:
        return Outcome.JOINED, interview
    return (
        (Outcome.DEFERRED, None) if lazy_migration.is_starting(old) else (Outcome.COPIED, interview)
    )


def scan_rows(
    model: type[Model],
    after: dict[str, Any] | None,
    limiter: CapacityLimiter,
    only: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """Yield each row as stored, in the order of the scan, which is stable."""
    client = model._get_connection().connection.client
    request: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "Limit": PAGE_SIZE,
        "ConsistentRead": True,
    }
    if only:
        request["ProjectionExpression"] = ", ".join(f"#{name}" for name in only)
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in only}
    while True:
        if after is not None:
            request["ExclusiveStartKey"] = after
        limiter.wait()
        page = retry_if_throttled(lambda: client.scan(**request), limiter)
        yield from page["Items"]
        after = page.get("LastEvaluatedKey")
        if after is None:
            return


def retry_if_throttled(call: Callable[[], T], limiter: CapacityLimiter) -> T:
    """Call `call`, and retry it while DynamoDB is busy; raise the error of the last try."""
    pause = 1.0
    for left in reversed(range(MAX_TRIES)):
        try:
            return call()
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            if not left or not is_retryable(error):
                raise
        limiter.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)
    raise AssertionError("unreachable")


def is_retryable(error: Exception) -> bool:
    """True if the request may succeed when it is repeated."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in RETRYABLE_CODES
    if isinstance(error, PynamoDBException):
        cause = error.cause
        return error_code(error) in RETRYABLE_CODES or isinstance(cause, BotoCoreError)
    return isinstance(error, BotoCoreError)


def map_in_order(
    pool: ThreadPoolExecutor,
    rows: Iterator[dict[str, Any]],
    call: Callable[[dict[str, Any]], T],
    ahead: int,
) -> Iterator[tuple[dict[str, Any], T]]:
    """Yield each row with the result of `call`, in order, with up to `ahead` calls at a time."""
    pending: deque[tuple[dict[str, Any], Future[T]]] = deque()
    for row in rows:
        pending.append((row, pool.submit(call, row)))
        if len(pending) == ahead:
            first, future = pending.popleft()
            yield first, future.result()
    for row, future in pending:
        yield row, future.result()


def _report_unreadable(report: Report, model: type[Model], key: str, done: RowResult) -> None:
    if done.reason:
        report.add_unreadable(UnreadableRow(model.Meta.table_name, key, done.reason))


def _migrate_takehome(
    raw: dict[str, Any], limiter: CapacityLimiter, name_of: Callable[[str], str], dry_run: bool
) -> RowResult:
    """Migrate one row of the old table."""
    old = Takehome.from_raw_data(raw)
    limiter.wait()
    try:
        if dry_run:
            outcome, interview = retry_if_throttled(lambda: preview(old), limiter)
        else:
            outcome = retry_if_throttled(
                lambda: lazy_migration.copy_takehome(old, name_of=name_of), limiter
            )
            is_new = outcome in (Outcome.COPIED, Outcome.JOINED)
            interview = (
                retry_if_throttled(lambda: stored_rows.get_migrated(old), limiter)
                if is_new
                else None
            )
    except UnreadableRowError as error:
        return RowResult(UNREADABLE, reason=str(error))
    except Takehome.DoesNotExist:
        return RowResult(DELETED)
    except PynamoDBException as error:
        return _rejected_by_dynamodb(error)
    except StaleWriteError:
        return RowResult(Outcome.DEFERRED)
    if interview is None:
        return RowResult(outcome)
    return RowResult(outcome, interview.status, tuple(interview.legacy_attributes or ()))


def _migrate_interview(
    id_: str, limiter: CapacityLimiter, dry_run: bool, open_interviews: bool
) -> RowResult:
    """Migrate one old row of `interviews`."""
    for _ in range(MAX_RACES):
        limiter.wait()
        try:
            row = retry_if_throttled(lambda: stored_rows.get_stored(id_), limiter)
            if row is None:
                return RowResult(DELETED)
            interview = retry_if_throttled(partial(lookup.read_row, row), limiter)
            if interview is None:
                # Raises UnreadableRowError with the reason.
                interview = from_row(row)
        except UnreadableRowError as error:
            return RowResult(UNREADABLE, reason=str(error))
        if interview.on_first_write is None:
            return RowResult(Outcome.ALREADY_MIGRATED)
        if dry_run and interview.passcode is not None:
            # Without the dry run, its row of the old table would be migrated before this one.
            return RowResult(Outcome.JOINED)
        if interview.state not in FINAL and not open_interviews:
            return RowResult(OPEN)
        if dry_run:
            return RowResult(FINISHED)
        try:
            retry_if_throttled(partial(lazy_migration.migrate_on_write, interview), limiter)
        except StaleWriteError:
            continue
        except PynamoDBException as error:
            return _rejected_by_dynamodb(error)
        return RowResult(FINISHED)
    return RowResult(Outcome.DEFERRED)


def _rejected_by_dynamodb(error: PynamoDBException) -> RowResult:
    """Return the result for a row that DynamoDB rejects, so that the migration continues.

    Raises `error` again if it is not about the row.
    """
    if error_code(error) != "ValidationException" or missing_index_message(error) is not None:
        raise error
    return RowResult(
        UNREADABLE, reason=f"DynamoDB refused its copy: {error.cause_response_message}"
    )
