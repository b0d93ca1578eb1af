"""The interview, one row from the invitation to the saved files.

Only `create` and `move_to` write a status.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
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
    EarlierSitting,
    EndedByStatusIndex,
    EndedIndex,
    ListKeyIndex,
    NotSavedEntry,
    OutboxIndex,
    PasscodeIndex,
    StatusDueIndex,
    StatusIndex,
    TimelineEntry,
    TypeStatusIndex,
)
from interviews.lifecycle import FINAL, Status
from interviews.retention import ttl_of_ended
from interviews.timeline import TimelineEvent

TAKE_HOME = "take-home"
# The stored value, the API and the URLs of earlier versions say "regular".
LIVE = "regular"
# Staff opens a workspace to try a challenge; only the challenge's own page lists it.
DRY_RUN = "dry-run"

# The value of `outbox` while the row has a status change that was not relayed yet.
OUTBOX_PENDING = "1"


class StaleWriteError(Exception):
    """Another writer changed the row since it was read; read it again to see its current state."""


class Interview(Model):
    """A take-home test or a live interview. Times are aware UTC datetimes in whole seconds."""

    Meta = table_meta("interviews")

    status_index = StatusIndex()
    passcode_index = PasscodeIndex()
    type_status_index = TypeStatusIndex()
    status_due_index = StatusDueIndex()
    list_key_index = ListKeyIndex()
    ended_index = EndedIndex()
    ended_by_status_index = EndedByStatusIndex()
    outbox_index = OutboxIndex()

    id = UnicodeAttribute(hash_key=True)
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    # Keys of the indexes, derived from type and status (`interviews.derived_keys`).
    list_key = UnicodeAttribute(attr_name="tab")
    type_status_key = UnicodeAttribute(attr_name="kind", null=True)
    candidate_name = UnicodeAttribute(attr_name="candidateName")
    candidate_email = UnicodeAttribute(attr_name="candidateEmail", null=True)
    challenge = UnicodeAttribute()
    # None on rows older than challenge versions: the current version is used.
    challenge_version = NumberAttribute(attr_name="challengeVersion", null=True)
    custom_instructions = UnicodeAttribute(attr_name="customInstructions", default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    # Extra time for accessibility, in percent of the duration.
    allowance_percent = NumberAttribute(attr_name="allowancePercent", null=True)
    # Added by staff before or during the test; may be negative.
    extra_seconds = NumberAttribute(attr_name="extraSeconds", null=True)
    save_files = BooleanAttribute(attr_name="saveFiles", default=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    # Digest of the creating request, to tell a repeat of it from a different request.
    request_digest = UnicodeAttribute(attr_name="requestDigest", null=True)
    timeline = ListAttribute(of=TimelineEntry, default=list)

    passcode = UnicodeAttribute(null=True)
    valid_until = TimeAttribute(attr_name="validUntil", null=True)
    scheduled_at = TimeAttribute(attr_name="scheduledAt", null=True)
    # What staff said: a local time such as "2026-12-15T10:00", and its time zone, in which
    # candidates are told the time. Newer zone data may give the local time another instant.
    scheduled_local = UnicodeAttribute(attr_name="scheduledLocal", null=True)
    time_zone = UnicodeAttribute(attr_name="timeZone", null=True)
    # The instant that this server's zone data gave the local time, if staff meant another one.
    declined_reading = TimeAttribute(attr_name="declinedReading", null=True)
    # The newest zone data, such as "2026f", whose other reading staff was written about.
    zone_notice = UnicodeAttribute(attr_name="zoneNotice", null=True)

    created_at = TimeAttribute(attr_name="createdAt")
    updated_at = TimeAttribute(attr_name="updatedAt", null=True)
    activated_at = TimeAttribute(attr_name="activatedAt", null=True)
    ready_at = TimeAttribute(attr_name="readyAt", null=True)
    auto_destroy_at = TimeAttribute(attr_name="autoDestroyAt", null=True)
    due_at = TimeAttribute(attr_name="dueAt", null=True)
    completed_at = TimeAttribute(attr_name="completedAt", null=True)
    destroyed_at = TimeAttribute(attr_name="destroyedAt", null=True)
    ttl = TimeAttribute(null=True)

    # Random id of the last write: a writer that lost the response checks whether it succeeded.
    write_id = UnicodeAttribute(attr_name="writeId", null=True)
    # Counts changes to the time, so that a write based on an outdated time fails.
    time_changes = NumberAttribute(attr_name="timeChanges", null=True)
    # The newest of these changes that the candidate's page has shown.
    time_changes_seen = NumberAttribute(attr_name="timeChangesSeen", null=True)
    # When the workspace last passed its health check, accurate to about 20 seconds.
    last_healthy_at = TimeAttribute(attr_name="answeredAt", null=True)
    # Since when the clock is paused, and how many seconds were left then.
    paused_at = TimeAttribute(attr_name="pausedAt", null=True)
    paused_left = NumberAttribute(attr_name="pausedLeft", null=True)
    # When the pause ends at the latest.
    pause_ends_at = TimeAttribute(attr_name="pauseEndsAt", null=True)
    # How often it was reopened after its end, and for how many minutes the last time.
    reopened = NumberAttribute(null=True)
    reopened_minutes = NumberAttribute(attr_name="reopenedMinutes", null=True)
    # The sittings before the current one (`interviews.sittings`), oldest first. A row that was
    # reopened before this attribute existed lacks some of them.
    sittings = ListAttribute(of=EarlierSitting, default=list)

    # OUTBOX_PENDING until the newest status is relayed, and how many timeline events were.
    outbox = UnicodeAttribute(null=True)
    outbox_done = NumberAttribute(attr_name="outboxDone", null=True)

    # The only operation that may act on the workspace; any other is outdated.
    operation_id = UnicodeAttribute(attr_name="operationId", null=True)
    attempts = NumberAttribute(default=0)
    provisioner = UnicodeAttribute(null=True)
    workspace_state = JSONAttribute(attr_name="workspaceState", null=True)
    access_url = UnicodeAttribute(attr_name="accessUrl", null=True)
    password = UnicodeAttribute(null=True)
    # The workspace of a running test does not respond and is being restarted.
    restarting = BooleanAttribute(null=True)
    failed_step = UnicodeAttribute(attr_name="failedStep", null=True)
    problem = UnicodeAttribute(null=True)

    end_reason = UnicodeAttribute(attr_name="endReason", null=True)
    history_s3_key = UnicodeAttribute(attr_name="historyS3Key", null=True)
    archive_bytes = NumberAttribute(attr_name="archiveBytes", null=True)
    archive_sha256 = UnicodeAttribute(attr_name="archiveSha256", null=True)
    # What this archive does not have: the first entries, and how many there are in all.
    not_saved = ListAttribute(attr_name="notSaved", of=NotSavedEntry, null=True)
    not_saved_count = NumberAttribute(attr_name="notSavedCount", null=True)
    # `reopened` when this archive was saved, and the archives of earlier sittings.
    archive_at = TimeAttribute(attr_name="archiveAt", null=True)
    archive_of = NumberAttribute(attr_name="archiveOf", null=True)
    earlier_archives = ListAttribute(attr_name="earlierArchives", of=EarlierArchive, default=list)

    # Attributes of a legacy row that only the old portal understands, as they were stored.
    legacy_attributes = JSONAttribute(attr_name="legacyAttributes", null=True)
    # Migrates a row of another version before the first write to it. Raises StaleWriteError if
    # that row changed since it was read.
    on_first_write: "Callable[[Interview], None] | None" = None

    # Attributes of a legacy row that cannot be read, by stored name, as they were stored.
    unreadable_attributes: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        if "tab" in data:
            return super().from_raw_data(data)
        # Another version wrote it, or the query projected only some attributes.
        good, unreadable = split_readable(cls, data)
        row = super().from_raw_data(good)
        row.unreadable_attributes = unreadable
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
    def workspace_link(self) -> str | None:
        """The workspace's URL, if it is one: a row of an earlier portal may hold a script."""
        url: str | None = self.access_url
        return url if url and url.lower().startswith(("http://", "https://")) else None

    @property
    def workspace_name(self) -> str:
        """The workspace of this sitting; a late worker of an earlier one cannot touch it."""
        return f"{self.id}-{int(self.reopened) + 1}" if self.reopened else self.id

    @property
    def noun(self) -> str:
        """The word for it on pages and in e-mails."""
        return "interview" if self.type == LIVE else "test"

    @property
    def is_saved(self) -> bool:
        """True if the files of this sitting are in the archive store."""
        is_of_this_sitting = int(self.archive_of or 0) == int(self.reopened or 0)
        return self.history_s3_key is not None and is_of_this_sitting

    @property
    def is_dry_run(self) -> bool:
        return self.type == DRY_RUN

    @property
    def length(self) -> timedelta:
        """The candidate's time from when the workspace is ready."""
        given = self.invited_length
        if self.reopened_minutes is not None:
            given = timedelta(minutes=int(self.reopened_minutes))
        return given + timedelta(seconds=int(self.extra_seconds or 0))

    @property
    def invited_length(self) -> timedelta:
        """The duration with its allowance, rounded up to whole minutes: that of the first sitting,
        unless staff changed it."""
        percent = 100 + int(self.allowance_percent or 0)
        return timedelta(minutes=-(-int(self.duration_minutes) * percent // 100))

    def create(self, *, by: str) -> None:
        """Write the new row and publish the event.

        Raises:
            StaleWriteError: if the id is taken.
        """
        self.updated_at = self.created_at
        self.timeline = [TimelineEntry(status=self.status, at=self.created_at, by=by)]  # type: ignore[no-untyped-call]
        self.list_key = list_key_of(self.type, self.state)
        self.type_status_key = type_status_key_of(self.type, self.state)
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
        what: TimelineEvent | None = None,
        seconds: int | None = None,
        changed: list[str] | None = None,
        notify: bool = False,
        **changes: Any,
    ) -> None:
        """Write a new status together with `changes`, and publish the event.

        `by` names the actor in the timeline; `what`, `seconds` and `changed` add details there,
        and `notify` asks to write to those who were written to before. A change to None removes
        the attribute. One conditional write: it writes all or nothing.

        Raises:
            IllegalTransitionError: if the status may not follow the current one.
            StaleWriteError: if the status, the current operation or the time changed since this
                row was read.
        """
        lifecycle.check_transition(self.state, new)
        event = TimelineEntry(  # type: ignore[no-untyped-call]
            status=new.value,
            at=now(),
            by=by,
            what=what and what.value,
            seconds=seconds,
            changed=changed,
            notify=notify or None,
        )
        changes["status"] = new.value
        changes["list_key"] = list_key_of(self.type, new)
        changes["type_status_key"] = type_status_key_of(self.type, new)
        changes["outbox"] = OUTBOX_PENDING
        if new in FINAL:
            # The retention job deletes it earlier, with its files; this is for deployments
            # where that job does not run.
            changes["ttl"] = ttl_of_ended(now())
        self._write(changes, event)

    def change(self, **changes: Any) -> None:
        """Write attributes other than the status, under the same condition as `move_to`.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        if "status" in changes:
            raise TypeError("only move_to writes a status")
        self._write(changes, None)

    def change_time(
        self,
        *,
        by: str = "",
        what: TimelineEvent | None = None,
        seconds: int | None = None,
        notify: bool = False,
        condition: Condition | None = None,
        **changes: Any,
    ) -> None:
        """Change the candidate's time, and add a timeline event if `what` is given.

        `notify` is that of `move_to`. The caller may add a `condition` of its own. Every other
        write that was based on the previous time fails from then on.

        Raises:
            StaleWriteError: if the row changed since it was read, for example because of two
                changes at the same time.
        """
        event = None
        if what is not None:
            event = TimelineEntry(  # type: ignore[no-untyped-call]
                status=self.status,
                at=now(),
                by=by,
                what=what and what.value,
                seconds=seconds,
                notify=notify or None,
            )
            if notify:
                changes["outbox"] = OUTBOX_PENDING
        changes["time_changes"] = int(self.time_changes or 0) + 1
        self._write(changes, event, condition)

    def change_plan(
        self,
        *,
        by: str,
        what: TimelineEvent,
        changed: list[str],
        notify: bool,
        is_time: bool,
        moved_to: datetime | None = None,
        zone: str | None = None,
        condition: Condition | None = None,
        **changes: Any,
    ) -> None:
        """Change what was planned before the start, and add a timeline event.

        `changed` are the stored names of the attributes. With `is_time` it counts as a change of
        the time: a start that was based on the previous time fails, and the candidate's page says
        that the time changed. `notify` and `condition` are those of `change_time`.

        Raises:
            StaleWriteError: as `change_time` does.
        """
        event = TimelineEntry(  # type: ignore[no-untyped-call]
            status=self.status,
            at=now(),
            by=by,
            what=what.value,
            changed=changed,
            moved_to=moved_to,
            zone=zone,
            notify=notify or None,
        )
        if is_time:
            changes["time_changes"] = int(self.time_changes or 0) + 1
        changes["outbox"] = OUTBOX_PENDING
        self._write(changes, event, condition)

    def record_healthy(self) -> None:
        """Record that the workspace of this running test responds. No page shows it: no event."""
        self._record(Interview.status == Status.ACTIVE.value, last_healthy_at=now())

    def keep_until(self, ttl: datetime) -> bool:
        """Set when DynamoDB deletes this ended row, unless the row changed since it was read.

        No page shows it, so no event is published. Returns whether it was written.
        """
        as_read = (Interview.status == self.status) & (Interview.ttl == self.ttl)
        return self._record(as_read, ttl=ttl)

    def record_zone_notice(self, version: str) -> bool:
        """Record that staff is written to about this zone data. False if it was recorded before.

        No page shows it, so no event is published.
        """
        stored = Interview.zone_notice
        return self._record(stored.does_not_exist() | (stored != version), zone_notice=version)

    def record_time_changes_seen(self, time_changes: int) -> None:
        """Record that the candidate's page showed the time changes up to this number."""
        stored = Interview.time_changes_seen
        if self._record(
            stored.does_not_exist() | (stored < time_changes), time_changes_seen=time_changes
        ):
            self.announce()

    def _record(self, condition: Condition, **changes: Any) -> bool:
        """Write attributes that no decision depends on, even if the row changed since it was read.

        Returns False if `condition` failed.
        """
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
        """Tell every subscribed browser to fetch this interview again."""
        publish(InterviewChanged(interview_id=self.id, type=self.type, status=self.status))

    def _write(
        self,
        changes: dict[str, Any],
        event: TimelineEntry | None,
        condition: Condition | None = None,
    ) -> None:
        self._migrate_first()
        condition = Interview.id.exists() if condition is None else condition
        changes["updated_at"] = now()
        changes["write_id"] = secrets.token_hex(8)
        if DUE_AT_INPUTS & changes.keys():
            # Only then: an unrelated write must not restore a deadline that was extended since.
            merged = {**self.attribute_values, **changes}
            changes["due_at"] = due_at_of(Status(merged["status"]), merged)
        actions = update_actions(Interview, changes)
        if event is not None:
            actions.append(Interview.timeline.set((Interview.timeline | []).append([event])))
        try:
            self.update(actions=actions, condition=self._unchanged_since_read() & condition)
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            if not self._was_written(changes["write_id"]):
                raise StaleWriteError(self.id) from None
        self.announce()

    def _migrate_first(self) -> None:
        if self.on_first_write is not None:
            self.on_first_write(self)

    def _was_written(self, write_id: str) -> bool:
        """True if the write succeeded and only its response was lost; then the row is read again.

        The client retries a write, and the retry finds the row changed by the first attempt.
        """
        try:
            row = Interview.get(self.id, consistent_read=True)
        except Interview.DoesNotExist:
            return False
        if row.write_id != write_id:
            return False
        self.attribute_values = row.attribute_values
        return True

    def _unchanged_since_read(self) -> Condition:
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
