"""The interview: one row from the invitation to the saved files. Only move_to writes a status."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews import lifecycle
from interviews.events import InterviewChanged, publish
from interviews.lifecycle import FINAL, STARTED, Status
from interviews.tables import TimeAttribute, assignments, is_lost_race, now, table

TAKE_HOME = "take-home"
REGULAR = "regular"

# Live interviews are provisioned this long before the scheduled time.
LEAD = timedelta(minutes=5)
# An ended interview, with its archive, is kept this long.
RETENTION = timedelta(days=90)

# No 0 O 1 I: a passcode is read out on the telephone.
PASSCODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSCODE_LENGTH = 8


# The attributes from which `dueAt` follows.
DECIDE_DUE = frozenset({"status", "valid_until", "scheduled_at", "auto_destroy_at"})


class LostRace(Exception):
    """Somebody else changed the row since it was read; read it again to see how it stands."""


def new_passcode() -> str:
    return "".join(secrets.choice(PASSCODE_ALPHABET) for _ in range(PASSCODE_LENGTH))


class StatusIndex(GlobalSecondaryIndex["Interview"]):
    class Meta:
        index_name = "StatusIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class PasscodeIndex(GlobalSecondaryIndex["Interview"]):
    class Meta:
        index_name = "PasscodeIndex"
        projection = AllProjection()

    passcode = UnicodeAttribute(hash_key=True)


class TypeStatusIndex(GlobalSecondaryIndex["Interview"]):
    class Meta:
        index_name = "TypeStatusIndex"
        projection = AllProjection()

    type = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute(range_key=True)


class StatusDueIndex(GlobalSecondaryIndex["Interview"]):
    """What must happen next without a click, per status, soonest first."""

    class Meta:
        index_name = "StatusDueIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    due_at = TimeAttribute(attr_name="dueAt", range_key=True)


class TabIndex(GlobalSecondaryIndex["Interview"]):
    """One tab of the dashboard, in the order of creation: a page of it costs a page of reads."""

    class Meta:
        index_name = "TabIndex"
        projection = AllProjection()

    tab = UnicodeAttribute(hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class Moment(MapAttribute[str, Any]):
    """One line of the timeline: what the interview became, when, and through whom."""

    status = UnicodeAttribute()
    at = TimeAttribute()
    by = UnicodeAttribute()


class Interview(Model):
    """A take-home test or a live interview. Times are aware UTC datetimes, whole seconds."""

    Meta = table("interviews")

    status_index = StatusIndex()
    passcode_index = PasscodeIndex()
    type_status_index = TypeStatusIndex()
    status_due_index = StatusDueIndex()
    tab_index = TabIndex()

    id = UnicodeAttribute(hash_key=True)
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    tab = UnicodeAttribute()
    candidate_name = UnicodeAttribute(attr_name="candidateName")
    challenge = UnicodeAttribute()
    custom_instructions = UnicodeAttribute(attr_name="customInstructions", default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    save_files = BooleanAttribute(attr_name="saveFiles", default=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    timeline = ListAttribute(of=Moment, default=list)

    passcode = UnicodeAttribute(null=True)
    valid_until = TimeAttribute(attr_name="validUntil", null=True)
    scheduled_at = TimeAttribute(attr_name="scheduledAt", null=True)

    created_at = TimeAttribute(attr_name="createdAt")
    updated_at = TimeAttribute(attr_name="updatedAt", null=True)
    activated_at = TimeAttribute(attr_name="activatedAt", null=True)
    ready_at = TimeAttribute(attr_name="readyAt", null=True)
    auto_destroy_at = TimeAttribute(attr_name="autoDestroyAt", null=True)
    due_at = TimeAttribute(attr_name="dueAt", null=True)
    completed_at = TimeAttribute(attr_name="completedAt", null=True)
    destroyed_at = TimeAttribute(attr_name="destroyedAt", null=True)
    ttl = TimeAttribute(null=True)

    # The operation that may act on the workspace now: any other is void.
    operation_id = UnicodeAttribute(attr_name="operationId", null=True)
    attempts = NumberAttribute(default=0)
    provisioner = UnicodeAttribute(null=True)
    workspace_state = JSONAttribute(attr_name="workspaceState", null=True)
    access_url = UnicodeAttribute(attr_name="accessUrl", null=True)
    password = UnicodeAttribute(null=True)
    # The workspace of a running test does not answer, and is being started again.
    restarting = BooleanAttribute(null=True)
    failed_step = UnicodeAttribute(attr_name="failedStep", null=True)
    problem = UnicodeAttribute(null=True)

    end_reason = UnicodeAttribute(attr_name="endReason", null=True)
    history_s3_key = UnicodeAttribute(attr_name="historyS3Key", null=True)
    archive_bytes = NumberAttribute(attr_name="archiveBytes", null=True)
    archive_sha256 = UnicodeAttribute(attr_name="archiveSha256", null=True)

    def __repr__(self) -> str:
        # The default shows every attribute, and a traceback would show the password.
        return f"<Interview {self.id} {self.status}>"

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def is_take_home(self) -> bool:
        return self.type == TAKE_HOME

    def create(self, *, by: str) -> None:
        """Write the new row and tell the browsers. LostRace: the id is taken."""
        self.updated_at = self.created_at
        self.timeline = [Moment(status=self.status, at=self.created_at, by=by)]  # type: ignore[no-untyped-call]
        self.tab = tab_of(self.type, self.state)
        self.due_at = due_of(self.state, self.attribute_values)
        try:
            self.save(Interview.id.does_not_exist())
        except PutError as error:
            if is_lost_race(error):
                raise LostRace(self.id) from None
            raise
        self.announce()

    def move_to(self, new: Status, *, by: str, **changes: Any) -> None:
        """Write a new status, and `changes` with it, if the row is still as it was read.

        `by` is who or what caused it, for the timeline. A change to None removes the attribute.
        Publishes the event. Raises IllegalMove, or LostRace when the status or the current
        operation is no longer the one that this object was read with; then nothing is written.
        """
        lifecycle.check(self.state, new)
        moment = Moment(status=new.value, at=now(), by=by)  # type: ignore[no-untyped-call]
        changes["status"] = new.value
        changes["tab"] = tab_of(self.type, new)
        if new in FINAL:
            changes["ttl"] = now() + RETENTION
        self._write(changes, moment)

    def change(self, **changes: Any) -> None:
        """Write attributes other than the status, under the same condition as move_to."""
        if "status" in changes:
            raise TypeError("only move_to writes a status")
        self._write(changes, None)

    def announce(self) -> None:
        """Tell every browser that may hear it to look at this interview again."""
        publish(InterviewChanged(interview_id=self.id, type=self.type, status=self.status))

    def _write(self, changes: dict[str, Any], moment: Moment | None) -> None:
        changes["updated_at"] = now()
        if DECIDE_DUE & changes.keys():
            # Only then: another write must not bring back a time that was extended meanwhile.
            merged = {**self.attribute_values, **changes}
            changes["due_at"] = due_of(Status(merged["status"]), merged)
        actions = assignments(Interview, changes)
        if moment is not None:
            actions.append(Interview.timeline.set((Interview.timeline | []).append([moment])))
        try:
            self.update(actions=actions, condition=self._as_read())
        except UpdateError as error:
            if is_lost_race(error):
                raise LostRace(self.id) from None
            raise
        self.announce()

    def _as_read(self) -> Condition:
        condition: Condition = Interview.id.exists() & (Interview.status == self.status)
        if self.operation_id is None:
            condition &= Interview.operation_id.does_not_exist()
        else:
            condition &= Interview.operation_id == self.operation_id
        return condition


def tab_of(type_: str, status: Status) -> str:
    """The tab of the dashboard that lists it: a take-home never leaves the take-home tabs."""
    return f"{type_}-ended" if status in FINAL else type_


def due_of(status: Status, row: Mapping[str, Any]) -> datetime | None:
    """The moment at which something must happen to the row without a click, or None."""
    if status is Status.AVAILABLE:
        return row.get("valid_until")
    if status is Status.SCHEDULED:
        scheduled: datetime | None = row.get("scheduled_at")
        return scheduled - LEAD if scheduled else None
    if status in STARTED:
        return row.get("auto_destroy_at")
    return None
