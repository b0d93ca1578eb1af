"""The state machine of an interview: which status may follow which. No I/O."""

from enum import StrEnum


class Status(StrEnum):
    SCHEDULED = "scheduled"
    AVAILABLE = "available"
    ACTIVATED = "activated"
    INITIALIZING = "initializing"
    CONFIGURING = "configuring"
    ACTIVE = "active"
    DESTROYING = "destroying"
    COMPLETED = "completed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    ERROR = "error"


class EndReason(StrEnum):
    """Why a started interview ended."""

    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    ENDED_BY_STAFF = "ended_by_staff"
    REVOKED = "revoked"
    NEVER_READY = "never_ready"
    WORKSPACE_LOST = "workspace_lost"
    MISSED = "missed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.ACTIVATED, Status.CANCELLED}),
    Status.AVAILABLE: frozenset({Status.ACTIVATED, Status.EXPIRED, Status.REVOKED}),
    Status.ACTIVATED: frozenset(
        # The candidate leaves the line for a workspace, before a worker begins.
        {Status.INITIALIZING, Status.ERROR, Status.DESTROYING, Status.AVAILABLE}
    ),
    Status.INITIALIZING: frozenset({Status.CONFIGURING, Status.ERROR, Status.DESTROYING}),
    Status.CONFIGURING: frozenset({Status.ACTIVE, Status.ERROR, Status.DESTROYING}),
    Status.ACTIVE: frozenset({Status.DESTROYING}),
    Status.ERROR: frozenset({Status.ACTIVATED, Status.DESTROYING}),
    Status.DESTROYING: frozenset({Status.COMPLETED, Status.REVOKED}),
    # Staff reopens it with the saved files.
    Status.COMPLETED: frozenset({Status.ACTIVATED}),
    # Staff gives it a new deadline.
    Status.EXPIRED: frozenset({Status.AVAILABLE}),
    Status.REVOKED: frozenset(),
    Status.CANCELLED: frozenset(),
}

FINAL = frozenset({Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED})
OPEN = frozenset(Status) - FINAL
# Nothing was made for it yet.
NOT_STARTED = frozenset({Status.SCHEDULED, Status.AVAILABLE})
# Started, but the workspace is not ready yet.
PROVISIONING = frozenset({Status.ACTIVATED, Status.INITIALIZING, Status.CONFIGURING})
# A workspace may exist, so ending an interview of these statuses includes teardown.
STARTED = PROVISIONING | {Status.ACTIVE, Status.ERROR}


class IllegalTransitionError(Exception):
    """The state machine does not allow this transition."""

    def __init__(self, old: Status, new: Status) -> None:
        super().__init__(f"An interview that is {old} cannot become {new}.")
        self.old = old
        self.new = new


def check_transition(old: Status, new: Status) -> None:
    """Check that `new` may follow `old`.

    Raises:
        IllegalTransitionError: if it may not.
    """
    if new not in TRANSITIONS[old]:
        raise IllegalTransitionError(old, new)
