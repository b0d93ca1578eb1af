"""Find what is stored about one candidate, by email address or by one of their interviews.

No index has the address, because this is rare: a search by it reads every interview once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interviews import legacy, queries
from interviews.legacy import lookup
from interviews.lifecycle import FINAL, NOT_STARTED
from interviews.models import Interview
from interviews.search import index, tokenizer
from operations import retention
from operations.archives import archive
from operations.bulk_import import service
from operations.bulk_import.models import BatchRow
from operations.candidate_data.inventory import Inventory
from operations.checks.cleanup import count_runs_of
from operations.mail import outbox
from operations.mail.models import Message
from operations.operation_log import OperationLog
from operations.progress.cleanup import count_progress_of
from operations.reviews.cleanup import count_reviews_of
from operations.webhooks import delivery_log


@dataclass(frozen=True)
class Candidate:
    """A person: the address, or "" if none is known, and their interviews, newest first."""

    email: str
    interviews: list[Interview]

    @property
    def name(self) -> str:
        """The name in the newest interview, or "" if there is none."""
        return self.interviews[0].candidate_name if self.interviews else ""

    @property
    def running(self) -> list[Interview]:
        """The interviews that may have a workspace: these are not deleted before they end."""
        return [one for one in self.interviews if one.state not in FINAL | NOT_STARTED]

    @property
    def not_started(self) -> list[Interview]:
        return [one for one in self.interviews if one.state in NOT_STARTED]

    def other_rows(self) -> list[BatchRow]:
        """The rows of files with the address that belong to none of the interviews."""
        if not self.email:
            return []
        return service.rows_with_address(self.email, except_of=self._ids())

    def other_messages(self) -> list[Message]:
        """The emails to the address that belong to none of the interviews."""
        return outbox.messages_to(self.email, except_of=self._ids()) if self.email else []

    def inventory(self) -> Inventory:
        """Count what is stored about the candidate."""
        total = Inventory(emails=len(self.other_messages()), import_rows=len(self.other_rows()))
        for interview in self.interviews:
            total += inventory_of(interview)
        return total

    def _ids(self) -> list[str]:
        return [interview.id for interview in self.interviews]


def find_by_email(email: str) -> Candidate:
    """Find the candidate with this address, in upper or lower case."""
    email = email.strip().casefold()
    found = queries.get_interviews(dict.fromkeys(_ids_by_email(email))) if email else {}
    # An address may have been changed since the scan read it.
    theirs = [one for one in found.values() if has_address(one, email)]
    return Candidate(email, sorted(theirs, key=lambda one: one.created_at, reverse=True))


def find_by_interview(interview: Interview) -> Candidate:
    """Find the candidate of an interview: all interviews with its address, or it alone."""
    email = (interview.candidate_email or "").strip().casefold()
    return find_by_email(email) if email else Candidate("", [interview])


def has_address(interview: Interview, email: str) -> bool:
    return (interview.candidate_email or "").strip().casefold() == email


def _ids_by_email(email: str) -> Iterator[str]:
    rows = Interview.scan(
        Interview.candidate_email.exists(),
        attributes_to_get=["id", "candidateEmail"],
        consistent_read=True,
    )
    yield from (row.id for row in rows if has_address(row, email))
    if legacy.is_enabled():
        yield from lookup.ids_by_email(email)


def inventory_of(interview: Interview) -> Inventory:
    """Count what is stored about an interview."""
    operations = retention.operations_of(interview)
    return Inventory(
        interviews=1,
        archives=archive.count_archives(archive.stored_keys(interview)),
        operations=len(operations),
        log_lines=sum(OperationLog.count(one.id, consistent_read=True) for one in operations),
        search_terms=len(tokenizer.index_terms(index.indexed_words_of(interview))),
        emails=len(outbox.messages_of(interview.id)),
        import_rows=len(service.rows_of(interview.id)),
        webhook_messages=len(delivery_log.messages_about(interview.id)),
        **count_reviews_of(interview.id)._asdict(),
        progress_states=count_progress_of(interview.id),
        check_runs=count_runs_of(interview.id),
        old_rows=int(lookup.has_old_row(interview)),
    )
