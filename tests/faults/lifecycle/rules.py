"""What must hold at each write of an interview or an operation, whoever writes it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from interviews.derived_keys import list_key_of
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, STARTED, TRANSITIONS, EndReason, Status
from interviews.models import OUTBOX_PENDING, Interview
from interviews.timeline import TimelineEvent
from operations.lifecycle import UNFINISHED
from operations.models import Operation
from tests.dynamodb.expressions import Item
from tests.faults.lifecycle.tables import copied


def broken_by_interview(old: Interview | None, new: Interview | None) -> Iterator[str]:
    """The rules that this write of a row breaks, in words."""
    if new is None:
        if old is not None and old.state not in FINAL:
            yield "a row is deleted while its interview goes on"
        return
    if old is None:
        if new.state not in (Status.SCHEDULED, Status.AVAILABLE):
            yield f"a row begins as {new.status}"
    else:
        yield from _broken_by_change(old, new)
    if new.state in FINAL and any((new.password, new.access_url, new.workspace_state)):
        yield "credentials stay after the end"
    if new.state in FINAL and (new.completed_at is None or new.ttl is None):
        yield "an ended row without its retention"
    if new.state in STARTED and new.provisioner and new.due_at is None:
        yield "a started interview is never due"
    if new.list_key != list_key_of(new.type, new.state):
        yield "the row is in the wrong list"
    if new.state is Status.ACTIVE and new.auto_destroy_at != end_of_time(new):
        yield f"the time ends at {new.auto_destroy_at}, and not at {end_of_time(new)}"


def _broken_by_change(old: Interview, new: Interview) -> Iterator[str]:
    before, after = old.timeline, new.timeline
    if [vars(one) for one in after[: len(before)]] != [vars(one) for one in before]:
        yield "the timeline changed"
    if old.passcode != new.passcode:
        yield "the passcode changed"
    if new.password != old.password and not (
        new.state in FINAL or (old.password is None and new.state is Status.ACTIVATED)
    ):
        yield "the password changed"
    kept = new.sittings[: len(old.sittings)]
    if [vars(one) for one in kept] != [vars(one) for one in old.sittings]:
        yield "an earlier sitting changed"
    if len(new.sittings) != int(new.reopened or 0):
        yield "a sitting is forgotten"
    if not archive_keys(old) <= archive_keys(new):
        yield "an archive is forgotten"
    if old.state in FINAL and new.state in FINAL and old.status != new.status:
        yield "an end changed"
    if old.status == new.status:
        return
    if new.state not in TRANSITIONS[old.state]:
        yield f"{old.status} became {new.status}"
    if [entry.status for entry in after[len(before) :]] != [new.status]:
        yield f"the timeline does not say {new.status}"
    if new.outbox != OUTBOX_PENDING:
        yield f"no webhook will say {new.status}"
    if new.state is Status.DESTROYING and new.timeline[-1].by == "schedule":
        yield from _broken_by_end(old, new)


def _broken_by_end(old: Interview, new: Interview) -> Iterator[str]:
    """The schedule never ends a running test early, nor one whose clock is paused."""
    if new.end_reason == EndReason.TIME_UP:
        if old.paused_at is not None:
            yield "the time is up while the clock is paused"
        if now() < end_of_time(old):
            yield f"the time is up at {now()}, and not at {end_of_time(old)}"
    elif new.end_reason == EndReason.WORKSPACE_LOST:
        if old.paused_at is None or now() < (old.pause_ends_at or now()):
            yield "a workspace is given up early"
    elif old.state is Status.ACTIVE:
        yield f"the schedule ends a running test: {new.end_reason}"


def end_of_time(row: Interview) -> datetime:
    """When the candidate's time is over, by what staff gave and what the timeline says."""
    if row.reopened_minutes is not None:
        minutes = int(row.reopened_minutes)
    else:
        hundredths = int(row.duration_minutes) * (100 + int(row.allowance_percent or 0))
        minutes = -(-hundredths // 100)
    begins = max(row.ready_at, row.scheduled_at or row.ready_at)
    seconds = 0
    for entry in row.timeline:
        if entry.what == TimelineEvent.REOPENED:
            seconds = 0
        elif entry.what == TimelineEvent.EXTENDED or (
            # What an earlier attempt or opening lost does not count in this one.
            entry.what == TimelineEvent.CREDITED and entry.at >= row.ready_at
        ):
            seconds += int(entry.seconds)
    end: datetime = begins + timedelta(minutes=minutes, seconds=seconds)
    return end


def broken_by_operation(item: Item | None) -> Iterator[str]:
    if item is not None:
        operation = Operation.from_raw_data(copied(item))
        if operation.status in UNFINISHED and operation.due_at is None:
            yield "an operation is unfinished and never due"


def archive_keys(row: Interview) -> set[str]:
    latest = {row.history_s3_key} if row.history_s3_key else set()
    return latest | {each.key for each in row.earlier_archives}


Change = Callable[[Interview, Interview], bool]


def _becomes(*pairs: tuple[Status, Status]) -> Change:
    return lambda old, new: (old.state, new.state) in pairs


def _ends(old: Interview, new: Interview) -> bool:
    return old.state in STARTED and new.state is Status.DESTROYING


def _gives_up_files(old: Interview, new: Interview) -> bool:
    return old.state is new.state is Status.DESTROYING and not new.save_files


# What each action may do to the row as it was right before, whatever its caller had read.
CHANGES: dict[str, Change] = {
    "activate": _becomes(
        (Status.AVAILABLE, Status.ACTIVATED),
        (Status.SCHEDULED, Status.ACTIVATED),
        (Status.AVAILABLE, Status.EXPIRED),
    ),
    "submit": _becomes((Status.ACTIVE, Status.DESTROYING)),
    "end": _ends,
    "end_unsaved": lambda old, new: _ends(old, new) or _gives_up_files(old, new),
    "revoke": lambda old, new: (
        _ends(old, new)
        or _becomes((Status.AVAILABLE, Status.REVOKED), (Status.SCHEDULED, Status.CANCELLED))(
            old, new
        )
    ),
    "retry": _becomes((Status.ERROR, Status.ACTIVATED)),
    "cancel": lambda old, new: old.state in STARTED and new.state is Status.ERROR,
    "reopen": _becomes((Status.COMPLETED, Status.ACTIVATED)),
    "extend": lambda old, new: (
        old.state is new.state
        and old.state not in FINAL | {Status.DESTROYING}
        and len(new.timeline) == len(old.timeline) + 1
    ),
}

# These must not act on a later sitting than the one that their caller saw.
OF_ONE_SITTING = {"submit", "end", "end_unsaved", "extend", "reopen"}
