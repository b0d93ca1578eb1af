"""Operations: the row is the queue entry, and its lease says which worker runs it.

Only the lease says whether a worker acts on a workspace, whatever the status: a cancelled operation
keeps its lease until the engine call of its worker has returned.
"""

import contextlib
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from interviews.dynamodb import (
    MapListAttribute,
    MillisecondsAttribute,
    TimeAttribute,
    is_condition_failure,
    now,
    table_meta,
    update_actions,
)
from interviews.events import OperationChanged, publish
from interviews.queries import is_valid_id
from interviews.retention import retention
from operations.indexes import InterviewIndex, StatusDueIndex, Step
from operations.lifecycle import UNFINISHED, OperationStatus, OperationType
from operations.monitoring import metrics

# From an operation to the end of its interview, whose row outlives what belongs to it.
LONGEST_LIFE = timedelta(days=30)
# A worker renews its lease every quarter of this; a lease that expires means that the worker died.
LEASE_DURATION = timedelta(seconds=30)
# A pending operation that no worker claimed within this time is dispatched again.
DISPATCH_AGAIN_AFTER = timedelta(seconds=15)
# A workspace of a failed start that could not be removed is removed again after this.
CLEAN_UP_INTERVAL = timedelta(minutes=1)
# The message for the next readiness check counts as lost if none came this long after its time.
CHECK_LOST_AFTER = timedelta(seconds=5)


# Operations of these statuses may have left a workspace that has to be removed.
LEFT = (OperationStatus.FAILED, OperationStatus.CANCELLED)


class LeaseLostError(Exception):
    """This worker does not hold the operation's lease, so it must stop and change nothing."""


