"""Keep the index right while the name or address of a candidate, or the challenge, changes.

`index.add_words` comes before the write, and `settle_words` after it. A process that dies in
between leaves a word too many, and never an interview that cannot be found. The relay of an edit
settles it then (`operations.webhooks.outbox_relay`), or the next e-mail to an address that staff
enters (`operations.mail.outbox`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from interviews import queries
from interviews.challenges import library
from interviews.models import Interview
from interviews.search import index, tokenizer

# The attributes whose words are searched. Their stored names:
SEARCHED = frozenset({"candidateName", "candidateEmail", "challenge"})


def words_of(interview: Interview, changes: Mapping[str, Any] = MappingProxyType({})) -> list[str]:
    """Return the words that find the interview, with these changes by Python name."""
    challenge = changes.get("challenge", interview.challenge)
    names = tokenizer.indexed_words(
        changes.get("candidate_name", interview.candidate_name),
        library.challenge_name(challenge),
        challenge,
    )
    email = changes.get("candidate_email", interview.candidate_email)
    return [*names, *tokenizer.email_words(email)]


def settle_words(interview: Interview) -> None:
    """Let only the words of the stored row find the interview, or none if it was deleted.

    It reads the row after each write of the index, so that of two changes at once the one that
    writes the index last does not leave the words of the other.
    """
    current = queries.get_interview(interview.id)
    settled: list[str] | None = None
    while current is not None and (words := words_of(current)) != settled:
        index.keep_words(current, words)
        settled = words
        current = queries.get_interview(interview.id)
    if current is None:
        index.unindex_interview(interview)
