"""What is done to interviews."""

from typing import Any

from dashboard.second_factor import actions as second_factor
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from operations import actions, retention
from tests.dashboard.audit.cases.case import (
    ADMIN,
    API,
    PAGE,
    A,
    Case,
    Entry,
    admin,
    api,
    end_interview,
    newest,
    of_interview,
    of_target,
    of_zone_change,
    on_interview,
    page,
)
from tests.second_factor import code_of

MOVE: dict[str, Any] = {
    "scheduledLocal": "2027-01-15T10:00",
    "timeZone": "Europe/Berlin",
    "durationMinutes": 90,
}

CASES = [
    Case(
        A.INVITED,
        "challenge",
        {
            PAGE: page(
                "/interviews/invite/",
                candidate_name="Ada",
                challenge="word-count",
                duration_minutes="60",
                valid_days="7",
            ),
            API: api("/api/takehome", {"candidateName": "Ada", "challenge": "word-count"}),
        },
        actions.invite,
        lambda it: actions.invite(
            TakeHomeInvitation(candidate_name="Ada", challenge="word-count"), by="ada"
        ),
        newest(A.INVITED),
    ),
    Case(
        A.SCHEDULED,
        "challenge",
        {
            PAGE: page(
                "/live/create/",
                candidate_name="Ada",
                challenge="word-count",
                duration_minutes="60",
                when="now",
            ),
            API: api("/api/interviews", {"candidateName": "Ada", "challenge": "word-count"}),
        },
        actions.schedule_live,
        lambda it: actions.schedule_live(
            LiveInvitation(candidate_name="Ada", challenge="word-count", scheduled_at=None),
            by="ada",
        ),
        newest(A.SCHEDULED),
    ),
    Case(
        A.STARTED,
        "take_home",
        {API: api("/api/interviews/{it.id}/activate")},
        actions.activate,
        lambda it: actions.activate(it, by="ada"),
        of_interview(A.STARTED),
    ),
    Case(
        A.RETRIED,
        "failed",
        on_interview("retry"),
        actions.retry,
        lambda it: actions.retry(it, by="ada"),
        of_interview(A.RETRIED),
    ),
    Case(
        A.MOVED_UP,
        "in_line",
        {channel: on_interview("move-up")[channel] for channel in (PAGE, API)},
        actions.move_to_front,
        lambda it: actions.move_to_front(it, by="ada"),
        of_interview(A.MOVED_UP),
    ),
    Case(
        A.EXTENDED,
        "running",
        on_interview("extend", {"minutes": 5}, minutes="5"),
        actions.extend,
        lambda it: actions.extend(it, 5, by="ada"),
        of_interview(A.EXTENDED, "5 minutes"),
    ),
    Case(
        A.EDITED,
        "take_home",
        {
            PAGE: page("/interviews/{it.id}/edit/", candidate_name="Ada King"),
            API: api("/api/interviews/{it.id}", {"candidateName": "Ada King"}, method="PATCH"),
            ADMIN: admin("interviewrecord", "edit", candidate_name="Ada King"),
        },
        actions.edit_invitation,
        lambda it: actions.edit_invitation(it, InvitationEdit(candidate_name="Ada King"), by="ada"),
        of_interview(A.EDITED, "candidateName"),
    ),
    Case(
        A.RESCHEDULED,
        "planned",
        {
            PAGE: page(
                "/interviews/{it.id}/reschedule/",
                at=MOVE["scheduledLocal"],
                zone=MOVE["timeZone"],
                duration_minutes="90",
            ),
            API: api("/api/interviews/{it.id}/reschedule", MOVE),
            ADMIN: admin(
                "interviewrecord",
                "reschedule",
                scheduled_local=MOVE["scheduledLocal"],
                time_zone=MOVE["timeZone"],
                duration_minutes="90",
            ),
        },
        actions.reschedule,
        lambda it: actions.reschedule(
            it, local=MOVE["scheduledLocal"], zone=MOVE["timeZone"], minutes=90, by="ada"
        ),
        of_interview(A.RESCHEDULED, "2027-01-15 10:00 Europe/Berlin, 90 minutes"),
    ),
    Case(
        A.REOPENED,
        "saved",
        {
            PAGE: page("/interviews/{it.id}/reopen/", minutes="30"),
            API: api("/api/interviews/{it.id}/reopen", {"minutes": 30}),
        },
        actions.reopen,
        lambda it: actions.reopen(it, 30, by="ada"),
        of_interview(A.REOPENED, "30 minutes"),
    ),
    of_zone_change(A.RESCHEDULED, "move", actions.move_to_reading),
    of_zone_change(A.TIME_KEPT, "keep", actions.keep_planned_time),
    Case(
        A.ENDED,
        "running",
        on_interview("end") | {API: api("/api/interviews/{it.id}/destroy")},
        actions.end,
        end_interview,
        of_interview(A.ENDED),
    ),
    Case(
        A.ENDED_WITHOUT_SAVING,
        "unsaveable",
        on_interview("end-without-saving")
        | {API: api("/api/interviews/{it.id}/destroy", {"save": False})},
        actions.end,
        lambda it: end_interview(it, save=False),
        of_interview(A.ENDED_WITHOUT_SAVING),
    ),
    Case(
        A.REVOKED,
        "running",
        on_interview("revoke") | {API: api("/api/interviews/{it.id}/cancel")},
        actions.revoke,
        lambda it: actions.revoke(it, by="ada"),
        of_interview(A.REVOKED),
    ),
    Case(
        A.REVOKED,
        "take_home",
        {API: api("/api/takehome/{it.passcode}/revoke")},
        actions.revoke,
        lambda it: actions.revoke(it, by="ada"),
        of_interview(A.REVOKED),
    ),
    Case(
        A.DELETED,
        "ended",
        on_interview("delete") | {API: api("/api/interviews/{it.id}", method="DELETE")},
        retention.delete_interview,
        lambda it: retention.delete_interview(it, by="ada"),
        of_interview(A.DELETED),
    ),
    Case(
        A.CANCELLED_OPERATION,
        "operation",
        {
            API: api("/api/operations/{it.id}/cancel"),
            ADMIN: admin("operationrecord", "stop"),
        },
        actions.cancel,
        lambda it: actions.cancel(it, by="ada"),
        lambda it: Entry(A.CANCELLED_OPERATION, it.interview_id),
    ),
    *(
        Case(
            action,
            "challenge",
            {
                PAGE: page(f"/challenges/word-count/{verb}/"),
                API: api(f"/api/challenges/word-count/{verb}"),
                ADMIN: admin("challengerecord", verb),
            },
            function,
            lambda it, function=function: function(it.id),  # type: ignore[misc]
            of_target(action, "word-count"),
        )
        for action, verb, function in (
            (A.CHALLENGE_ARCHIVED, "archive", actions.archive_challenge),
            (A.CHALLENGE_RESTORED, "restore", actions.restore_challenge),
        )
    ),
    Case(
        A.DRY_RUN,
        "challenge",
        {
            PAGE: page("/challenges/word-count/dry-run/"),
            API: api("/api/challenges/word-count/dry-run"),
        },
        actions.start_dry_run,
        lambda it: actions.start_dry_run("word-count", 1, by="ada"),
        newest(A.DRY_RUN, "word-count"),
    ),
    *(
        Case(
            action,
            "with_second_factor",
            {},
            function,
            lambda it, function=function: function(it, code_of(it)),  # type: ignore[misc]
            of_target(action, "colleague"),
        )
        for action, function in (
            (A.RECOVERY_CODES_RENEWED, second_factor.renew_recovery_codes),
            (A.SECOND_FACTOR_OFF, second_factor.turn_off),
        )
    ),
]
