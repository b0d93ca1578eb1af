"""One interview that another version wrote, by its passcode or its id, as it is now."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import structlog

from interviews.legacy import is_on
from interviews.legacy.ids import passcode_for, passcode_of
from interviews.legacy.lazy_migration import (
    joined_of,
    of_old,
    of_stored,
    read_takehome,
)
from interviews.legacy.mapping import from_row, is_ours
from interviews.legacy.models import (
    ACTIVATED,
    COMPLETED,
    REVOKED,
    Takehome,
    UnreadableRowError,
    id_of,
    is_date,
)
from interviews.models import DRY_RUN, REGULAR, Interview

logger = structlog.get_logger(__name__)

# As the old portal made them when a test was started; the number is milliseconds.
OLD_ID = re.compile("takehome-([0-9]{13})-[0-9a-z]{1,10}")
# Between the invitation and the start there is no more than an invitation's time, and some room.
INVITED_WITHIN = timedelta(days=32)
# A condition takes so many values.
AT_ONCE = 100

# interviewId -> passcode, of rows that were read: no index of the old table leads there. Only where
# to look, never what is there.
_seen: OrderedDict[str, str] = OrderedDict()
MOST_SEEN = 10_000
_said: set[str] = set()


def by_passcode(passcode: str) -> Interview | None:
    """The take-home of a passcode that no row of ours has, as far as an index knows."""
    old = read_takehome(passcode)
    return current(old) if old is not None else None


def by_id(interview_id: str) -> Interview | None:
    """What has no row in `interviews`. It may have another id by now: the old portal gave it one
    when it started it."""
    old = read_takehome(passcode_of(interview_id) or passcode_for(interview_id))
    if old is not None and interview_id in (old.unified_id, old.interview_id):
        return current(old)
    if old is not None and passcode_of(interview_id) is not None:
        return current(old)
    found = started(interview_id)
    return current(found) if found is not None else None


def current(old: Takehome) -> Interview | None:
    """The interview that an old row stands for; None, and a line in the log: nobody can tell."""
    joined = joined_of(old)
    if joined is not None and is_ours(joined):
        return joined
    remember_location(old)
    try:
        return of_old(old, joined)
    except UnreadableRowError as fault:
        log_unreadable(id_of(old), fault)
        return None


def read(row: Interview) -> Interview | None:
    """A row of `interviews` as it is meant, whoever wrote it; None: nobody can tell."""
    return next(iter(read_all([row])), None)


def read_all(rows: Iterable[Interview]) -> list[Interview]:
    """The same for several, in their order, without those that nobody can tell."""
    stored = list(rows)
    theirs = {row.id: row for row in stored if not is_ours(row)}
    olds = of_interviews(row for row in theirs.values() if _may_be_invited(row))
    found = []
    for row in stored:
        if row.id not in theirs:
            found.append(row)
            continue
        old = olds.get(row.id)
        try:
            found.append(of_old(old, row) if old is not None else of_stored(row, from_row(row)))
        except UnreadableRowError as fault:
            log_unreadable(row.id, fault)
    return found


def started(interview_id: str) -> Takehome | None:
    """The old row of an interview that the old portal began, and that is gone by now."""
    begun = OLD_ID.fullmatch(interview_id)
    if begun is None:
        return None
    at = datetime.fromtimestamp(int(begun[1]) / 1000, UTC)
    return _search({interview_id: at}).get(interview_id)


def of_interviews(rows: Iterable[Interview]) -> dict[str, Takehome]:
    """The old rows that rows of `interviews` belong to, by the ids of those."""
    return _search({row.id: row.created_at or row.updated_at for row in rows}) if is_on() else {}


def remember_location(old: Takehome) -> None:
    """Remember where the row of an interview is."""
    if old.interview_id:
        _seen[old.interview_id] = old.passcode
        _seen.move_to_end(old.interview_id)
        while len(_seen) > MOST_SEEN:
            _seen.popitem(last=False)


def log_unreadable(interview_id: str, fault: UnreadableRowError) -> None:
    """Lists go on without such a row; migrate_takehomes tells which it is. Said once."""
    if interview_id not in _said and len(_said) < MOST_SEEN:
        _said.add(interview_id)
        logger.error("old_row_unreadable", interview=interview_id, reason=str(fault))


def _search(began: dict[str, datetime | None]) -> dict[str, Takehome]:
    """Old rows by the ids of their interviews, which began at these times."""
    found = {}
    for id_ in began.keys() & _seen.keys():
        old = read_takehome(_seen[id_])
        if old is not None and old.interview_id == id_:
            found[id_] = old
    missing = {
        id_: at for id_, at in began.items() if id_ not in found and at is not None and is_date(at)
    }
    # Those of one time together: a query reads all that lies between.
    wanted = sorted(missing, key=lambda id_: missing[id_])
    for begin in range(0, len(wanted), AT_ONCE):
        for status in (ACTIVATED, COMPLETED, REVOKED):
            ids = [id_ for id_ in wanted[begin : begin + AT_ONCE] if id_ not in found]
            if not ids:
                break
            first = missing[ids[0]] - INVITED_WITHIN
            last = missing[ids[-1]] + timedelta(days=1)
            rows = Takehome.status_index.query(
                status, Takehome.created_at.between(first, last), Takehome.interview_id.is_in(*ids)
            )
            for old in rows:
                remember_location(old)
                found[id_of(old)] = old
    return found


def _may_be_invited(row: Interview) -> bool:
    return row.type not in (REGULAR, DRY_RUN) and row.id.startswith("takehome-")
