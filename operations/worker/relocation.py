"""Leave a machine that is down: the workspace goes on elsewhere, or ends, with the files kept last.

What is on the machine has an earlier name from then on. Once the machine is back, the reaper saves
the files that are newer and ends it (`operations.reaper.left_behind`).
"""

from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError

from interviews.dynamodb import now
from interviews.models import Interview
from operations.admission import line
from operations.progress import restore
from operations.progress.models import ProgressState, ProgressWatch
from operations.progress.schedule import is_kept
from operations.provisioners.base import MachineDownError
from operations.reaper import left_behind

logger = structlog.get_logger(__name__)

# A workspace whose candidate would lose the work of more than this waits for its machine: it may
# come back with all of it, and the clock stands still meanwhile.
MAX_LOST_WORK = timedelta(minutes=15)


def state_to_restore(
    interview: Interview, error: MachineDownError, *, is_over: bool = False
) -> int:
    """The number of the kept state with which the workspace leaves its machine.

    A test that is over waits for its files rather than to be saved as it began.

    Raises:
        MachineDownError: if the workspace has to wait for its machine; its sentence says why.
        StoreUnavailableError: if the storage fails.
    """
    if error.lost_at is None or error.lost_at > datetime.now(UTC):
        raise error
    if not is_kept(interview):
        raise _waiting(error, "Its progress isn't kept, so it waits for the machine.")
    state = restore.last_readable(interview)
    if state is None and is_over:
        raise _waiting(error, "Nothing was kept of it yet, so it waits for the machine.")
    known_at = _known_at(interview, state)
    seen_at = interview.last_healthy_at or interview.ready_at
    if known_at is None or (seen_at or now()) - known_at > MAX_LOST_WORK:
        since = f"since {known_at:%H:%M} UTC" if known_at is not None else "of it"
        raise _waiting(error, f"Nothing was kept {since}, so it waits for the machine.")
    return restore.STARTING_FILES if state is None else int(state.number)


def leave_machine(interview: Interview, restoring_state: int) -> None:
    """Give the workspace its next name, and have what is on the machine ended once it is back.

    Raises:
        StaleWriteError: if the row changed since it was read.
    """
    left = interview.workspace_name
    state = dict(interview.workspace_state or {})
    interview.leave_machine(restoring_state)
    try:
        line.rename_workspace(str(interview.provisioner), left, interview.workspace_name)
        left_behind.record(interview, left, state)
    except DatabaseError as error:
        # The sweeps find both.
        logger.warning("left_machine_not_recorded", reason=type(error).__name__)
    logger.warning("machine_left", interview=interview.id, machine=state.get("machine"))


def _waiting(error: MachineDownError, why: str) -> MachineDownError:
    return MachineDownError(error.step, f"{error.sentence} {why}", lost_at=error.lost_at)


def _known_at(interview: Interview, state: ProgressState | None) -> datetime | None:
    """Until when the state, or without one the starting files, has what the candidate did."""
    sitting = int(interview.reopened or 0) + 1
    newest = restore.states_of_sitting(interview.id, sitting).first()
    if state is None:
        return interview.ready_at if newest is None else None
    watch = ProgressWatch.objects.filter(pk=interview.id, sitting=sitting).first()
    if newest == state and watch is not None and watch.kept_at is not None:
        # Looks since then found nothing new.
        return max(state.at, watch.kept_at)
    return state.at
