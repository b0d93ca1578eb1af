"""Finding an interview by what a person remembers of it: the beginnings of words of the candidate's
name or the challenge's, its passcode, or its id.

A table of its own holds a row for each beginning of each word. A look-up reads the beginnings that
were typed, newest first, and a bounded number of rows, however many there are.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from interviews import queries
from interviews.history import Filters
from interviews.legacy import is_enabled
from interviews.legacy.lazy_migration import challenge_name
from interviews.legacy.listing import ListQuery, legacy_sources
from interviews.models import Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.passcodes import PASSCODE
from interviews.queries import Page
from interviews.search import tokenizer
from interviews.search.index import SearchTerm

# How often a page looks further when what it read did not fit, and how many words it looks up.
MAX_ROUNDS = 4
MAX_LOOKUPS = 5
ENTRY_PATTERN = re.compile("[0-9]{12}#[!-~]{1,100}")


@dataclass(frozen=True)
class TermEntries:
    """What was read of the table in one go, newest first. `before`: where to read on, if at all."""

    entries: list[str]
    before: str | None


def search_page(
    text: str,
    filters: Filters,
    *,
    cursor: str | None = None,
    size: int = 50,
    by_passcode: bool = True,
) -> Page:
    """What fits the text and the filters, open and ended, newest creation first; on the first page
    an id or a passcode before all else. Raises InvalidCursorError.

    Without `by_passcode` a passcode finds nothing: who may not see one may not try them either.
    A page may hold less than `size`, or nothing, and still have a next one: it reads so much and
    no more.
    """
    begun = cursors.decode_cursor(cursor) if cursor else None
    if isinstance(begun, list):
        return _page_with_legacy([], text, filters, begun, size)
    before = _read_cursor(begun) if cursor else None
    exact = [one for one in _exact_matches(text, by_passcode) if filters.fits(one)]
    known = {one.id for one in exact}
    items = [] if cursor else exact
    wanted = tokenizer.split_words(text)
    for _ in range(MAX_ROUNDS if wanted else 0):
        found = _read_rarest_word(wanted, before, size)
        rows = _rows([_id_of(entry) for entry in found.entries])
        for entry in found.entries:
            row = rows.get(_id_of(entry))
            if row is not None and row.id not in known and filters.fits(row):
                known.add(row.id)
                items.append(row)
                if len(items) >= size:
                    return Page(items, cursors.encode_cursor(entry))
        before = found.before
        if before is None:
            break
    if before is None and wanted and is_enabled():
        return _page_with_legacy(items, text, filters, [None], size)
    return Page(items, cursors.encode_cursor(before) if before else None)


def _page_with_legacy(
    items: list[Interview], text: str, filters: Filters, begun: list[Any], size: int
) -> Page:
    """After our own come those of other versions, which have no terms: they are looked through,
    a page at a time."""
    match begun:
        case [None | str() as old]:
            pass
        case _:
            raise InvalidCursorError(str(begun)[:100])
    wanted, known, name_of = (
        tokenizer.split_words(text),
        {one.id for one in items},
        cache(challenge_name),
    )

    def fits(one: Interview) -> bool:
        if one.id in known or not filters.fits(one):
            return False
        challenge = one.challenge
        return tokenizer.words_match(
            tokenizer.indexed_words(one.candidate_name, name_of(challenge), challenge), wanted
        )

    parts = legacy_sources(ListQuery(filters.types, filters.statuses, fits, indexed=False))
    found, after = merge.merged_page(parts, lambda _: {}, size=size - len(items), cursor=old)
    return Page([*items, *found], cursors.encode_cursor([after]) if after else None)


def matches_search(interview: Interview, challenge_name: str, text: str) -> bool:
    """Would `find` find it by this text?"""
    found = tokenizer.indexed_words(interview.candidate_name, challenge_name, interview.challenge)
    wanted = tokenizer.split_words(text)
    if wanted and tokenizer.words_match(found, wanted):
        return True
    last = _last_path_segment(text)
    return last == interview.id or (bool(last) and last.upper() == interview.passcode)


def _read_rarest_word(wanted: list[str], before: str | None, size: int) -> TermEntries:
    """Look each word up, and go by the rarest: the one whose entries reach back furthest."""
    rarest, reach = TermEntries([], None), ""
    beginnings = [word for word in wanted if tokenizer.is_prefix(word)] or wanted
    for place, word in enumerate(sorted(beginnings, key=len, reverse=True)[:MAX_LOOKUPS]):
        rows = list(
            SearchTerm.query(
                tokenizer.lookup_term(word),
                SearchTerm.entry < before if before else None,
                consistent_read=True,
                scan_index_forward=False,
                limit=size,
                page_size=size,
            )
        )
        last = rows[-1].entry if len(rows) == size else None
        if place == 0 or (last or "") < reach:
            fitting = [
                row.entry for row in rows if tokenizer.words_match(row.words.split(), wanted)
            ]
            rarest, reach = TermEntries(fitting, last), last or ""
        if last is None:
            break
    return rarest


def _exact_matches(text: str, by_passcode: bool) -> list[Interview]:
    """The one of this id, or of this passcode in either case; a link ends with its passcode."""
    text = _last_path_segment(text)
    found = queries.get_interview(text)
    if found is None and by_passcode and PASSCODE.fullmatch(text.upper()):
        found = queries.get_by_passcode(text)
    return [found] if found is not None else []


def _last_path_segment(text: str) -> str:
    return text.strip().rstrip("/").rsplit("/", 1)[-1]


def _rows(ids: list[str]) -> dict[str, Interview]:
    return queries.get_interviews(ids)


def _id_of(entry: str) -> str:
    return entry.split("#", 1)[1]


def _read_cursor(entry: object) -> str:
    if not isinstance(entry, str) or not ENTRY_PATTERN.fullmatch(entry):
        raise InvalidCursorError(str(entry)[:100])
    return entry
