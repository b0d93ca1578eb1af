"""Operations: the row is the queue, the lease says who works on it now.

Who works on a workspace is told by the lease alone, whatever the status: a cancelled operation
whose worker is still inside an engine call keeps its lease until that call is over.
"""

import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from interviews.dynamodb import (
    MillisecondsAttribute,
    TimeAttribute,
    is_condition_failure,
    now,
    table_meta,
    update_actions,
)
from interviews.events import OperationChanged, publish
from interviews.models import RETENTION
from interviews.queries import is_valid_id
from operations import metrics
from operations.indexes import InterviewIndex, StatusDueIndex, Step

# A worker renews its lease every third of this; one that is silent for longer has died.
LEASE_DURATION = timedelta(seconds=30)
# A pending operation that nobody claimed for this long gets its bell rung again.
DISPATCH_AGAIN_AFTER = timedelta(seconds=15)


class OperationType(StrEnum):
    CREATE = "create"
    # The workspace of a running test stopped answering: start it again where it was.
    RESTART = "restart"
    DESTROY = "destroy"


class OperationStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (OperationStatus.PENDING, OperationStatus.RUNNING)


class LeaseLostError(Exception):
    """The operation is not, or no longer, this worker's: stop, and leave it as it is."""


class Operation(Model):
    """One piece of work on one workspace. `dueAt`: when the schedule must look at it again."""

    Meta = table_meta("operations")

    status_due_index = StatusDueIndex()
    interview_index = InterviewIndex()

    id = UnicodeAttribute(hash_key=True)
    interview_id = UnicodeAttribute(attr_name="interviewId")
    type = UnicodeAttribute()
    status = UnicodeAttribute(default=OperationStatus.PENDING.value)
    step = UnicodeAttribute(null=True)
    steps = ListAttribute(of=Step, default=list)
    # To the millisecond, for how long it waited; and when the last step was over.
    queued_at = MillisecondsAttribute(attr_name="queuedAt", null=True)
    done_at = MillisecondsAttribute(attr_name="doneAt", null=True)
    error = UnicodeAttribute(null=True)
    # How often a worker took it on, and how often the work itself failed.
    attempts = NumberAttribute(default=0)
    failures = NumberAttribute(default=0)
    requested_by = UnicodeAttribute(attr_name="requestedBy")
    # The operation that this one replaced: not before its worker has let go.
    blocked_by = UnicodeAttribute(attr_name="waitsFor", null=True)
    lease_owner = UnicodeAttribute(attr_name="leaseOwner", null=True)
    lease_until = TimeAttribute(attr_name="leaseUntil", null=True)
    due_at = TimeAttribute(attr_name="dueAt", null=True)
    created_at = TimeAttribute(attr_name="createdAt")
    started_at = TimeAttribute(attr_name="startedAt", null=True)
    finished_at = TimeAttribute(attr_name="finishedAt", null=True)
    ttl = TimeAttribute(null=True)

    def __repr__(self) -> str:
        return f"<Operation {self.id} {self.type} {self.status}>"

    @classmethod
    def queue(
        cls,
        interview_id: str,
        type_: OperationType,
        *,
        requested_by: str,
        blocked_by: str | None = None,
    ) -> "Operation":
        """Write a pending operation. Nobody works on it before an interview points at it."""
        operation = cls(
            id=str(uuid.uuid4()),
            interview_id=interview_id,
            type=type_.value,
            requested_by=requested_by,
            blocked_by=blocked_by,
            created_at=now(),
            queued_at=datetime.now(UTC),
            due_at=now() + DISPATCH_AGAIN_AFTER,
            ttl=now() + RETENTION + timedelta(days=30),
        )
        try:
            operation.save(cls.id.does_not_exist())
        except PutError as error:
            # Nobody else draws this id: it was written, and only the answer got lost.
            if not is_condition_failure(error):
                raise
        return operation

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def is_leased(self) -> bool:
        """Is a worker, as far as anybody can tell, still acting on the workspace?"""
        return self.lease_owner is not None and (self.lease_until or now()) > now()

    def claim(self) -> str:
        """Take the operation for this worker; returns the lease's token. LeaseLostError: another
        has it, or it is finished."""
        token = secrets.token_hex(8)
        self._write(
            Operation.status.is_in(*UNFINISHED)
            & (Operation.lease_owner.does_not_exist() | (Operation.lease_until <= now())),
            status=OperationStatus.RUNNING.value,
            lease_owner=token,
            lease_until=now() + LEASE_DURATION,
            due_at=now() + LEASE_DURATION,
            started_at=self.started_at or now(),
            attempts=int(self.attempts) + 1,
        )
        self.announce()
        return token

    def renew(self, token: str) -> None:
        """Hold the lease for another LEASE. LeaseLostError: it was lost. A cancelled operation
        keeps its lease for as long as its worker is at it."""
        self._write(
            Operation.lease_owner == token,
            lease_until=now() + LEASE_DURATION,
            due_at=now() + LEASE_DURATION,
        )

    def begin(self, token: str, step: str) -> None:
        """Record which step is being taken. LeaseLostError: cancelled, or the lease was lost."""
        moment = Step(name=step, at=datetime.now(UTC))  # type: ignore[no-untyped-call]
        # A step that is tried again and again is one: a row has its limits.
        is_again = bool(self.steps) and self.steps[-1].name == step
        steps = list(self.steps) if is_again else [*self.steps, moment]
        self._write(self._held(token), step=step, steps=steps)
        self.announce()

    def succeed(self, token: str) -> None:
        """Close it as done. Only after its interview was moved. LeaseLostError: cancelled or
        lost."""
        self._finish(self._held(token), OperationStatus.COMPLETED)

    def fail(self, token: str, error: str) -> None:
        """Close it as failed, with a sentence. Only after its interview was moved."""
        self._finish(self._held(token), OperationStatus.FAILED, error=error)

    def requeue(self, token: str, *, until: datetime, error: str | None = None) -> None:
        """Give it up until a later moment, when the schedule rings for it again. With an `error`
        it counts as failed once more."""
        self._write(
            self._held(token),
            status=OperationStatus.PENDING.value,
            error=error,
            failures=int(self.failures) + (error is not None),
            due_at=until,
            lease_owner=None,
            lease_until=None,
        )
        if error is not None:
            metrics.requeue(self.type)
        self.announce()

    def cancel(self) -> bool:
        """Void it, unless it is finished: nobody can claim it any more. A worker that has it now
        notices at its next write. Tells whether it was this call that did it."""
        try:
            self._finish(
                Operation.status.is_in(*UNFINISHED), OperationStatus.CANCELLED, release=False
            )
        except LeaseLostError:
            return False
        return True

    def release(self, token: str) -> None:
        """Give the lease up, whatever became of the operation. Nothing happens if it was lost."""
        try:
            self._write(Operation.lease_owner == token, lease_owner=None, lease_until=None)
        except LeaseLostError:
            return

    def postpone_dispatch(self) -> bool:
        """Put off the next look by the schedule. Of several at once, one is told True."""
        try:
            self._write(
                Operation.status.is_in(*UNFINISHED) & (Operation.due_at == self.due_at),
                due_at=now() + DISPATCH_AGAIN_AFTER,
            )
        except LeaseLostError:
            return False
        return True

    def discard(self) -> None:
        """Delete it: it was queued for an interview that went another way."""
        try:
            self.delete(Operation.status == OperationStatus.PENDING.value)
        except DeleteError as error:
            if not is_condition_failure(error):
                raise

    def announce(self) -> None:
        publish(
            OperationChanged(
                interview_id=self.interview_id,
                operation_id=self.id,
                type=self.type,
                status=self.status,
                step=self.step,
            )
        )

    def _held(self, token: str) -> Condition:
        held: Condition = Operation.lease_owner == token
        held &= Operation.status == OperationStatus.RUNNING.value
        return held

    def _finish(
        self,
        condition: Condition,
        state: OperationStatus,
        *,
        error: str | None = None,
        release: bool = True,
    ) -> None:
        changes: dict[str, Any] = {
            "status": state.value,
            "error": error,
            "finished_at": now(),
            "done_at": datetime.now(UTC),
            "due_at": None,
        }
        if release:
            changes["lease_owner"] = changes["lease_until"] = None
        self._write(condition, **changes)
        metrics.ended(self.type, state.value)
        self.announce()

    def _write(self, condition: Condition, **changes: Any) -> None:
        try:
            self.update(
                actions=update_actions(Operation, changes),
                condition=Operation.id.exists() & condition,
            )
        except UpdateError as error:
            if is_condition_failure(error):
                raise LeaseLostError(self.id) from None
            raise


def get(operation_id: str) -> Operation | None:
    """The operation as it is now (a consistent read)."""
    if not is_valid_id(operation_id):
        return None
    try:
        return Operation.get(operation_id, consistent_read=True)
    except Operation.DoesNotExist:
        return None


def of_interview(interview_id: str, *, limit: int = 50) -> list[Operation]:
    """The operations of an interview, newest first."""
    return list(
        Operation.interview_index.query(interview_id, scan_index_forward=False, limit=limit)
    )


def due(state: OperationStatus, at: datetime) -> Iterator[str]:
    """The ids of operations that the schedule must look at, from an index that may be late."""
    rows = Operation.status_due_index.query(
        state.value, Operation.due_at <= at, attributes_to_get=["id"]
    )
    return (row.id for row in rows)
