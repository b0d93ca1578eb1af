"""The actions on interviews. Pages, API and reconciler call these; nothing else starts work.

Each action checks, writes and dispatches. `by` is the actor: a user name, "candidate" or
"schedule". Every action can be repeated: a second call returns the result of the first.

The action writes what staff asked for into the audit trail once it has succeeded
(`operations.audit`): its caller adds nothing.
"""

from operations.actions.challenges import (
    archive_challenge,
    create_challenge,
    restore_challenge,
    save_challenge,
)
from operations.actions.ending import end, expire, revoke, submit
from operations.actions.feedback import MAX_FEEDBACK_TEXT, RATINGS, give_feedback, may_give_feedback
from operations.actions.invitations import invite, schedule_live, start_dry_run
from operations.actions.plans.edits import edit_invitation
from operations.actions.plans.moves import reschedule
from operations.actions.practice import end_practice, start_practice
from operations.actions.problem_reports import MAX_REPORT_TEXT, report_problem, reports_of
from operations.actions.start import (
    activate,
    cancel,
    candidate_may_retry,
    leave_line,
    may_leave_line,
    move_to_front,
    retry,
    start_scheduled,
)
from operations.actions.time import MAX_EXTENSION, extend, mark_time_changes_seen, reopen
from operations.actions.zone_changes import keep_planned_time, move_to_reading
from operations.exceptions import IdempotencyKeyReusedError, InvalidInputError, WrongStateError

__all__ = [
    "MAX_EXTENSION",
    "MAX_FEEDBACK_TEXT",
    "MAX_REPORT_TEXT",
    "RATINGS",
    "IdempotencyKeyReusedError",
    "InvalidInputError",
    "WrongStateError",
    "activate",
    "archive_challenge",
    "cancel",
    "candidate_may_retry",
    "create_challenge",
    "edit_invitation",
    "end",
    "end_practice",
    "expire",
    "extend",
    "give_feedback",
    "invite",
    "keep_planned_time",
    "leave_line",
    "mark_time_changes_seen",
    "may_give_feedback",
    "may_leave_line",
    "move_to_front",
    "move_to_reading",
    "reopen",
    "report_problem",
    "reports_of",
    "reschedule",
    "restore_challenge",
    "retry",
    "revoke",
    "save_challenge",
    "schedule_live",
    "start_dry_run",
    "start_practice",
    "start_scheduled",
    "submit",
]
