"""The interview, one row from the invitation to the saved files.

Only `create` and `move_to` write a status.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from interviews import lifecycle
from interviews.attributes import InterviewAttributes
from interviews.derived_keys import (
    DUE_AT_INPUTS,
    due_at_of,
    list_key_of,
    type_status_key_of,
)
from interviews.dynamodb import (
    is_condition_failure,
    now,
    table_meta,
    update_actions,
)
from interviews.events import InterviewChanged, publish
from interviews.indexes import (
    ChallengeIndex,
    EarlierArchive,
    EndedByStatusIndex,
    EndedIndex,
    ListKeyIndex,
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

# The value of `outbox` while the row has a status change that was not relayed yet.
OUTBOX_PENDING = "1"
# The row of an ended practice workspace says how often its candidate practised, so it lives on for
# the longest time in which an invitation may be started.
PRACTICE_TTL = timedelta(days=30)
NO_TIME = timedelta(0)


class StaleWriteError(Exception):
    """Another writer changed the row since it was read; read it again to see its current state."""


class Interview(InterviewAttributes):
    """A take-home test or a live interview. Times are aware UTC datetimes in whole seconds."""

    Meta = table_meta("interviews")

    status_index = StatusIndex()
    passcode_index = PasscodeIndex()
    type_status_index = TypeStatusIndex()
    status_due_index = StatusDueIndex()
    list_key_index = ListKeyIndex()
    ended_index = EndedIndex()
    ended_by_status_index = EndedByStatusIndex()
    challenge_index = ChallengeIndex()
    outbox_index = OutboxIndex()

    # Migrates a row of another version before the first write to it. Raises StaleWriteError if
    # that row changed since it was read.
    on_first_write: "Callable[[Interview], None] | None" = None

    def create(self, *, by: str) -> None:
        """Write the new row and publish the event.

        Raises:
            StaleWriteError: if the id is taken.
        """
        self.updated_at = self.created_at
        self.timeline = [_timeline_entry(self.status, by, at=self.created_at)]
        self.list_key = list_key_of(self.type, self.state)
        self.type_status_key = type_status_key_of(self.type, self.state)
        self.outbox = self._outbox_mark
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
        along: TimelineEvent | None = None,
        **changes: Any,
    ) -> None:
        """Write a new status together with `changes`, and publish the event.

        `by` names the actor in the timeline; `what`, `seconds` and `changed` add details there,
        and `notify` asks to write to those who were written to before. `along` is what happened
        together with it: an event of its own, before the one of the status. A change to None
        removes the attribute. One conditional write: it writes all or nothing.

        Raises:
            IllegalTransitionError: if the status may not follow the current one.
            StaleWriteError: if the status, the current operation or the time changed since this
                row was read.
        """
        lifecycle.check_transition(self.state, new)
        event = _timeline_entry(
            new.value, by, what, notify=notify, seconds=seconds, changed=changed
        )
        events = [_timeline_entry(self.status, by, along)] if along is not None else []
        events.append(event)
        changes["status"] = new.value
        changes["list_key"] = list_key_of(self.type, new)
        changes["type_status_key"] = type_status_key_of(self.type, new)
        changes["outbox"] = self._outbox_mark
        if new in FINAL:
            # The retention job deletes it earlier, with its files; this is for deployments
            # where that job does not run.
            changes["ttl"] = ttl_of_ended(now()) + (PRACTICE_TTL if self.is_practice else NO_TIME)
        self._write(changes, *events)

    def change(self, **changes: Any) -> None:
        """Write attributes other than the status, under the same condition as `move_to`.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        if "status" in changes:
            raise TypeError("only move_to writes a status")
        self._write(changes)

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
        events = []
        if what is not None:
            events = [_timeline_entry(self.status, by, what, notify=notify, seconds=seconds)]
            if notify:
                changes["outbox"] = OUTBOX_PENDING
        changes["time_changes"] = int(self.time_changes or 0) + 1
        self._write(changes, *events, condition=condition)

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
        event = _timeline_entry(
            self.status, by, what, notify=notify, changed=changed, moved_to=moved_to, zone=zone
        )
        if is_time:
            changes["time_changes"] = int(self.time_changes or 0) + 1
        changes["outbox"] = OUTBOX_PENDING
        self._write(changes, event, condition=condition)

    def with_change(
        self,
        *,
        by: str = "",
        what: TimelineEvent | None = None,
        details: dict[str, Any] | None = None,
        **changes: Any,
    ) -> "Interview":
        """Return a copy as a write of these changes would leave it. Nothing is written.

        `details` are those of the timeline event, such as `changed`.
        """
        copy = Interview()
        copy.attribute_values = {**self.attribute_values, **changes}
        event = _timeline_entry(copy.status, by, what, notify=True, **details or {})
        copy.timeline = [*self.timeline, event]
        return copy

    def add_report(self, text: str, context: dict[str, Any], *, by: str) -> int:
        """Add a problem report to the timeline, and return its position there.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        what = TimelineEvent.PROBLEM_REPORTED
        event = _timeline_entry(self.status, by, what, text=text, context=context)
        self._write({"outbox": OUTBOX_PENDING}, event)
        return len(self.timeline) - 1

    def add_practice(self, at: datetime) -> None:
        """Add to the timeline that the candidate got a practice workspace at this time.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        event = _timeline_entry(self.status, "candidate", TimelineEvent.PRACTISED, at=at)
        self._write({}, event)

    def add_moved_up(self, *, by: str) -> None:
        """Add to the timeline that its start was moved to the front of the line.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        self._write({}, _timeline_entry(self.status, by, TimelineEvent.MOVED_UP))

    def leave_machine(self, restoring_state: int) -> None:
        """Give the workspace its next name, as the machine that has it is down.

        Pages have no address until it is on another machine, with this kept state. Every other
        write that was based on the previous workspace fails from then on.

        Raises:
            StaleWriteError: as `change_time` does.
        """
        self.change_time(
            machines_lost=int(self.machines_lost or 0) + 1,
            restoring_state=restoring_state,
            access_url=None,
            workspace_state=None,
        )

    def add_left_behind(self, archive: EarlierArchive) -> None:
        """Add the files of a workspace that was left behind.

        As with `change_time`, a write that is based on the archives of before fails.

        Raises:
            StaleWriteError: as `change_time` does.
        """
        changes = {"time_changes": int(self.time_changes or 0) + 1, "outbox": OUTBOX_PENDING}
        archives = Interview.earlier_archives
        self._write(changes, also=[archives.set((archives | []).append([archive]))])

    def add_restored(self, kept_at: datetime, **changes: Any) -> None:
        """Write `changes`, and add to the timeline that a lost workspace was started again, with
        the files that were kept at this time.

        Raises:
            StaleWriteError: as `move_to` does.
        """
        what = TimelineEvent.MOVED if self.has_left_machine else TimelineEvent.RESTORED
        event = _timeline_entry(self.status, "worker", what, moved_to=kept_at)
        self._write({"restoring_state": None, **changes}, event)

    def record_healthy(self) -> None:
        """Record that the workspace of this running test responds. No page shows it: no event."""
        self._record(Interview.status == Status.ACTIVE.value, last_healthy_at=now())

    def record_kept(self, at: datetime) -> None:
        """Record when the files of this running test were looked at, and tell its pages."""
        if self._record(Interview.status == Status.ACTIVE.value, kept_at=at):
            self.announce()

    def keep_until(self, ttl: datetime) -> bool:
        """Set when DynamoDB deletes this ended row, unless the row changed since it was read.

        No page shows it, so no event is published. Returns whether it was written.
        """
        as_read = (Interview.status == self.status) & (Interview.ttl == self.ttl)
        return self._record(as_read, ttl=ttl)

    def record_zone_notice(self, version: str) -> None:
        """Record that staff was written to about this zone data. No page shows it: no event."""
        stored = Interview.zone_notice
        self._record(stored.does_not_exist() | (stored != version), zone_notice=version)

    def record_opened(self) -> None:
        """Record that the candidate's page was opened, unless it was before."""
        if self._record(Interview.opened_at.does_not_exist(), opened_at=now()):
            self.announce()

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
        """Tell every subscribed browser to fetch this interview again.

        A practice workspace is a part of its interview's pages, and has none of its own.
        """
        id_ = self.practice_of or self.id
        publish(InterviewChanged(interview_id=id_, type=self.type, status=self.status))

    @property
    def _outbox_mark(self) -> str | None:
        """Nobody is told of a practice workspace, neither by email nor by webhook."""
        return None if self.is_practice else OUTBOX_PENDING

    def _write(
        self,
        changes: dict[str, Any],
        *events: TimelineEntry,
        condition: Condition | None = None,
        also: Sequence[Action] = (),
    ) -> None:
        self._migrate_first()
        condition = Interview.id.exists() if condition is None else condition
        changes["updated_at"] = now()
        changes["write_id"] = secrets.token_hex(8)
        if DUE_AT_INPUTS & changes.keys():
            # Only then: an unrelated write must not restore a deadline that was extended since.
            merged = {**self.attribute_values, **changes}
            changes["due_at"] = due_at_of(Status(merged["status"]), merged)
        actions = [*update_actions(Interview, changes), *also]
        if events:
            actions.append(Interview.timeline.set((Interview.timeline | []).append(list(events))))
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


def _timeline_entry(
    status: str,
    by: str,
    what: TimelineEvent | None = None,
    *,
    at: datetime | None = None,
    notify: bool = False,
    **details: Any,
) -> TimelineEntry:
    return TimelineEntry(  # type: ignore[no-untyped-call]
        status=status,
        at=at or now(),
        by=by,
        what=what and what.value,
        notify=notify or None,
        **details,
    )
