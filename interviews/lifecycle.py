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

    @property
    def badge(self) -> str:
        """The word people read."""
        return BADGES[self]


class EndReason(StrEnum):
    """Why an interview that had been started came to its end."""

    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    ENDED_BY_STAFF = "ended_by_staff"
    REVOKED = "revoked"
    NEVER_READY = "never_ready"
    WORKSPACE_LOST = "workspace_lost"
    MISSED = "missed"


BADGES = {
    Status.SCHEDULED: "Scheduled",
    Status.AVAILABLE: "Available",
    Status.ACTIVATED: "Activated",
    Status.INITIALIZING: "Provisioning",
    Status.CONFIGURING: "Configuring",
    Status.ACTIVE: "Running",
    Status.DESTROYING: "Ending",
    Status.COMPLETED: "Completed",
    Status.EXPIRED: "Expired",
    Status.REVOKED: "Revoked",
    Status.CANCELLED: "Cancelled",
    Status.ERROR: "Error",
}

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.ACTIVATED, Status.CANCELLED}),
    Status.AVAILABLE: frozenset({Status.ACTIVATED, Status.EXPIRED, Status.REVOKED}),
    Status.ACTIVATED: frozenset({Status.INITIALIZING, Status.ERROR, Status.DESTROYING}),
    Status.INITIALIZING: frozenset({Status.CONFIGURING, Status.ERROR, Status.DESTROYING}),
    Status.CONFIGURING: frozenset({Status.ACTIVE, Status.ERROR, Status.DESTROYING}),
    Status.ACTIVE: frozenset({Status.DESTROYING}),
    Status.ERROR: frozenset({Status.ACTIVATED, Status.DESTROYING}),
    Status.DESTROYING: frozenset({Status.COMPLETED, Status.REVOKED}),
    # Opened again, on the files that were saved.
    Status.COMPLETED: frozenset({Status.ACTIVATED}),
    Status.EXPIRED: frozenset(),
    Status.REVOKED: frozenset(),
    Status.CANCELLED: frozenset(),
}

FINAL = frozenset({Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED})
OPEN = frozenset(Status) - FINAL
# Start was pressed and the workspace does not answer yet.
PROVISIONING = frozenset({Status.ACTIVATED, Status.INITIALIZING, Status.CONFIGURING})
# There may be a workspace: ending one of these means teardown.
STARTED = PROVISIONING | {Status.ACTIVE, Status.ERROR}


class IllegalTransitionError(Exception):
    """The state machine does not allow this step, whoever asks."""

    def __init__(self, old: Status, new: Status) -> None:
        super().__init__(f"An interview that is {old} cannot become {new}.")
        self.old = old
        self.new = new


def check_transition(old: Status, new: Status) -> None:
    """Raise IllegalTransitionError unless `new` may follow `old`."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransitionError(old, new)
