"""The decision on a candidate, and its history."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from interviews.dynamodb import now
from interviews.events import ReviewsChanged, publish
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError
from operations.reviews import cases, messages
from operations.reviews.late_writes import refuse_if_deleted
from operations.reviews.models import Decision, Outcome
from operations.reviews.schemas import DecisionInput

# No review is waited for after these.
CLOSING = (Outcome.ADVANCE, Outcome.REJECT)


class DecisionConflictError(Exception):
    """Somebody else decided first; `current` is their decision."""

    def __init__(self, current: Decision) -> None:
        super().__init__(current)
        self.current = current


def decide(interview: Interview, data: DecisionInput, *, by: str) -> Decision:
    """Decide on the candidate, or change the decision; the ones before stay as history.

    Raises:
        DecisionConflictError: if somebody decided since the person looked; nothing is written.
        WrongStateError: if the interview is not over or was deleted, or is a dry run; or if
            there is no decision, though the person says that they saw one.
    """
    if interview.state not in FINAL or interview.is_dry_run:
        raise WrongStateError(_("Decide once the interview is over."))
    try:
        with transaction.atomic():
            # A review that is reopened at the same time waits, and then finds the decision.
            cases.lock_case(interview.id)
            current = latest_decision(interview.id)
            if current is not None and current.number != data.base:
                raise DecisionConflictError(current)
            if current is None and data.base:
                raise WrongStateError(str(CONFLICT_MESSAGE))
            decision = Decision.objects.create(
                interview_id=interview.id,
                number=data.base + 1,
                outcome=data.outcome,
                reason=data.reason,
                decided_by=by,
                decided_at=now(),
            )
            messages.queue_decision_made(interview, decision, previous=current)
            # Not the reason: reviewers who have not scored may read the trail.
            audit.record(AuditAction.DECISION_MADE, interview.id, detail=data.outcome)
    except IntegrityError:
        first = latest_decision(interview.id)
        if first is None:
            raise
        raise DecisionConflictError(first) from None
    refuse_if_deleted(interview)
    publish(ReviewsChanged(interview_id=interview.id))
    return decision


def latest_decision(interview_id: str) -> Decision | None:
    return Decision.objects.filter(interview_id=interview_id).first()


def decision_history(interview_id: str) -> list[Decision]:
    """All decisions, newest first."""
    return list(Decision.objects.filter(interview_id=interview_id))


def latest_decisions(interview_ids: Iterable[str]) -> dict[str, Decision]:
    """The decision that holds, by the interview's id, in one query."""
    ids = list(interview_ids)
    if not ids:
        return {}
    rows = Decision.objects.filter(interview_id__in=ids).order_by("number")
    return {row.interview_id: row for row in rows}
