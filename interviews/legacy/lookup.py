"""Look up single interviews of earlier versions by passcode or id."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import structlog
from pynamodb.expressions.operand import Path

from interviews.attributes import DRY_RUN, LIVE
from interviews.legacy import is_enabled
from interviews.legacy.ids import derive_passcode, passcode_from_id
from interviews.legacy.lazy_migration import lazy_from_row, lazy_from_takehome
from interviews.legacy.mapping import from_row, is_migrated
from interviews.legacy.models import (
    ACTIVATED,
    COMPLETED,
    REVOKED,
    Takehome,
    UnreadableRowError,
    interview_id_of,
    is_plausible_date,
)
from interviews.legacy.stored_rows import get_joined, read_takehome
from interviews.models import Interview

logger = structlog.get_logger(__name__)

# Ids that the old portal made at the start of a test; the number is epoch milliseconds.
OLD_ID = re.compile("takehome-([0-9]{13})-[0-9a-z]{1,10}")
# A test starts within the validity of its invitation; this adds some margin.
MAX_INVITATION_AGE = timedelta(days=32)
# DynamoDB's limit for the values of an IN condition.
MAX_CONDITION_VALUES = 100

# interviewId -> passcode of rows read before, since the old table has no index by interview id. It
# only caches where to look, never the row.
_known_passcodes: OrderedDict[str, str] = OrderedDict()
MAX_REMEMBERED = 10_000
_logged_ids: set[str] = set()


def find_by_passcode(passcode: str) -> Interview | None:
    """Return the take-home test of a passcode that no migrated row has, or None."""
    old = read_takehome(passcode)
    return interview_for_takehome(old) if old is not None else None


def find_by_id(interview_id: str) -> Interview | None:
    """Return an interview that has no row in `interviews` under this id, or None.

    It may have another id by now, which the old portal gave it at its start.
    """
    old = read_takehome(passcode_from_id(interview_id) or derive_passcode(interview_id))
    if old is not None and interview_id in (old.unified_id, old.interview_id):
        return interview_for_takehome(old)
    if old is not None and passcode_from_id(interview_id) is not None:
        return interview_for_takehome(old)
    started = find_started(interview_id)
    return interview_for_takehome(started) if started is not None else None


def interview_for_takehome(old: Takehome) -> Interview | None:
    """Return the interview that an old row stands for; log and return None if it is unreadable."""
    joined = get_joined(old)
    if joined is not None and is_migrated(joined):
        return joined
    remember_location(old)
    try:
        return lazy_from_takehome(old, joined)
    except UnreadableRowError as error:
        log_unreadable(interview_id_of(old), error)
        return None


def ids_by_email(email: str) -> Iterator[str]:
    """Yield the ids of the interviews whose old row has this address, in lower case.

    It reads the whole table. Only rows that this platform created have an address.
    """
    for old in Takehome.scan(Path("candidateEmail").exists(), consistent_read=True):
        if str(old.carried.get("candidate_email") or "").strip().casefold() == email:
            yield interview_id_of(old)


def has_old_row(interview: Interview) -> bool:
    """True if the old table has a row of this interview."""
    if not is_enabled() or not interview.is_take_home or interview.passcode is None:
        return False
    old = read_takehome(interview.passcode)
    return old is not None and interview_id_of(old) == interview.id


def read_row(row: Interview) -> Interview | None:
    """Return the interview of a row of `interviews` of any version; None if it is unreadable."""
    return next(iter(read_rows([row])), None)


def read_rows(rows: Iterable[Interview]) -> list[Interview]:
    """Return the interviews of rows of `interviews` in order, without unreadable ones."""
    stored = list(rows)
    old_rows = {row.id: row for row in stored if not is_migrated(row)}
    olds = find_takehomes(row for row in old_rows.values() if _may_be_invited(row))
    found = []
    for row in stored:
        if row.id not in old_rows:
            found.append(row)
            continue
        old = olds.get(row.id)
        try:
            found.append(
                lazy_from_takehome(old, row)
                if old is not None
                else lazy_from_row(row, from_row(row))
            )
        except UnreadableRowError as error:
            log_unreadable(row.id, error)
    return found


def find_started(interview_id: str) -> Takehome | None:
    """Return the old row of a test that the old portal started and whose interview was deleted."""
    match = OLD_ID.fullmatch(interview_id)
    if match is None:
        return None
    started_at = datetime.fromtimestamp(int(match[1]) / 1000, UTC)
    return _find_by_start_time({interview_id: started_at}).get(interview_id)


def find_takehomes(rows: Iterable[Interview]) -> dict[str, Takehome]:
    """Return the old rows that belong to rows of `interviews`, by interview id."""
    return (
        _find_by_start_time({row.id: row.created_at or row.updated_at for row in rows})
        if is_enabled()
        else {}
    )


def remember_location(old: Takehome) -> None:
    """Cache the key of an interview's old row."""
    if old.interview_id:
        _known_passcodes[old.interview_id] = old.passcode
        _known_passcodes.move_to_end(old.interview_id)
        while len(_known_passcodes) > MAX_REMEMBERED:
            _known_passcodes.popitem(last=False)


def log_unreadable(interview_id: str, error: UnreadableRowError) -> None:
    """Log an unreadable row once; lists skip it, and migrate_takehomes reports it."""
    if interview_id not in _logged_ids and len(_logged_ids) < MAX_REMEMBERED:
        _logged_ids.add(interview_id)
        logger.error("old_row_unreadable", interview=interview_id, reason=str(error))


def _find_by_start_time(start_times: dict[str, datetime | None]) -> dict[str, Takehome]:
    """Return old rows by interview id, given about when each interview started.

    It reads cached keys first, then queries the status index around these times.
    """
    found = {}
    for id_ in start_times.keys() & _known_passcodes.keys():
        old = read_takehome(_known_passcodes[id_])
        if old is not None and old.interview_id == id_:
            found[id_] = old
    missing = {
        id_: at
        for id_, at in start_times.items()
        if id_ not in found and at is not None and is_plausible_date(at)
    }
    # Batches in order of time, since a query reads all rows between its first and last time.
    by_time = sorted(missing, key=lambda id_: missing[id_])
    for offset in range(0, len(by_time), MAX_CONDITION_VALUES):
        for status in (ACTIVATED, COMPLETED, REVOKED):
            ids = [
                id_ for id_ in by_time[offset : offset + MAX_CONDITION_VALUES] if id_ not in found
            ]
            if not ids:
                break
            first = missing[ids[0]] - MAX_INVITATION_AGE
            last = missing[ids[-1]] + timedelta(days=1)
            rows = Takehome.status_index.query(
                status, Takehome.created_at.between(first, last), Takehome.interview_id.is_in(*ids)
            )
            for old in rows:
                remember_location(old)
                found[interview_id_of(old)] = old
    return found


def _may_be_invited(row: Interview) -> bool:
    return row.type not in (LIVE, DRY_RUN) and row.id.startswith("takehome-")
