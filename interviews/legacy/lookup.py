"""One interview that another version wrote, by its passcode or its id, as it is now."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import structlog

from interviews.legacy import is_enabled
from interviews.legacy.ids import derive_passcode, passcode_from_id
from interviews.legacy.lazy_migration import (
    get_joined,
    lazy_from_row,
    lazy_from_takehome,
    read_takehome,
)
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
from interviews.models import DRY_RUN, LIVE, Interview

logger = structlog.get_logger(__name__)

# As the old portal made them when a test was started; the number is milliseconds.
OLD_ID = re.compile("takehome-([0-9]{13})-[0-9a-z]{1,10}")
# Between the invitation and the start there is no more than an invitation's time, and some room.
MAX_INVITATION_AGE = timedelta(days=32)
# A condition takes so many values.
MAX_CONDITION_VALUES = 100

# interviewId -> passcode, of rows that were read: no index of the old table leads there. Only where
# to look, never what is there.
_known_passcodes: OrderedDict[str, str] = OrderedDict()
MAX_REMEMBERED = 10_000
_logged_ids: set[str] = set()


def find_by_passcode(passcode: str) -> Interview | None:
    """The take-home of a passcode that no row of ours has, as far as an index knows."""
    old = read_takehome(passcode)
    return interview_for_takehome(old) if old is not None else None


def find_by_id(interview_id: str) -> Interview | None:
    """What has no row in `interviews`. It may have another id by now: the old portal gave it one
    when it started it."""
    old = read_takehome(passcode_from_id(interview_id) or derive_passcode(interview_id))
    if old is not None and interview_id in (old.unified_id, old.interview_id):
        return interview_for_takehome(old)
    if old is not None and passcode_from_id(interview_id) is not None:
        return interview_for_takehome(old)
    found = find_started(interview_id)
    return interview_for_takehome(found) if found is not None else None


def interview_for_takehome(old: Takehome) -> Interview | None:
    """The interview that an old row stands for; None, and a line in the log: nobody can tell."""
    joined = get_joined(old)
    if joined is not None and is_migrated(joined):
        return joined
    remember_location(old)
    try:
        return lazy_from_takehome(old, joined)
    except UnreadableRowError as fault:
        log_unreadable(interview_id_of(old), fault)
        return None


def read_row(row: Interview) -> Interview | None:
    """A row of `interviews` as it is meant, whoever wrote it; None: nobody can tell."""
    return next(iter(read_rows([row])), None)


def read_rows(rows: Iterable[Interview]) -> list[Interview]:
    """The same for several, in their order, without those that nobody can tell."""
    stored = list(rows)
    theirs = {row.id: row for row in stored if not is_migrated(row)}
    olds = find_takehomes(row for row in theirs.values() if _may_be_invited(row))
    found = []
    for row in stored:
        if row.id not in theirs:
            found.append(row)
            continue
        old = olds.get(row.id)
        try:
            found.append(
                lazy_from_takehome(old, row)
                if old is not None
                else lazy_from_row(row, from_row(row))
            )
        except UnreadableRowError as fault:
            log_unreadable(row.id, fault)
    return found


def find_started(interview_id: str) -> Takehome | None:
    """The old row of an interview that the old portal began, and that is gone by now."""
    begun = OLD_ID.fullmatch(interview_id)
    if begun is None:
        return None
    at = datetime.fromtimestamp(int(begun[1]) / 1000, UTC)
    return _find_by_start_time({interview_id: at}).get(interview_id)


def find_takehomes(rows: Iterable[Interview]) -> dict[str, Takehome]:
    """The old rows that rows of `interviews` belong to, by the ids of those."""
    return (
        _find_by_start_time({row.id: row.created_at or row.updated_at for row in rows})
        if is_enabled()
        else {}
    )


def remember_location(old: Takehome) -> None:
    """Remember where the row of an interview is."""
    if old.interview_id:
        _known_passcodes[old.interview_id] = old.passcode
        _known_passcodes.move_to_end(old.interview_id)
        while len(_known_passcodes) > MAX_REMEMBERED:
            _known_passcodes.popitem(last=False)


def log_unreadable(interview_id: str, fault: UnreadableRowError) -> None:
    """Lists go on without such a row; migrate_takehomes tells which it is. Said once."""
    if interview_id not in _logged_ids and len(_logged_ids) < MAX_REMEMBERED:
        _logged_ids.add(interview_id)
        logger.error("old_row_unreadable", interview=interview_id, reason=str(fault))


def _find_by_start_time(began: dict[str, datetime | None]) -> dict[str, Takehome]:
    """Old rows by the ids of their interviews, which began at these times."""
    found = {}
    for id_ in began.keys() & _known_passcodes.keys():
        old = read_takehome(_known_passcodes[id_])
        if old is not None and old.interview_id == id_:
            found[id_] = old
    missing = {
        id_: at
        for id_, at in began.items()
        if id_ not in found and at is not None and is_plausible_date(at)
    }
    # Those of one time together: a query reads all that lies between.
    wanted = sorted(missing, key=lambda id_: missing[id_])
    for begin in range(0, len(wanted), MAX_CONDITION_VALUES):
        for status in (ACTIVATED, COMPLETED, REVOKED):
            ids = [id_ for id_ in wanted[begin : begin + MAX_CONDITION_VALUES] if id_ not in found]
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
