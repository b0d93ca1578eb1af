"""Finding an interview by what a person remembers of it: the beginnings of words of the candidate's
name or the challenge's, its passcode, or its id.

A table of its own holds a row for each beginning of each word. A look-up reads the beginnings that
were typed, newest first, and a bounded number of rows, however many there are.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from interviews import cursors, queries, words
from interviews.history import Filters
from interviews.models import RETENTION, Interview
from interviews.queries import PASSCODE, BadCursor, Page
from interviews.tables import TimeAttribute, now, table

# How often a page looks further when what it read did not fit, and how many words it looks up.
ROUNDS = 4
MAX_TYPED = 5
# A test may be planned, taken and opened again before its row is removed: terms outlast it, and
# one that leads nowhere is passed over.
KEEP = RETENTION + timedelta(days=365)
ENTRY = re.compile("[0-9]{12}#[!-~]{1,100}")
# What no word begins with: the row that tells which words an interview is found by.
MANIFEST = "#"


class SearchTerm(Model):
    """The beginning of a word, an interview that has it, and all the words that it is found by."""

    Meta = table("search_terms")

    term = UnicodeAttribute(hash_key=True)
    # Creation and id: the order of the list, and unique in it.
    entry = UnicodeAttribute(range_key=True)
    words = UnicodeAttribute()
    ttl = TimeAttribute()


@dataclass(frozen=True)
class Found:
    """What was read of the table in one go, newest first. `before`: where to read on, if at all."""

    entries: list[str]
    before: str | None


def index(interview: Interview, challenge_name: str) -> None:
    """Make it findable. To be called before the interview is written: what exists can be found."""
    found = words.indexed(interview.candidate_name, challenge_name, interview.challenge)
    ttl = max(filter(None, (now(), interview.valid_until, interview.scheduled_at))) + KEEP
    # The manifest first: whatever else was written can be removed again.
    row: dict[str, Any] = {"entry": _entry(interview), "words": " ".join(found), "ttl": ttl}
    SearchTerm(MANIFEST + interview.id, **row).save()
    with SearchTerm.batch_write() as batch:
        for term in words.terms(found):
            batch.save(SearchTerm(term, **row))


def forget(interview: Interview) -> None:
    """Remove every trace of it here. May be repeated."""
    entry = _entry(interview)
    try:
        manifest = SearchTerm.get(MANIFEST + interview.id, entry, consistent_read=True)
    except SearchTerm.DoesNotExist:
        return
    with SearchTerm.batch_write() as batch:
        for term in words.terms(manifest.words.split()):
            batch.delete(SearchTerm(term, entry))
    manifest.delete()


def find(
    text: str,
    filters: Filters,
    *,
    cursor: str | None = None,
    size: int = 50,
    by_passcode: bool = True,
) -> Page:
    """What fits the text and the filters, open and ended, newest creation first; on the first page
    an id or a passcode before all else. Raises BadCursor.

    Without `by_passcode` a passcode finds nothing: who may not see one may not try them either.
    A page may hold less than `size`, or nothing, and still have a next one: it reads so much and
    no more.
    """
    before = _read_cursor(cursor) if cursor else None
    exact = [one for one in _exact(text, by_passcode) if filters.fits(one)]
    known = {one.id for one in exact}
    items = [] if cursor else exact
    wanted = words.words(text)
    for _ in range(ROUNDS if wanted else 0):
        found = _newest(wanted, before, size)
        rows = _rows([_id_of(entry) for entry in found.entries])
        for entry in found.entries:
            row = rows.get(_id_of(entry))
            if row is not None and row.id not in known and filters.fits(row):
                items.append(row)
                if len(items) >= size:
                    return Page(items, cursors.write(entry))
        before = found.before
        if before is None:
            break
    return Page(items, cursors.write(before) if before else None)


def matches(interview: Interview, challenge_name: str, text: str) -> bool:
    """Would `find` find it by this text?"""
    found = words.indexed(interview.candidate_name, challenge_name, interview.challenge)
    wanted = words.words(text)
    if wanted and words.has(found, wanted):
        return True
    last = _last_part(text)
    return last == interview.id or (bool(last) and last.upper() == interview.passcode)


def _newest(wanted: list[str], before: str | None, size: int) -> Found:
    """Look each word up, and go by the rarest: the one whose entries reach back furthest."""
    rarest, reach = Found([], None), ""
    beginnings = [word for word in wanted if words.is_beginning(word)] or wanted
    for place, word in enumerate(sorted(beginnings, key=len, reverse=True)[:MAX_TYPED]):
        rows = list(
            SearchTerm.query(
                words.term(word),
                SearchTerm.entry < before if before else None,
                consistent_read=True,
                scan_index_forward=False,
                limit=size,
                page_size=size,
            )
        )
        last = rows[-1].entry if len(rows) == size else None
        if place == 0 or (last or "") < reach:
            fitting = [row.entry for row in rows if words.has(row.words.split(), wanted)]
            rarest, reach = Found(fitting, last), last or ""
        if last is None:
            break
    return rarest


def _exact(text: str, by_passcode: bool) -> list[Interview]:
    """The one of this id, or of this passcode in either case; a link ends with its passcode."""
    text = _last_part(text)
    found = queries.get(text)
    if found is None and by_passcode and PASSCODE.fullmatch(text.upper()):
        found = queries.by_passcode(text)
    return [found] if found is not None else []


def _last_part(text: str) -> str:
    return text.strip().rstrip("/").rsplit("/", 1)[-1]


def _rows(ids: list[str]) -> dict[str, Interview]:
    if not ids:
        return {}
    return {row.id: row for row in Interview.batch_get(ids, consistent_read=True)}


def _entry(interview: Interview) -> str:
    return f"{int(interview.created_at.timestamp()):012d}#{interview.id}"


def _id_of(entry: str) -> str:
    return entry.split("#", 1)[1]


def _read_cursor(cursor: str) -> str:
    entry = cursors.read(cursor)
    if not isinstance(entry, str) or not ENTRY.fullmatch(entry):
        raise BadCursor(cursor)
    return entry
