"""Search interviews by words of the candidate's or challenge's name, by e-mail, passcode or id.

A table holds a row for each prefix of each word. A search looks up the typed prefixes, newest
first, and reads a bounded number of rows, however many interviews exist.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from interviews import queries
from interviews.challenges.library import challenge_name
from interviews.legacy import is_enabled
from interviews.legacy.listing import ListQuery, legacy_sources
from interviews.models import Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.history import Filters
from interviews.passcodes import PASSCODE
from interviews.queries import Page
from interviews.search import tokenizer
from interviews.search.index import SearchTerm

# Limits per page: batches of index entries, and words that are looked up.
MAX_ROUNDS = 4
MAX_LOOKUPS = 5
ENTRY_PATTERN = re.compile("[0-9]{12}#[!-~]{1,100}")


@dataclass(frozen=True)
class TermEntries:
    """One batch of index entries, newest first.

    `before` is the entry before which the next batch starts, or None if there are no more.
    """

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
    """Return a page of the interviews that match the text and the filters, newest first.

    The first page starts with an exact match of an id or a passcode. Pass `by_passcode=False` for
    a user who may not see passcodes, so that the search cannot be used to guess them. A page may
    hold less than `size` items, or none, and still have a next one, since it reads a bounded number
    of entries.

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    position = cursors.decode_cursor(cursor) if cursor else None
    if isinstance(position, list):
        return _page_with_legacy([], text, filters, position, size)
    before = _read_cursor(position) if cursor else None
    exact = [one for one in _exact_matches(text, by_passcode) if filters.matches(one)]
    listed = {one.id for one in exact}
    items = [] if cursor else exact
    typed = tokenizer.query_words(text)
    for _ in range(MAX_ROUNDS if typed else 0):
        batch = _read_rarest_word(typed, before, size)
        rows = queries.get_interviews(_id_of(entry) for entry in batch.entries)
        for entry in batch.entries:
            row = rows.get(_id_of(entry))
            if row is not None and row.id not in listed and filters.matches(row):
                listed.add(row.id)
                items.append(row)
                if len(items) >= size:
                    return Page(items, cursors.encode_cursor(entry))
        before = batch.before
        if before is None:
            break
    if before is None and typed and is_enabled():
        return _page_with_legacy(items, text, filters, [None], size)
    return Page(items, cursors.encode_cursor(before) if before else None)


def _page_with_legacy(
    items: list[Interview], text: str, filters: Filters, position: list[Any], size: int
) -> Page:
    """Fill the page with rows of earlier versions, which follow after the indexed interviews.

    They are not in the index, so each page examines a bounded number of them.
    """
    match position:
        case [None | str() as old_cursor]:
            pass
        case _:
            raise InvalidCursorError(str(position)[:100])
    typed, listed = tokenizer.query_words(text), {one.id for one in items}
    name_of = cache(challenge_name)

    def matches(one: Interview) -> bool:
        if one.id in listed or not filters.matches(one):
            return False
        challenge = one.challenge
        names = tokenizer.indexed_words(one.candidate_name, name_of(challenge), challenge)
        return tokenizer.words_match([*names, *tokenizer.email_words(one.candidate_email)], typed)

    sources = legacy_sources(ListQuery(filters.types, filters.statuses, matches, indexed=False))
    found, after = merge.merged_page(
        sources, lambda _: {}, size=size - len(items), cursor=old_cursor
    )
    return Page([*items, *found], cursors.encode_cursor([after]) if after else None)


def matches_search(interview: Interview, challenge_name: str, text: str) -> bool:
    """True if `search_page` would find the interview by this text."""
    words = [
        *tokenizer.indexed_words(interview.candidate_name, challenge_name, interview.challenge),
        *tokenizer.email_words(interview.candidate_email),
    ]
    typed = tokenizer.query_words(text)
    if typed and tokenizer.words_match(words, typed):
        return True
    last = _last_path_segment(text)
    return last == interview.id or (bool(last) and last.upper() == interview.passcode)


def _read_rarest_word(typed: list[str], before: str | None, size: int) -> TermEntries:
    """Look up each word, and return the batch of the rarest one.

    The rarest word is the one whose batch of entries reaches back furthest in time.
    """
    rarest, reaches_to = TermEntries([], None), ""
    prefixes = [word for word in typed if tokenizer.is_prefix(word)] or typed
    for number, word in enumerate(sorted(prefixes, key=len, reverse=True)[:MAX_LOOKUPS]):
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
        if number == 0 or (last or "") < reaches_to:
            matching = [
                row.entry for row in rows if tokenizer.words_match(row.words.split(), typed)
            ]
            rarest, reaches_to = TermEntries(matching, last), last or ""
        if last is None:
            break
    return rarest


def _exact_matches(text: str, by_passcode: bool) -> list[Interview]:
    """Return the interview with this id or passcode; the text may be a link that ends with it."""
    text = _last_path_segment(text)
    interview = queries.get_interview(text)
    if interview is None and by_passcode and PASSCODE.fullmatch(text.upper()):
        interview = queries.get_by_passcode(text)
    return [interview] if interview is not None else []


def _last_path_segment(text: str) -> str:
    return text.strip().rstrip("/").rsplit("/", 1)[-1]


def _id_of(entry: str) -> str:
    return entry.split("#", 1)[1]


def _read_cursor(entry: object) -> str:
    if not isinstance(entry, str) or not ENTRY_PATTERN.fullmatch(entry):
        raise InvalidCursorError(str(entry)[:100])
    return entry
