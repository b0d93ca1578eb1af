"""The inverted index of the search: a row for each prefix of each word of an interview.

Terms are written before the interview row, so that a search finds every interview, and deleted
before it, so that a retry after a crash can still find them.
"""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from interviews.dynamodb import TimeAttribute, now, table_meta
from interviews.models import Interview
from interviews.retention import retention
from interviews.search import tokenizer

# Terms outlast the interview, which may be scheduled, taken and reopened before its row is
# deleted; a search skips terms without an interview.
LONGEST_LIFE = timedelta(days=365)
# No word begins with it: the key of the row that lists the words of an interview.
MANIFEST_PREFIX = "#"


class SearchTerm(Model):
    """A prefix of a word, an interview that has that word, and all words of that interview."""

    Meta = table_meta("search_terms")

    term = UnicodeAttribute(hash_key=True)
    # Creation time and id: unique, and in the order of the list.
    entry = UnicodeAttribute(range_key=True)
    words = UnicodeAttribute()
    ttl = TimeAttribute()


def index_interview(interview: Interview, challenge_name: str) -> None:
    """Add the interview to the index. Call it before the interview is written."""
    words = [
        *tokenizer.indexed_words(interview.candidate_name, challenge_name, interview.challenge),
        *tokenizer.email_words(interview.candidate_email),
    ]
    _write_terms(interview, words, _outlast(interview))


def add_words(interview: Interview, words: list[str]) -> list[str]:
    """Let these words find the interview too, and return all that do."""
    both = list(dict.fromkeys([*indexed_words_of(interview), *words]))
    _write_terms(interview, both, _outlast(interview))
    return both


def keep_words(interview: Interview, words: list[str]) -> None:
    """Let only these words find the interview.

    The manifest forgets the other words last: if the process dies before, they can still be found
    and removed.
    """
    listed = indexed_words_of(interview)
    if not set(words) <= set(listed):
        listed = add_words(interview, words)
    terms = set(tokenizer.index_terms(words))
    row = _row(interview, words, _outlast(interview))
    with SearchTerm.batch_write() as batch:
        for term in terms:
            batch.save(SearchTerm(term, **row))
        for term in set(tokenizer.index_terms(listed)) - terms:
            batch.delete(SearchTerm(term, entry_key(interview)))
    SearchTerm(MANIFEST_PREFIX + interview.id, **row).save()


def extend_terms(interview: Interview) -> None:
    """Keep the terms of an interview that was moved to a later time, if they would not last."""
    manifest = _manifest(interview)
    if manifest is not None and manifest.ttl < _outlast(interview):
        _write_terms(interview, manifest.words.split(), _outlast(interview))


def _outlast(interview: Interview) -> datetime:
    """A time at which the interview is deleted for certain."""
    planned = max(filter(None, (now(), interview.valid_until, interview.scheduled_at)))
    return planned + LONGEST_LIFE + retention()


def keep_terms(interview: Interview, until: datetime) -> None:
    """Keep the interview in the index until this time."""
    manifest = _manifest(interview)
    if manifest is not None:
        _write_terms(interview, manifest.words.split(), until)


def terms_ttl(interview: Interview) -> datetime | None:
    """Return when DynamoDB deletes the terms of the interview, or None if it has none."""
    manifest = _manifest(interview)
    return manifest.ttl if manifest is not None else None


def _manifest(interview: Interview, *, consistent_read: bool = False) -> SearchTerm | None:
    try:
        return SearchTerm.get(
            MANIFEST_PREFIX + interview.id, entry_key(interview), consistent_read=consistent_read
        )
    except SearchTerm.DoesNotExist:
        return None


def _write_terms(interview: Interview, words: list[str], ttl: datetime) -> None:
    # The manifest comes first, so that `unindex_interview` can delete the other rows.
    row = _row(interview, words, ttl)
    SearchTerm(MANIFEST_PREFIX + interview.id, **row).save()
    with SearchTerm.batch_write() as batch:
        for term in tokenizer.index_terms(words):
            batch.save(SearchTerm(term, **row))


def _row(interview: Interview, words: list[str], ttl: datetime) -> dict[str, Any]:
    return {"entry": entry_key(interview), "words": " ".join(words), "ttl": ttl}


def unindex_interview(interview: Interview) -> int:
    """Remove the interview from the index, and return how many terms it had. Idempotent."""
    manifest = _manifest(interview, consistent_read=True)
    if manifest is None:
        return 0
    terms = tokenizer.index_terms(manifest.words.split())
    with SearchTerm.batch_write() as batch:
        for term in terms:
            batch.delete(SearchTerm(term, manifest.entry))
    manifest.delete()
    return len(terms)


def indexed_words_of(interview: Interview) -> list[str]:
    """Return the words that the index has of the interview."""
    manifest = _manifest(interview, consistent_read=True)
    return manifest.words.split() if manifest is not None else []


def entry_key(interview: Interview) -> str:
    return f"{int(interview.created_at.timestamp()):012d}#{interview.id}"