class Operation(Model):
    """A unit of work on one workspace. The reconciler checks it again at `due_at`."""

    Meta = table_meta("operations")

    status_due_index = StatusDueIndex()
    interview_index = InterviewIndex()

    id = UnicodeAttribute(hash_key=True)
    interview_id = UnicodeAttribute(attr_name="interviewId")
    type = UnicodeAttribute()
    status = UnicodeAttribute(default=OperationStatus.PENDING.value)
    step = UnicodeAttribute(null=True)
    steps = MapListAttribute(of=Step, default=list)
    # `created_at` and `finished_at` in milliseconds, for the durations of the steps. Null in rows
    # that are older than these attributes.
    queued_at = MillisecondsAttribute(attr_name="queuedAt", null=True)
    finished_at_precise = MillisecondsAttribute(attr_name="doneAt", null=True)
    error = UnicodeAttribute(null=True)
    # How often a worker claimed it, and how often the work itself failed.
    attempts = NumberAttribute(default=0)
    failures = NumberAttribute(default=0)
    requested_by = UnicodeAttribute(attr_name="requestedBy")
    # While its workspace does not answer yet: when it is checked next, and when the workspace was
    # last provisioned. No worker holds the lease between two checks. Once it failed or was
    # cancelled: when its workspace is removed next, as that was left undone.
    check_at = MillisecondsAttribute(attr_name="checkAt", null=True)
    provisioned_at = MillisecondsAttribute(attr_name="provisionedAt", null=True)
    # Why the workspace did not answer the last check, or was not started, if the engine said so; it
    # is in the log.
    waiting_reason = UnicodeAttribute(attr_name="waitingReason", null=True)
    # When it got its place, if it had to wait for one (`operations.admission`).
    admitted_at = MillisecondsAttribute(attr_name="admittedAt", null=True)
    # The operation that this one replaced: its worker must release the lease first.
    blocked_by = UnicodeAttribute(attr_name="waitsFor", null=True)
    lease_owner = UnicodeAttribute(attr_name="leaseOwner", null=True)
    lease_until = TimeAttribute(attr_name="leaseUntil", null=True)
    # The worker process that holds or held the lease (`operations.worker.identity`).
    lease_process = UnicodeAttribute(attr_name="leaseProcess", null=True)
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
        """Write a pending operation. Workers ignore it until an interview points at it."""
        operation = cls(
            id=str(uuid.uuid4()),
            interview_id=interview_id,
            type=type_.value,
            requested_by=requested_by,
            blocked_by=blocked_by,
            created_at=now(),
            queued_at=datetime.now(UTC),
            due_at=now() + DISPATCH_AGAIN_AFTER,
            ttl=now() + LONGEST_LIFE + retention(),
        )
        try:
            operation.save(cls.id.does_not_exist())
        except PutError as error:
            # The id is random, so this is a retry of a write whose response got lost.
            if not is_condition_failure(error):
                raise
        return operation

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def begun_at(self) -> datetime:
        """Since when it could run. Its steps are timed from then on."""
        begun_at: datetime = self.admitted_at or self.queued_at or self.created_at
        return begun_at

    @property
    def is_leased(self) -> bool:
        """Whether a worker may still act on the workspace."""
        return self.lease_owner is not None and (self.lease_until or now()) > now()

    @property
    def is_between_checks(self) -> bool:
        """Whether it was released until the next readiness check of its workspace."""
        return self.check_at is not None and self.status == OperationStatus.RUNNING

    @property
    def is_left(self) -> bool:
        """Whether it failed or was cancelled, and its workspace may still have to be removed."""
        return self.check_at is not None and self.status in LEFT

    def claim(self, process: str | None = None) -> str:
        """Acquire the lease for this worker process and return its token.

        One that is left keeps its status: its workspace is removed.

        Raises:
            LeaseLostError: if another worker holds the lease, or the operation needs no work.
        """
        token = secrets.token_hex(8)
        is_free = Operation.lease_owner.does_not_exist() | (Operation.lease_until <= now())
        if self.status in LEFT:
            # It was cancelled between two checks, or its workspace could not be removed.
            self._write(
                is_free & (Operation.status == self.status) & Operation.check_at.exists(),
                check_at=datetime.now(UTC) + CLEAN_UP_INTERVAL,
                lease_owner=token,
                lease_until=now() + LEASE_DURATION,
                lease_process=process,
            )
            return token
        # A readiness check is neither one more attempt nor news.
        is_check = self.is_between_checks
        self._write(
            is_free & Operation.status.is_in(*UNFINISHED),
            status=OperationStatus.RUNNING.value,
            lease_owner=token,
            lease_until=now() + LEASE_DURATION,
            lease_process=process,
            due_at=now() + LEASE_DURATION,
            started_at=self.started_at or now(),
            attempts=int(self.attempts) + (not is_check),
        )
        if not is_check:
            self.announce()
        return token

    def renew(self, token: str) -> None:
        """Extend the lease by LEASE_DURATION. A cancelled operation can be renewed, too.

        Raises:
            LeaseLostError: if the lease was lost.
        """
        self._write(
            Operation.lease_owner == token,
            lease_until=now() + LEASE_DURATION,
            due_at=now() + LEASE_DURATION,
        )

    def begin_step(self, token: str, step: str) -> None:
        """Record the step that begins now.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        new_step = Step(name=step, at=datetime.now(UTC))  # type: ignore[no-untyped-call]
        # A step that is repeated is recorded once, as the size of a row is limited.
        is_repeated = bool(self.steps) and self.steps[-1].name == step
        steps = list(self.steps) if is_repeated else [*self.steps, new_step]
        self._write(self._is_held_with(token), step=step, steps=steps, check_at=None)
        self.announce()

    def check_again(
        self, token: str, *, at: datetime, provisioned_at: datetime, reason: str | None
    ) -> None:
        """Release it as running until the next readiness check, which is no news for pages.

        The reconciler dispatches it if the message for that check is lost.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        self._write(
            self._is_held_with(token),
            check_at=at,
            provisioned_at=provisioned_at,
            waiting_reason=reason,
            due_at=at + CHECK_LOST_AFTER,
            lease_owner=None,
            lease_until=None,
        )

    def succeed(self, token: str) -> None:
        """Close it as completed, which must come after the interview's own status change.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        self._finish(self._is_held_with(token), OperationStatus.COMPLETED)

    def fail(self, token: str, error: str, *, is_left: bool = False) -> None:
        """Close it as failed, which must come after the interview's own status change.

        With `is_left` its workspace could not be removed, and that is tried again.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        check_at = datetime.now(UTC) + CLEAN_UP_INTERVAL if is_left else None
        condition = self._is_held_with(token)
        self._finish(condition, OperationStatus.FAILED, error=error, check_at=check_at)

    def record_clean_up(self, token: str, *, is_done: bool) -> None:
        """Record in any status whether its workspace was removed; otherwise that is tried again.

        Raises:
            LeaseLostError: if the lease was lost.
        """
        check_at = None if is_done else datetime.now(UTC) + CLEAN_UP_INTERVAL
        self._write(Operation.lease_owner == token, check_at=check_at)

    def requeue(
        self,
        token: str,
        *,
        until: datetime,
        error: str | None = None,
        waiting_reason: str | None = None,
    ) -> None:
        """Release it as pending; the reconciler dispatches it again at `until`.

        An `error` counts as one more failure, what it waits for does not.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        self._write(
            self._is_held_with(token),
            status=OperationStatus.PENDING.value,
            error=error,
            failures=int(self.failures) + (error is not None),
            waiting_reason=waiting_reason,
            due_at=until,
            lease_owner=None,
            lease_until=None,
        )
        if error is not None:
            metrics.count_retry(self.type)
        self.announce()

    def wait_for_place(self, *, until: datetime) -> None:
        """Have the reconciler dispatch it again at `until`. Does nothing if a worker has it."""
        with contextlib.suppress(LeaseLostError):
            self._write(self._is_waiting(), due_at=until)

    def return_to_line(
        self, token: str, *, until: datetime, waiting_reason: str | None = None
    ) -> None:
        """Release it as if no worker had claimed it; the reconciler dispatches it at `until`.

        Raises:
            LeaseLostError: if the operation was cancelled or the lease was lost.
        """
        self._write(
            self._is_held_with(token),
            status=OperationStatus.PENDING.value,
            attempts=int(self.attempts) - 1,
            started_at=None,
            admitted_at=None,
            waiting_reason=waiting_reason,
            due_at=until,
            lease_owner=None,
            lease_until=None,
        )
        self.announce()

    def record_admitted(self, at: datetime) -> None:
        """Record when it got its place. Does nothing if a worker has it."""
        with contextlib.suppress(LeaseLostError):
            self._write(self._is_waiting(), admitted_at=at)

    def cancel(self) -> bool:
        """Cancel it unless it is finished, and return whether this call did so.

        It can no longer be claimed. A worker that runs it notices at its next write.
        """
        try:
            self._finish(
                Operation.status.is_in(*UNFINISHED), OperationStatus.CANCELLED, release=False
            )
        except LeaseLostError:
            return False
        return True

    def release(self, token: str) -> None:
        """Release the lease in any status. Does nothing if it was lost."""
        try:
            self._write(Operation.lease_owner == token, lease_owner=None, lease_until=None)
        except LeaseLostError:
            return

    def postpone_dispatch(self) -> bool:
        """Set `due_at` to DISPATCH_AGAIN_AFTER from now. Returns True in one process only."""
        try:
            self._write(
                Operation.status.is_in(*UNFINISHED) & (Operation.due_at == self.due_at),
                due_at=now() + DISPATCH_AGAIN_AFTER,
            )
        except LeaseLostError:
            return False
        return True

    def delete_unclaimed(self) -> None:
        """Delete a pending operation whose interview did not accept it."""
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

    def _is_waiting(self) -> Condition:
        condition: Condition = Operation.status == OperationStatus.PENDING.value
        condition &= Operation.lease_owner.does_not_exist()
        return condition

    def _is_held_with(self, token: str) -> Condition:
        condition: Condition = Operation.lease_owner == token
        condition &= Operation.status == OperationStatus.RUNNING.value
        return condition

    def _finish(
        self,
        condition: Condition,
        status: OperationStatus,
        *,
        error: str | None = None,
        release: bool = True,
        **more: Any,
    ) -> None:
        changes: dict[str, Any] = {
            **more,
            "status": status.value,
            "error": error,
            "finished_at": now(),
            "finished_at_precise": datetime.now(UTC),
            "due_at": None,
        }
        if release:
            changes["lease_owner"] = changes["lease_until"] = None
        self._write(condition, **changes)
        metrics.count_ended(self.type, status.value)
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


def get_operation(operation_id: str) -> Operation | None:
    """The operation, by a consistent read, or None."""
    if not is_valid_id(operation_id):
        return None
    try:
        return Operation.get(operation_id, consistent_read=True)
    except Operation.DoesNotExist:
        return None


def list_operations(interview_id: str, *, limit: int = 50) -> list[Operation]:
    """The operations of an interview, newest first."""
    return list(
        Operation.interview_index.query(interview_id, scan_index_forward=False, limit=limit)
    )


def due_operation_ids(status: OperationStatus, at: datetime) -> Iterator[str]:
    """The ids of the operations that are due at `at`, from an index that may lag behind."""
    rows = Operation.status_due_index.query(
        status.value, Operation.due_at <= at, attributes_to_get=["id"]
    )
    return (row.id for row in rows)
