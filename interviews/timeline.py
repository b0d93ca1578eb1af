"""The kinds of timeline entries that say more than a new status."""

from enum import StrEnum


class TimelineEvent(StrEnum):
    """A change of the candidate's time or of the plan, or a report. The values are stored, and the
    API shows them."""

    # Staff gave or took time, before or during the test.
    EXTENDED = "extended"
    # The workspace did not answer, and the candidate got that time back.
    CREDITED = "credited"
    # Staff opened an ended test again for some minutes.
    REOPENED = "reopened"
    # Staff changed an invitation before its start, or gave an expired one a new deadline.
    EDITED = "edited"
    # Staff moved a live interview, or changed its length or its time zone.
    RESCHEDULED = "rescheduled"
    # The rules of its time zone changed, and staff kept the instant of a live interview.
    TIME_KEPT = "time_kept"
    # The candidate wrote from their page that they have a problem.
    PROBLEM_REPORTED = "problem_reported"
    # The workspace was lost, and started again with the files that were kept at `moved_to`.
    RESTORED = "restored"
    # The machine of the workspace was down for so long that it started on another one, with the
    # files that were kept at `moved_to`.
    MOVED = "moved"
    # The candidate confirmed what is allowed, with the start.
    POLICY_CONFIRMED = "policy_confirmed"
    # The candidate had a practice workspace before the start.
    PRACTISED = "practised"
    # Staff moved the start to the front of the line for a workspace.
    MOVED_UP = "moved_up"
    # The candidate left that line, and may press Start again.
    LEFT_LINE = "left_line"
