"""The actions on interviews. Pages, API and reconciler call these; nothing else starts work.

Each action checks, writes and dispatches. `by` is the actor: a user name, "candidate" or
"schedule". Every action can be repeated: a second call returns the result of the first.
"""

from operations.actions.ending import end, expire, revoke, submit
from operations.actions.invitations import invite, schedule_live, start_dry_run
from operations.actions.start import activate, cancel, candidate_may_retry, retry
from operations.actions.time import MAX_EXTENSION, extend, mark_time_changes_seen, reopen
from operations.exceptions import IdempotencyKeyReusedError, InvalidInputError, WrongStateError

__all__ = [
    "MAX_EXTENSION",
    "IdempotencyKeyReusedError",
    "InvalidInputError",
    "WrongStateError",
    "activate",
    "cancel",
    "candidate_may_retry",
    "end",
    "expire",
    "extend",
    "invite",
    "mark_time_changes_seen",
    "reopen",
    "retry",
    "revoke",
    "schedule_live",
    "start_dry_run",
    "submit",
]
