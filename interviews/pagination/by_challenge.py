"""List the ended interviews of one challenge, whichever version they had."""

from interviews import queries
from interviews.legacy import is_enabled
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters

# Beside an old table no index has a challenge's interviews: so many that ended are read.
MAX_WITH_LEGACY = 2_000


def ended_of_challenge(
    challenge_id: str, filters: Filters, *, most: int
) -> tuple[list[Interview], bool]:
    """Return the newest that match, at most `most`, most recent end first; and whether there may
    be older ones. `filters.ended` must be True.
    """
    if is_enabled():
        return _with_legacy(challenge_id, filters, most)
    if filters.since and filters.until and filters.since >= filters.until:
        return [], False
    indexed = Interview.challenge_index.query(
        challenge_id,
        history.end_time_condition(filters),
        scan_index_forward=False,
        limit=most + 1,
        attributes_to_get=["id"],
    )
    ids = [row.id for row in indexed]
    # The index may lag behind, and has dry runs: each row is read by id.
    rows = queries.get_interviews(ids[:most])
    found = [row for row in rows.values() if _belongs(row, challenge_id, filters)]
    return sorted(found, key=lambda row: row.completed_at, reverse=True), len(ids) > most


def _with_legacy(challenge_id: str, filters: Filters, most: int) -> tuple[list[Interview], bool]:
    found: list[Interview] = []
    cursor, read = None, 0
    while True:
        page = history.history_page(filters, cursor=cursor, size=100)
        found += [row for row in page.items if _belongs(row, challenge_id, filters)]
        read += 100
        cursor = page.next
        if cursor is None or len(found) >= most or read >= MAX_WITH_LEGACY:
            return found[:most], cursor is not None or len(found) > most


def _belongs(interview: Interview, challenge_id: str, filters: Filters) -> bool:
    is_ended = interview.completed_at is not None
    return is_ended and interview.challenge == challenge_id and filters.matches(interview)
