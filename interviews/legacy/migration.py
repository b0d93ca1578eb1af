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
from interviews.dynamodb import missing_index
from interviews.legacy import lazy_migration, lookup
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.lazy_migration import Outcome
from interviews.legacy.mapping import from_row, is_ours, to_interview
from interviews.legacy.models import Takehome, UnreadableRowError, check_row
from interviews.legacy.report import INTERVIEWS, TAKEHOMES, Fault, Place, Report
from interviews.lifecycle import FINAL
from interviews.models import Interview, StaleWriteError
from interviews.search.index import SearchTerm

# Rows that are read at once.
PAGE = 50
# A table that is too busy, or away for a moment, is asked so often; the pauses double, in seconds.
TRIES = 8
LONGEST_PAUSE = 30.0
BUSY = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
)
# Rows that were changed by others at the same moment, so often in a row.
RACES = 5

# Outcomes besides those of `touch.copy`.
ADOPTED, OPEN, GONE, UNREADABLE = "adopted", "open", "gone", "unreadable"

MODELS: tuple[type[Model], ...] = (Takehome, Interview, SearchTerm, Challenge)
T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """What came of one row. `status`: of what was copied; `reason`: why it could not be read."""

    outcome: str
    status: str | None = None
    carried: tuple[str, ...] = ()
    reason: str = ""


def migrate(
    place: Place,
    pace: CapacityLimiter,
    *,
    keep: Callable[[Place], None],
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

    def takehome(raw: dict[str, Any]) -> Done:
        return _takehome(raw, pace, name_of, dry_run)

    def interview(raw: dict[str, Any]) -> Done:
        # Ours, and nothing to do.
        if "tab" in raw:
            return Done(Outcome.THERE)
        return _interview(raw["id"]["S"], pace, dry_run, open_interviews)

    with pace.measured(MODELS), ThreadPoolExecutor(workers) as pool:
        if place.table == TAKEHOMES:
            rows = walk(Takehome, place.after, pace)
            for raw, done in in_order(pool, rows, takehome, workers):
                report.takehomes[str(done.outcome)] += 1
                if done.status is not None:
                    report.statuses[done.status] += 1
                report.carried.update(done.carried)
                _tell(report, Takehome, raw["passcode"]["S"], done)
                place.after = {"passcode": raw["passcode"]}
                keep(place)
            place.table, place.after = INTERVIEWS, None
            keep(place)
        rows = walk(Interview, place.after, pace, only=("id", "tab"))
        for raw, done in in_order(pool, rows, interview, workers):
            report.interviews[str(done.outcome)] += 1
            _tell(report, Interview, raw["id"]["S"], done)
            place.after = {"id": raw["id"]}
            # What was ours already is not worth keeping.
            if done.outcome != Outcome.THERE:
                keep(place)


def preview(old: Takehome) -> tuple[Outcome, Interview | None]:
    """What `touch.copy` would do now, and the interview that it would make, if any. Unreadable."""
    check_row(old)
    joined = lazy_migration.joined_of(old)
    if joined is not None and is_ours(joined):
        return Outcome.THERE, None
    interview = to_interview(old, joined)
    if joined is not None:
        return Outcome.JOINED, interview
    return (
        (Outcome.LATER, None)
        if lazy_migration.is_about_to_begin(old)
        else (Outcome.COPIED, interview)
    )


def walk(
    model: type[Model],
    after: dict[str, Any] | None,
    pace: CapacityLimiter,
    only: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """Each row as it is stored, in the table's own order, which does not change."""
    client = model._get_connection().connection.client
    asked: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "Limit": PAGE,
        "ConsistentRead": True,
    }
    if only:
        asked["ProjectionExpression"] = ", ".join(f"#{name}" for name in only)
        asked["ExpressionAttributeNames"] = {f"#{name}": name for name in only}
    while True:
        if after is not None:
            asked["ExclusiveStartKey"] = after
        pace.wait()
        page = patiently(lambda: client.scan(**asked), pace)
        yield from page["Items"]
        after = page.get("LastEvaluatedKey")
        if after is None:
            return


def patiently(act: Callable[[], T], pace: CapacityLimiter) -> T:
    """What `act` returns, however busy the tables are; raises what they raise at the last try."""
    pause = 1.0
    for left in reversed(range(TRIES)):
        try:
            return act()
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            if not left or not is_busy(error):
                raise
        pace.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    raise AssertionError("unreachable")


def is_busy(error: Exception) -> bool:
    """Is it worth trying again, rather than a refusal?"""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in BUSY
    if isinstance(error, PynamoDBException):
        cause = error.cause
        return error.cause_response_code in BUSY or isinstance(cause, BotoCoreError)
    return isinstance(error, BotoCoreError)


def in_order(
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


def _tell(report: Report, model: type[Model], key: str, done: Done) -> None:
    if done.reason:
        report.add_fault(Fault(model.Meta.table_name, key, done.reason))


def _takehome(
    raw: dict[str, Any], pace: CapacityLimiter, name_of: Callable[[str], str], dry_run: bool
) -> Done:
    """Copy one row of the old table."""
    old = Takehome.from_raw_data(raw)
    pace.wait()
    try:
        if dry_run:
            outcome, interview = patiently(lambda: preview(old), pace)
        else:
            outcome = patiently(lambda: lazy_migration.copy(old, name_of=name_of), pace)
            is_new = outcome in (Outcome.COPIED, Outcome.JOINED)
            interview = patiently(lambda: lazy_migration.ours(old), pace) if is_new else None
    except UnreadableRowError as fault:
        return Done(UNREADABLE, reason=str(fault))
    except Takehome.DoesNotExist:
        return Done(GONE)
    except PynamoDBException as error:
        return _refused(error)
    except StaleWriteError:
        return Done(Outcome.LATER)
    if interview is None:
        return Done(outcome)
    return Done(outcome, interview.status, tuple(interview.legacy_attributes or ()))


def _interview(id_: str, pace: CapacityLimiter, dry_run: bool, open_interviews: bool) -> Done:
    """Make one old row of `interviews` ours."""
    for _ in range(RACES):
        pace.wait()
        try:
            row = patiently(lambda: lazy_migration.stored(id_), pace)
            if row is None:
                return Done(GONE)
            interview = patiently(partial(lookup.read, row), pace)
            if interview is None:
                # Raises the reason.
                interview = from_row(row)
        except UnreadableRowError as fault:
            return Done(UNREADABLE, reason=str(fault))
        if interview.on_first_write is None:
            return Done(Outcome.THERE)
        if dry_run and interview.passcode is not None:
            # Not copied yet, as it will be by the time at which this row is come to.
            return Done(Outcome.JOINED)
        if interview.state not in FINAL and not open_interviews:
            return Done(OPEN)
        if dry_run:
            return Done(ADOPTED)
        try:
            patiently(partial(lazy_migration.migrate_on_write, interview), pace)
        except StaleWriteError:
            continue
        except PynamoDBException as error:
            return _refused(error)
        return Done(ADOPTED)
    return Done(Outcome.LATER)


def _refused(error: PynamoDBException) -> Done:
    """What DynamoDB does not take must not stop those after it. Raises `error` where it is not the
    row that it is about."""
    if error.cause_response_code != "ValidationException" or missing_index(error) is not None:
        raise error
    return Done(UNREADABLE, reason=f"DynamoDB refuses its copy: {error.cause_response_message}")
