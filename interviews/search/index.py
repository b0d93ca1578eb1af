"""The words by which interviews are found: a row for each beginning of each word of one.

Written before the interview and removed before it: what exists can be found.
"""

from datetime import timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from interviews.dynamodb import TimeAttribute, now, table_meta
from interviews.models import RETENTION, Interview
from interviews.search import tokenizer

# A test may be planned, taken and opened again before its row is removed: terms outlast it, and
# one that leads nowhere is passed over.
TERM_RETENTION = RETENTION + timedelta(days=365)
# What no word begins with: the row that tells which words an interview is found by.
MANIFEST_PREFIX = "#"


class SearchTerm(Model):
    """The beginning of a word, an interview that has it, and all the words that it is found by."""

    Meta = table_meta("search_terms")

    term = UnicodeAttribute(hash_key=True)
    # Creation and id: the order of the list, and unique in it.
    entry = UnicodeAttribute(range_key=True)
    words = UnicodeAttribute()
    ttl = TimeAttribute()


def index_interview(interview: Interview, challenge_name: str) -> None:
    """Make it findable. To be called before the interview is written: what exists can be found."""
    found = tokenizer.indexed_words(interview.candidate_name, challenge_name, interview.challenge)
    ttl = max(filter(None, (now(), interview.valid_until, interview.scheduled_at))) + TERM_RETENTION
    # The manifest first: whatever else was written can be removed again.
    row: dict[str, Any] = {"entry": entry_key(interview), "words": " ".join(found), "ttl": ttl}
    SearchTerm(MANIFEST_PREFIX + interview.id, **row).save()
    with SearchTerm.batch_write() as batch:
        for term in tokenizer.index_terms(found):
            batch.save(SearchTerm(term, **row))


def unindex_interview(interview: Interview) -> None:
    """Remove every trace of it here. May be repeated."""
    entry = entry_key(interview)
    try:
        manifest = SearchTerm.get(MANIFEST_PREFIX + interview.id, entry, consistent_read=True)
    except SearchTerm.DoesNotExist:
        return
    with SearchTerm.batch_write() as batch:
        for term in tokenizer.index_terms(manifest.words.split()):
            batch.delete(SearchTerm(term, entry))
    manifest.delete()


def entry_key(interview: Interview) -> str:
    return f"{int(interview.created_at.timestamp()):012d}#{interview.id}"
