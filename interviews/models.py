"""The interview: one row from the invitation to the saved files. Only move_to writes a status."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Self

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from interviews import lifecycle
from interviews.derived_keys import (
    DUE_AT_INPUTS,
    due_at_of,
    list_key_of,
    type_status_key_of,
)
from interviews.dynamodb import (
    TimeAttribute,
    is_condition_failure,
    now,
    split_readable,
    table_meta,
    update_actions,
)
from interviews.events import InterviewChanged, publish
from interviews.indexes import (
    EarlierArchive,
    EndedByStatusIndex,
    EndedIndex,
    ListKeyIndex,
    OutboxIndex,
    PasscodeIndex,
    StatusDueIndex,
    StatusIndex,
    TimelineEvent,
    TypeStatusIndex,
)
from interviews.lifecycle import FINAL, Status

TAKE_HOME = "take-home"
LIVE = "regular"
# Staff opens a workspace of a challenge to see that it works; in no list but the challenge's.
DRY_RUN = "dry-run"

# An ended interview, with its archive, is kept this long.
RETENTION = timedelta(days=90)

# In `outbox`: this row has a status that was not passed on yet.
OUTBOX_PENDING = "1"


class StaleWriteError(Exception):
    """Somebody else changed the row since it was read; read it again to see how it stands."""


class Interview(Model):
    """A take-home test or a live interview. Times are aware UTC datetimes, whole seconds."""

    Meta = table_meta("interviews")

    status_index = StatusIndex()
    passcode_index = PasscodeIndex()
    type_status_index = TypeStatusIndex()
    status_due_index = StatusDueIndex()
    tab_index = ListKeyIndex()
    ended_index = EndedIndex()
    kind_index = EndedByStatusIndex()
    outbox_index = OutboxIndex()

    id = UnicodeAttribute(hash_key=True)
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    tab = UnicodeAttribute()
    kind = UnicodeAttribute(null=True)
    candidate_name = UnicodeAttribute(attr_name="candidateName")
    candidate_email = UnicodeAttribute(attr_name="candidateEmail", null=True)
    challenge = UnicodeAttribute()
    # None: whatever the library holds now. Rows of before there were versions.
    challenge_version = NumberAttribute(attr_name="challengeVersion", null=True)
    custom_instructions = UnicodeAttribute(attr_name="customInstructions", default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    # More time for who needs it (accessibility), in percent of the duration.
    allowance_percent = NumberAttribute(attr_name="allowancePercent", null=True)
    # Given by staff on top of all that, before or during the test; may be negative.
    extra_seconds = NumberAttribute(attr_name="extraSeconds", null=True)
    save_files = BooleanAttribute(attr_name="saveFiles", default=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    # Of the request that made it, where that may be sent again: it is told from another by this.
    request_digest = UnicodeAttribute(attr_name="requestDigest", null=True)
    timeline = ListAttribute(of=TimelineEvent, default=list)

    passcode = UnicodeAttribute(null=True)
    valid_until = TimeAttribute(attr_name="validUntil", null=True)
    scheduled_at = TimeAttribute(attr_name="scheduledAt", null=True)
    # In which the time was chosen: the candidate is told it so.
    time_zone = UnicodeAttribute(attr_name="timeZone", null=True)

    created_at = TimeAttribute(attr_name="createdAt")
    updated_at = TimeAttribute(attr_name="updatedAt", null=True)
    activated_at = TimeAttribute(attr_name="activatedAt", null=True)
    ready_at = TimeAttribute(attr_name="readyAt", null=True)
    auto_destroy_at = TimeAttribute(attr_name="autoDestroyAt", null=True)
    due_at = TimeAttribute(attr_name="dueAt", null=True)
    completed_at = TimeAttribute(attr_name="completedAt", null=True)
    destroyed_at = TimeAttribute(attr_name="destroyedAt", null=True)
    ttl = TimeAttribute(null=True)

    # Of the last write: whose answer got lost can see whether it was theirs.
    write_id = UnicodeAttribute(attr_name="writeId", null=True)
    # Counts every change of the time: whoever decided on the time as it was has lost the race.
    time_changes = NumberAttribute(attr_name="timeChanges", null=True)
    # The last of them that the candidate's page has shown.
    time_changes_seen = NumberAttribute(attr_name="timeChangesSeen", null=True)
    # When the workspace was last seen to answer, to about 20 seconds.
    answered_at = TimeAttribute(attr_name="answeredAt", null=True)
    # The clock stands still since then, with so many seconds left on it.
    paused_at = TimeAttribute(attr_name="pausedAt", null=True)
    paused_left = NumberAttribute(attr_name="pausedLeft", null=True)
    # Until when that is waited for.
    pause_ends_at = TimeAttribute(attr_name="pauseEndsAt", null=True)
    # Opened again after its end: how often, and how long this time.
    reopened = NumberAttribute(null=True)
    reopened_minutes = NumberAttribute(attr_name="reopenedMinutes", null=True)

    # WAITS until the newest status was passed on, and how many moments of the timeline were.
    outbox = UnicodeAttribute(null=True)
    outbox_done = NumberAttribute(attr_name="outboxDone", null=True)

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
    # Which opening's files these are (`reopened` at that time), and those of the ones before.
    archive_at = TimeAttribute(attr_name="archiveAt", null=True)
    archive_of = NumberAttribute(attr_name="archiveOf", null=True)
    earlier_archives = ListAttribute(attr_name="earlierArchives", of=EarlierArchive, default=list)

    # Of a row that another version wrote: what only that one understands, as it was stored.
    legacy_attributes = JSONAttribute(attr_name="legacyAttributes", null=True)
    # Set on what another version wrote and was read as one of ours: makes it one, before it is
    # first written to. Raises StaleWriteError where it is no longer what was read.
    on_first_write: "Callable[[Interview], None] | None" = None

    # The same of a row that cannot be read as a whole: what is wrong in it, by name, as stored.
    faults: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        if "tab" in data:
            return super().from_raw_data(data)
        # Another version wrote it, or only some of it was asked for.
        good, faults = split_readable(cls, data)
        row = super().from_raw_data(good)
        row.faults = faults
        return row

    def __repr__(self) -> str:
        # The default shows every attribute, and a traceback would show the password.
        return f"<Interview {self.id} {self.status}>"

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def is_take_home(self) -> bool:
        return self.type == TAKE_HOME

    @property
    def workspace_name(self) -> str:
        """Of this opening's workspace: whoever is late with another one's cannot touch it."""
        return f"{self.id}-{int(self.reopened) + 1}" if self.reopened else self.id

    @property
    def noun(self) -> str:
        """What people call it: a candidate takes a test, and has an interview."""
        return "interview" if self.type == LIVE else "test"

    @property
    def is_saved(self) -> bool:
        """Are the files of this opening, of perhaps several, in the store?"""
        is_of_this = int(self.archive_of or 0) == int(self.reopened or 0)
        return self.history_s3_key is not None and is_of_this

    @property
    def is_dry_run(self) -> bool:
        return self.type == DRY_RUN

    @property
    def length(self) -> timedelta:
        """How long the candidate has, from the moment the workspace answers; whole minutes up."""
        if self.reopened_minutes is not None:
            minutes = int(self.reopened_minutes)
        else:
            percent = 100 + int(self.allowance_percent or 0)
            minutes = -(-int(self.duration_minutes) * percent // 100)
        return timedelta(minutes=minutes, seconds=int(self.extra_seconds or 0))

    def create(self, *, by: str) -> None:
        """Write the new row and tell the browsers. StaleWriteError: the id is taken."""
        self.updated_at = self.created_at
        self.timeline = [TimelineEvent(status=self.status, at=self.created_at, by=by)]  # type: ignore[no-untyped-call]
        self.tab = list_key_of(self.type, self.state)
        self.kind = type_status_key_of(self.type, self.state)
        self.outbox = OUTBOX_PENDING
        self.due_at = due_at_of(self.state, self.attribute_values)
        self.write_id = secrets.token_hex(8)
        try:
            self.save(Interview.id.does_not_exist())
        except PutError as error:
            if not is_condition_failure(error):
                raise
            if not self._was_written(self.write_id):
                raise StaleWriteError(self.id) from None
        self.announce()

    def move_to(
        self,
        new: Status,
        *,
        by: str,
        what: str | None = None,
        seconds: int | None = None,
        **changes: Any,
    ) -> None:
        """Write a new status, and `changes` with it, if the row is still as it was read.

        `by` is who or what caused it, for the timeline, `what` and `seconds` say more there. A
        change to None removes the attribute. Publishes the event. Raises IllegalTransitionError,
        or StaleWriteError when the status, the current operation or the time is no longer what
        this object was read with; then nothing is written.
        """
        lifecycle.check_transition(self.state, new)
        moment = TimelineEvent(  # type: ignore[no-untyped-call]
            status=new.value, at=now(), by=by, what=what, seconds=seconds
        )
        changes["status"] = new.value
        changes["tab"] = list_key_of(self.type, new)
        changes["kind"] = type_status_key_of(self.type, new)
        changes["outbox"] = OUTBOX_PENDING
        if new in FINAL:
            # The schedule deletes it before, files and all; this is for where no schedule runs.
            changes["ttl"] = now() + RETENTION + timedelta(days=7)
        self._write(changes, moment)

    def change(self, **changes: Any) -> None:
        """Write attributes other than the status, under the same condition as move_to."""
        if "status" in changes:
            raise TypeError("only move_to writes a status")
        self._write(changes, None)

    def change_time(
        self,
        *,
        by: str = "",
        what: str | None = None,
        seconds: int | None = None,
        condition: Condition | None = None,
        **changes: Any,
    ) -> None:
        """Write what changes the candidate's time, and with `what` a line in the timeline; under a
        `condition` of the caller's own besides.

        Of two at once one raises StaleWriteError, and so does every other write that was decided
        on the time as it was before.
        """
        moment = None
        if what is not None:
            moment = TimelineEvent(  # type: ignore[no-untyped-call]
                status=self.status, at=now(), by=by, what=what, seconds=seconds
            )
        changes["time_changes"] = int(self.time_changes or 0) + 1
        self._write(changes, moment, condition)

    def note_answer(self) -> None:
        """Write that the workspace of this running test answers now. Shows on no page: no event."""
        self._note(Interview.status == Status.ACTIVE.value, answered_at=now())

    def note_seen(self, time_changes: int) -> None:
        """Write that the candidate's page has shown this change of the time, or a later one."""
        before = Interview.time_changes_seen
        if self._note(
            before.does_not_exist() | (before < time_changes), time_changes_seen=time_changes
        ):
            self.announce()

    def _note(self, condition: Condition, **changes: Any) -> bool:
        """Write what nobody decides on, whatever else has changed; False where it is void."""
        try:
            self.update(
                actions=update_actions(Interview, changes),
                condition=Interview.id.exists() & condition,
            )
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            return False
        return True

    def announce(self) -> None:
        """Tell every browser that may hear it to look at this interview again."""
        publish(InterviewChanged(interview_id=self.id, type=self.type, status=self.status))

    def _write(
        self,
        changes: dict[str, Any],
        moment: TimelineEvent | None,
        condition: Condition | None = None,
    ) -> None:
        self._make_ours()
        condition = Interview.id.exists() if condition is None else condition
        changes["updated_at"] = now()
        changes["write_id"] = secrets.token_hex(8)
        if DUE_AT_INPUTS & changes.keys():
            # Only then: another write must not bring back a time that was extended meanwhile.
            merged = {**self.attribute_values, **changes}
            changes["due_at"] = due_at_of(Status(merged["status"]), merged)
        actions = update_actions(Interview, changes)
        if moment is not None:
            actions.append(Interview.timeline.set((Interview.timeline | []).append([moment])))
        try:
            self.update(actions=actions, condition=self._as_read() & condition)
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            if not self._was_written(changes["write_id"]):
                raise StaleWriteError(self.id) from None
        self.announce()

    def _make_ours(self) -> None:
        if self.on_first_write is not None:
            self.on_first_write(self)

    def _was_written(self, write_id: str) -> bool:
        """Did it succeed, and only the answer got lost? The client repeats a write by itself, and
        the second finds the row changed by the first. The row is read again where it did."""
        try:
            row = Interview.get(self.id, consistent_read=True)
        except Interview.DoesNotExist:
            return False
        if row.write_id != write_id:
            return False
        self.attribute_values = row.attribute_values
        return True

    def _as_read(self) -> Condition:
        condition: Condition = Interview.id.exists() & (Interview.status == self.status)
        if self.operation_id is None:
            condition &= Interview.operation_id.does_not_exist()
        else:
            condition &= Interview.operation_id == self.operation_id
        if self.time_changes is None:
            condition &= Interview.time_changes.does_not_exist()
        else:
            condition &= Interview.time_changes == self.time_changes
        return condition
