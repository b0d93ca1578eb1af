"""Each action of staff: what it is done to, how each channel does it, and the entry it writes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.people import actions as people
from dashboard.people import profile
from dashboard.permissions.roles import VIEWER
from dashboard.second_factor import actions as second_factor
from interviews.challenges import schemas
from interviews.lifecycle import EndReason
from interviews.local_time import utc_to_local
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from operations import actions, retention
from operations.audit import AuditAction, Channel
from operations.audit.models import AuditEntry
from operations.branding import changes
from operations.bulk_import import columns, csv_file, service
from operations.bulk_import.columns import Defaults
from operations.bulk_import.models import Batch
from operations.candidate_data import deletion, export, selection
from operations.checks import actions as check_actions
from operations.mail import resend
from operations.mail.texts import changes as email_texts
from operations.mail.texts.kinds import BY_KEY
from operations.mail.texts.models import EmailText
from operations.mail.texts.standard import Text, standard_text
from operations.notices import actions as notices
from operations.reaper import actions as orphan_actions
from operations.reviews import decisions, reviewers, scorecards
from operations.reviews.models import Review
from operations.reviews.schemas import DecisionInput, ReviewInput
from operations.webhooks import actions as webhook_actions
from operations.webhooks.schemas import WebhookInput
from tests.second_factor import code_of

PAGE, API, ADMIN = Channel.PAGE, Channel.API, Channel.ADMIN
CSV = "candidate_name,challenge\nAda,word-count\n"
NEW_CHALLENGE = {"name": "Another", "duration_minutes": "60", "durationMinutes": "60"}
WEBHOOK: dict[str, Any] = {
    "name": "HR",
    "url": "https://hooks.example.com/in",
    "types": ["take-home"],
}

NEW_PERSON = people.PersonInput("Grace Hopper", "grace@example.com", VIEWER)

TEXT_KIND = BY_KEY["test-withdrawn"]
WITHDRAWN = standard_text(TEXT_KIND, "en")
UNEDITED = EmailText().version

MOVE: dict[str, Any] = {
    "scheduledLocal": "2027-01-15T10:00",
    "timeZone": "Europe/Berlin",
    "durationMinutes": 90,
}


@dataclass(frozen=True)
class Entry:
    """What an entry says besides who wrote it and from where."""

    action: AuditAction
    interview_id: str = ""
    target: str = ""
    detail: str = ""


RECOMMENDED = ReviewInput(recommendation="yes")


def boss() -> User:
    return User.objects.get(username="boss")


def import_csv() -> Batch:
    return service.import_file("candidates.csv", CSV.encode(), Defaults(), by="admin")


def readme() -> SimpleUploadedFile:
    return SimpleUploadedFile("README.md", b"# Another\n")


def page(path: str, **form: Any) -> Callable[[Client, Any], Any]:
    """A form of a page; the path may name attributes of what is acted upon."""
    return lambda client, it: client.post(path.format(it=it), form)


def api(path: str, body: Any = None, method: str = "POST") -> Callable[[Client, Any], Any]:
    def call(client: Client, it: Any) -> Any:
        text = "" if body is None else json.dumps(body)
        return client.generic(method, path.format(it=it), text, "application/json")

    return call


def admin(model: str, verb: str, key: str = "id", **form: Any) -> Callable[[Client, Any], Any]:
    """An action of the admin's list, with its question answered."""

    def call(client: Client, it: Any) -> Any:
        data = {"action": verb, "_selected_action": [getattr(it, key)], "post": "yes"}
        return client.post(f"/admin/dashboard/{model}/", {**data, **form})

    return call


def on_interview(verb: str, body: Any = None, **form: Any) -> dict[Channel, Any]:
    return {
        PAGE: page(f"/interviews/{{it.id}}/{verb}/", **form),
        API: api(f"/api/interviews/{{it.id}}/{verb}", body),
        ADMIN: admin("interviewrecord", verb, **form),
    }


def on_webhook(page_verb: str, api_verb: str) -> dict[Channel, Any]:
    return {
        PAGE: page(f"/webhooks/{{it.pk}}/{page_verb}/"),
        API: api(f"/api/webhooks/{{it.pk}}/{api_verb}"),
    }


def with_files(path: str, **form: Any) -> Callable[[Client, Any], Any]:
    return lambda client, it: client.post(path.format(it=it), {**form, "files": readme()})


@dataclass(frozen=True)
class Case:
    """An action of staff: what it is done to, how each channel does it, and how code does it."""

    action: AuditAction
    subject: str | None
    channels: dict[Channel, Callable[[Client, Any], Any]]
    function: Any
    call: Callable[[Any], Any]
    entry: Callable[[Any], Entry]


def of_interview(action: AuditAction, detail: str = "") -> Callable[[Any], Entry]:
    return lambda it: Entry(action, it.id, detail=detail)


def of_target(action: AuditAction, target: str, detail: str = "") -> Callable[[Any], Entry]:
    return lambda it: Entry(action, target=target, detail=detail)


def newest(action: AuditAction, target: str = "") -> Callable[[Any], Entry]:
    """The interview is created by the action itself."""
    return lambda it: Entry(action, AuditEntry.objects.latest("pk").interview_id, target)


def end_interview(it: Interview, **more: Any) -> Any:
    return actions.end(it, by="ada", reason=EndReason.ENDED_BY_STAFF, **more)


def seen(it: Interview) -> dict[str, datetime]:
    """What the page says of `replanned`: an hour later is what was said."""
    at = it.created_at + timedelta(days=1)
    return {"planned": at, "reading": at + timedelta(hours=1)}


def of_zone_change(action: AuditAction, choice: str, function: Any) -> Case:
    def click(client: Client, it: Any) -> Any:
        form = {name: int(at.timestamp()) for name, at in seen(it).items()}
        return client.post(f"/interviews/{it.id}/zone/", form | {"choice": choice})

    def entry(it: Any) -> Entry:
        kept, moved = seen(it).values()
        if action is A.TIME_KEPT:
            detail = f"{utc_to_local(kept, 'UTC')} UTC, {kept:%H:%M} UTC"
        else:
            detail = f"{utc_to_local(moved, 'UTC').replace('T', ' ')} UTC, 60 minutes"
        return Entry(action, it.id, detail=detail)

    return Case(
        action,
        "replanned",
        {PAGE: click},
        function,
        lambda it: function(it, **seen(it), by="ada"),
        entry,
    )


A = AuditAction
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
        A.REVIEW_SUBMITTED,
        "reviewable",
        {
            PAGE: page("/interviews/{it.id}/review/save/", action="submit", recommendation="yes"),
            API: api("/api/interviews/{it.id}/reviews/mine/submit", {"recommendation": "yes"}),
        },
        scorecards.submit_review,
        lambda it: scorecards.submit_review(it, boss(), RECOMMENDED, version=0),
        of_interview(A.REVIEW_SUBMITTED),
    ),
    Case(
        A.REVIEW_REOPENED,
        "reviewed",
        {
            PAGE: page("/interviews/{it.id}/review/reopen/"),
            API: api("/api/interviews/{it.id}/reviews/mine/reopen"),
        },
        scorecards.reopen_review,
        lambda it: scorecards.reopen_review(it, boss()),
        of_interview(A.REVIEW_REOPENED),
    ),
    Case(
        A.REVIEWER_ASSIGNED,
        "reviewable",
        {
            PAGE: lambda client, it: client.post(
                f"/interviews/{it.id}/reviewers/", {"reviewer": boss().pk}
            ),
            API: api("/api/interviews/{it.id}/reviewers", {"reviewer": "boss"}),
        },
        reviewers.assign_reviewer,
        lambda it: reviewers.assign_reviewer(it, boss(), by="ada"),
        lambda it: Entry(A.REVIEWER_ASSIGNED, it.id, "boss"),
    ),
    Case(
        A.REVIEWER_UNASSIGNED,
        "assigned",
        {
            PAGE: lambda client, it: client.post(
                f"/interviews/{it.id}/reviewers/{Review.objects.get().pk}/remove/"
            ),
            API: api("/api/interviews/{it.id}/reviewers/boss", method="DELETE"),
        },
        reviewers.unassign_reviewer,
        lambda it: reviewers.unassign_reviewer(it, Review.objects.get()),
        lambda it: Entry(A.REVIEWER_UNASSIGNED, it.id, "boss"),
    ),
    Case(
        A.REVIEW_SETTINGS_CHANGED,
        "challenge",
        {PAGE: page("/challenges/{it.id}/reviewers/", how="all")},
        reviewers.change_settings,
        lambda it: reviewers.change_settings(it.id, [], in_turn=0, hides_names=False),
        of_target(A.REVIEW_SETTINGS_CHANGED, "word-count", "nobody; all"),
    ),
    Case(
        A.DECISION_MADE,
        "reviewable",
        {
            PAGE: page("/interviews/{it.id}/decision/", outcome="hold", reason="Later."),
            API: api("/api/interviews/{it.id}/decision", {"outcome": "hold", "reason": "Later."}),
        },
        decisions.decide,
        lambda it: decisions.decide(it, DecisionInput(outcome="hold", reason="Later."), by="ada"),
        of_interview(A.DECISION_MADE, "hold"),
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
        A.EXPORTED_CANDIDATE,
        "ended",
        {
            PAGE: lambda client, it: client.post("/candidate-data/export/", {"interview": it.id}),
            API: lambda client, it: client.post(
                "/api/candidate-data/export", {"interviewId": it.id}, "application/json"
            ),
        },
        export.export_candidate,
        lambda it: export.export_candidate(selection.find_by_interview(it)),
        of_interview(A.EXPORTED_CANDIDATE),
    ),
    Case(
        A.DELETED_CANDIDATE,
        "challenge",
        {
            PAGE: page("/candidate-data/delete/", email="nobody@example.com"),
            API: api("/api/candidate-data/delete", {"email": "nobody@example.com"}),
        },
        deletion.delete_candidate,
        lambda it: deletion.delete_candidate(
            selection.find_by_email("nobody@example.com"), by="ada"
        ),
        lambda it: Entry(A.DELETED_CANDIDATE, detail="nothing"),
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
    Case(
        A.SENT_MAIL,
        "addressed",
        {
            PAGE: page("/interviews/{it.id}/mail/"),
            API: api("/api/interviews/{it.id}/messages"),
        },
        resend.resend_invitation,
        lambda it: resend.resend_invitation(it, by="ada"),
        of_interview(A.SENT_MAIL),
    ),
    Case(
        A.SENT_MAIL,
        "addressed",
        {
            PAGE: lambda client, it: client.post(
                "/interviews/selected/remind/", {"id": it.id, "confirm": "yes"}
            ),
        },
        resend.send_reminder,
        lambda it: resend.send_reminder(it, by="ada"),
        of_interview(A.SENT_MAIL, "reminder"),
    ),
    Case(
        A.FILE_READ,
        "challenge",
        {
            PAGE: lambda client, it: client.post(
                "/invitations/",
                {"valid_days": "7", "file": SimpleUploadedFile("candidates.csv", CSV.encode())},
            ),
            API: lambda client, it: client.post(
                "/api/invitations/batch?dryRun=true&fileName=candidates.csv",
                CSV,
                content_type="text/csv",
            ),
        },
        service.import_file,
        lambda it: import_csv(),
        of_target(A.FILE_READ, "candidates.csv"),
    ),
    Case(
        A.FILE_READ,
        "challenge",
        {
            API: api(
                "/api/invitations/batch?dryRun=true&fileName=candidates.csv",
                {"rows": [{"candidateName": "Ada", "challenge": "word-count"}]},
            ),
        },
        service.import_table,
        lambda it: service.import_table(
            "candidates.csv",
            csv_file.parse_csv(CSV.encode(), columns.is_known),
            Defaults(),
            by="ada",
        ),
        of_target(A.FILE_READ, "candidates.csv"),
    ),
    Case(
        A.INVITED_MANY,
        "batch",
        {
            PAGE: page("/invitations/{it.pk}/invite/", choose="all", confirmed="yes"),
            API: api("/api/invitations/batch/{it.pk}/invite", {}),
        },
        service.queue_rows,
        lambda it: service.queue_rows(it, by="ada"),
        of_target(A.INVITED_MANY, "candidates.csv", "rows: 1"),
    ),
    Case(
        A.CHALLENGE_CREATED,
        "challenge",
        {
            PAGE: with_files("/new-challenge/", **NEW_CHALLENGE, paths='["README.md"]'),
            API: with_files("/api/challenges", **NEW_CHALLENGE, paths='["README.md"]'),
        },
        actions.create_challenge,
        lambda it: actions.create_challenge(
            schemas.NewChallengeRules(name="Another"), {"README.md": b"# Another\n"}, by="ada"
        ),
        of_target(A.CHALLENGE_CREATED, "another"),
    ),
    Case(
        A.CHALLENGE_CHANGED,
        "challenge",
        {
            PAGE: page(
                "/challenges/word-count/edit/",
                name="New",
                duration_minutes="60",
                base="1",
                start="1",
            ),
            API: lambda client, it: client.post(
                "/api/challenges/word-count/versions", {"name": "New", "baseVersion": "1"}
            ),
        },
        actions.save_challenge,
        lambda it: actions.save_challenge(
            it.id,
            schemas.ChallengeRules(name="New").about,
            {"README.md": b"# New\n"},
            base=1,
            by="ada",
        ),
        of_target(A.CHALLENGE_CHANGED, "word-count"),
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
    Case(
        A.CHECKS_STARTED,
        "submitted",
        {
            PAGE: page("/interviews/{it.id}/checks/run/"),
            API: api("/api/interviews/{it.id}/checks"),
        },
        check_actions.run_again,
        lambda it: check_actions.run_again(it, by="ada"),
        lambda it: Entry(A.CHECKS_STARTED, it.id, detail="version 2"),
    ),
    Case(
        A.CHECKS_STARTED,
        "with_a_state",
        {
            PAGE: page("/interviews/{it.id}/checks/run/", state="1"),
            API: api("/api/interviews/{it.id}/checks", {"state": 1}),
        },
        check_actions.check_state,
        lambda it: check_actions.check_state(it, 1, by="ada"),
        lambda it: Entry(A.CHECKS_STARTED, it.id, detail="state 1"),
    ),
    Case(
        A.CHECKS_STARTED_FOR_ALL,
        "submitted",
        {
            PAGE: page("/challenges/word-count/checks/run-all/"),
            API: api("/api/challenges/word-count/checks/run-all"),
        },
        check_actions.run_all,
        lambda it: check_actions.run_all("word-count", by="ada"),
        lambda it: Entry(A.CHECKS_STARTED_FOR_ALL, "", "word-count", "version 2, 1 submissions"),
    ),
    Case(
        A.CHECKS_TRIED,
        "submitted",
        {
            PAGE: page("/challenges/word-count/checks/try/", version="2"),
            API: api("/api/challenges/word-count/versions/2/checks/trial"),
        },
        check_actions.start_trial,
        lambda it: check_actions.start_trial("word-count", 2, by="ada"),
        lambda it: Entry(A.CHECKS_TRIED, "", "word-count", "version 2"),
    ),
    Case(
        A.WEBHOOK_CREATED,
        "known_hosts",
        {PAGE: page("/webhooks/new/", **WEBHOOK, which="all"), API: api("/api/webhooks", WEBHOOK)},
        webhook_actions.create,
        lambda it: webhook_actions.create(WebhookInput(**WEBHOOK), by="ada"),
        of_target(A.WEBHOOK_CREATED, "HR"),
    ),
    Case(
        A.WEBHOOK_CHANGED,
        "webhook",
        {
            PAGE: page("/webhooks/{it.pk}/change/", **WEBHOOK, which="all"),
            API: api("/api/webhooks/{it.pk}", WEBHOOK, "PUT"),
        },
        webhook_actions.change,
        lambda it: webhook_actions.change(it, WebhookInput(**WEBHOOK), by="ada"),
        of_target(A.WEBHOOK_CHANGED, "HR"),
    ),
    Case(
        A.WEBHOOK_DELETED,
        "webhook",
        {
            PAGE: page("/webhooks/{it.pk}/delete/"),
            API: api("/api/webhooks/{it.pk}", method="DELETE"),
        },
        webhook_actions.delete,
        lambda it: webhook_actions.delete(it, by="ada"),
        of_target(A.WEBHOOK_DELETED, "ATS"),
    ),
    Case(
        A.WEBHOOK_SECRET_RENEWED,
        "webhook",
        on_webhook("secret", "secret"),
        webhook_actions.roll_secret,
        lambda it: webhook_actions.roll_secret(it, by="ada"),
        of_target(A.WEBHOOK_SECRET_RENEWED, "ATS"),
    ),
    Case(
        A.WEBHOOK_TESTED,
        "webhook",
        on_webhook("test", "test"),
        webhook_actions.send_test,
        lambda it: webhook_actions.send_test(it, by="ada"),
        of_target(A.WEBHOOK_TESTED, "ATS"),
    ),
    Case(
        A.WEBHOOK_SWITCHED_OFF,
        "webhook",
        on_webhook("off", "disable"),
        webhook_actions.switch_off,
        lambda it: webhook_actions.switch_off(it, by="ada"),
        of_target(A.WEBHOOK_SWITCHED_OFF, "ATS"),
    ),
    Case(
        A.WEBHOOK_SWITCHED_ON,
        "inactive",
        on_webhook("on", "enable"),
        webhook_actions.switch_on,
        lambda it: webhook_actions.switch_on(it, by="ada"),
        of_target(A.WEBHOOK_SWITCHED_ON, "ATS"),
    ),
    Case(
        A.WEBHOOK_RESENT,
        "delivery",
        {
            PAGE: page("/webhooks/{it.webhook_id}/resend/{it.pk}/"),
            API: api("/api/webhooks/{it.webhook_id}/deliveries/{it.pk}/resend"),
        },
        webhook_actions.resend,
        lambda it: webhook_actions.resend(it, by="ada"),
        lambda it: Entry(A.WEBHOOK_RESENT, "takehome-1", "ATS"),
    ),
    Case(
        A.WEBHOOK_RESENT,
        "webhook",
        on_webhook("resend", "resend"),
        webhook_actions.resend_given_up,
        lambda it: webhook_actions.resend_given_up(it, by="ada"),
        of_target(A.WEBHOOK_RESENT, "ATS"),
    ),
    Case(
        A.WORKSPACE_ENDED,
        "orphan",
        {
            PAGE: page("/workspaces/{it.pk}/end/"),
            API: api("/api/workspaces/unneeded/{it.pk}/end", {}),
        },
        orphan_actions.end_orphan_now,
        lambda it: orphan_actions.end_orphan_now(it, by="ada"),
        of_target(A.WORKSPACE_ENDED, "fake takehome-lost"),
    ),
    Case(
        A.WORKSPACE_ENDED_UNSAVED,
        "unsaved_orphan",
        {
            PAGE: page("/workspaces/{it.pk}/end/", files="lose"),
            API: api("/api/workspaces/unneeded/{it.pk}/end", {"saveFiles": False}),
        },
        orphan_actions.end_orphan_now,
        lambda it: orphan_actions.end_orphan_now(it, by="ada", save=False),
        of_target(A.WORKSPACE_ENDED_UNSAVED, "fake takehome-lost"),
    ),
    Case(
        A.WORKSPACE_KEPT,
        "orphan",
        {
            PAGE: page("/workspaces/{it.pk}/keep/"),
            API: api("/api/workspaces/unneeded/{it.pk}/keep"),
        },
        orphan_actions.keep_orphan,
        lambda it: orphan_actions.keep_orphan(it, by="ada"),
        of_target(A.WORKSPACE_KEPT, "fake takehome-lost"),
    ),
    Case(
        A.PERSON_INVITED,
        "boss",
        {},
        people.invite_person,
        lambda it: people.invite_person(it, NEW_PERSON),
        of_target(A.PERSON_INVITED, "grace@example.com", VIEWER),
    ),
    Case(
        A.PERSON_LINK_MADE,
        "colleague",
        {PAGE: page("/people/{it.pk}/link/")},
        people.make_password_link,
        lambda it: people.make_password_link(it, it),
        of_target(A.PERSON_LINK_MADE, "colleague"),
    ),
    Case(
        A.PERSON_LINK_MADE,
        "colleague",
        {PAGE: page("/people/{it.pk}/link/", send_email="1")},
        people.email_password_link,
        lambda it: people.email_password_link(it, it),
        of_target(A.PERSON_LINK_MADE, "colleague"),
    ),
    Case(
        A.ROLE_CHANGED,
        "colleague",
        {PAGE: page("/people/{it.pk}/role/", role=VIEWER)},
        people.change_role,
        lambda it: people.change_role(it, it, VIEWER),
        of_target(A.ROLE_CHANGED, "colleague", "Administrator to Viewer"),
    ),
    Case(
        A.PERSON_DEACTIVATED,
        "colleague",
        {PAGE: page("/people/{it.pk}/deactivate/")},
        people.deactivate_person,
        lambda it: people.deactivate_person(User.objects.get(username="boss"), it),
        of_target(A.PERSON_DEACTIVATED, "colleague"),
    ),
    Case(
        A.PERSON_REACTIVATED,
        "former_colleague",
        {PAGE: page("/people/{it.pk}/reactivate/")},
        people.reactivate_person,
        lambda it: people.reactivate_person(User.objects.get(username="boss"), it),
        of_target(A.PERSON_REACTIVATED, "colleague"),
    ),
    Case(
        A.PERSON_SIGNED_OUT,
        "colleague",
        {PAGE: page("/people/{it.pk}/end-sessions/")},
        people.end_sessions,
        lambda it: people.end_sessions(it, it),
        of_target(A.PERSON_SIGNED_OUT, "colleague"),
    ),
    Case(
        A.PROFILE_CHANGED,
        "boss",
        {},
        profile.change_profile,
        lambda it: profile.change_profile(it, name="The Boss", email="", time_zone=""),
        of_target(A.PROFILE_CHANGED, "boss", "first name, last name"),
    ),
    Case(
        A.PROFILE_CHANGED,
        "boss",
        {},
        notices.change_notices,
        lambda it: notices.change_notices(it, ["expired", "finished"], only_own=False),
        of_target(A.PROFILE_CHANGED, "boss", "notices: finished, expired"),
    ),
    Case(
        A.SECOND_FACTOR_ON,
        "in_set_up",
        {},
        second_factor.turn_on,
        lambda it: second_factor.turn_on(it, code_of(it), keep=None),
        of_target(A.SECOND_FACTOR_ON, "boss"),
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
    Case(
        A.SECOND_FACTOR_RESET,
        "with_second_factor",
        {PAGE: page("/people/{it.pk}/reset-two-step/")},
        second_factor.reset,
        lambda it: second_factor.reset(User.objects.get(username="boss"), it),
        of_target(A.SECOND_FACTOR_RESET, "colleague"),
    ),
    Case(
        A.BRANDING_CHANGED,
        None,
        {PAGE: page("/branding/", company_name="Acme")},
        changes.change_brand,
        lambda it: changes.change_brand(changes.BrandInput("Acme")),
        of_target(A.BRANDING_CHANGED, "Acme", "company name"),
    ),
    Case(
        A.EMAIL_TEXT_CHANGED,
        None,
        {
            PAGE: lambda client, it: client.post(
                "/email-texts/test-withdrawn/en/",
                {"subject": "Sorry, {name}", "body": WITHDRAWN.body, "version": UNEDITED},
            )
        },
        email_texts.save_text,
        lambda it: email_texts.save_text(
            TEXT_KIND, "en", Text("Sorry, {name}", WITHDRAWN.body), based_on=UNEDITED
        ),
        of_target(
            A.EMAIL_TEXT_CHANGED,
            "test-withdrawn (en)",
            "- Withdrawn: your take-home test: {test} + Sorry, {name}",
        ),
    ),
    Case(
        A.EMAIL_TEXT_RESET,
        "edited_text",
        {
            PAGE: lambda client, it: client.post(
                "/email-texts/test-withdrawn/en/reset/", {"version": it.version}
            )
        },
        email_texts.reset_text,
        lambda it: email_texts.reset_text(TEXT_KIND, "en", based_on=it.version),
        of_target(
            A.EMAIL_TEXT_RESET,
            "test-withdrawn (en)",
            "- Sorry, {name} + Withdrawn: your take-home test: {test}",
        ),
    ),
    Case(
        A.TOKEN_CREATED,
        None,
        {
            PAGE: page("/tokens/create/", name="ats", role=VIEWER),
            ADMIN: lambda client, it: client.post(
                "/admin/dashboard/apitoken/add/", {"name": "ats", "role": VIEWER}
            ),
        },
        api_tokens.create,
        lambda it: api_tokens.create("ats", VIEWER, by="ada"),
        of_target(A.TOKEN_CREATED, "ats", VIEWER),
    ),
    Case(
        A.TOKEN_REVOKED,
        "token",
        {
            PAGE: page("/tokens/{it.pk}/revoke/"),
            ADMIN: admin("apitoken", "revoke", "pk"),
        },
        api_tokens.revoke,
        api_tokens.revoke,
        of_target(A.TOKEN_REVOKED, "ats"),
    ),
]
# What a face itself does: it shows something, signs somebody in, or is Django's own form.
NOT_ACTIONS = {
    *(A.SIGNED_IN, A.SIGN_IN_FAILED, A.JOINED, A.SAW_CREDENTIALS, A.ROLE_CHANGED),
    *(A.OPENED_SUBMISSION, A.OPENED_PROGRESS, A.PASSWORD_SET, A.RECOVERY_CODE_USED),
    *(A.USER_ADDED, A.USER_CHANGED, A.USER_DELETED),
    *(A.GROUP_ADDED, A.GROUP_CHANGED, A.GROUP_DELETED),
}
SHOWN = {
    *(A.COPIED_CREDENTIALS, A.DOWNLOADED_FILES, A.DOWNLOADED_LINKS),
    *(A.EXPORTED_AUDIT, A.EXPORTED_HISTORY, A.EXPORTED_COMPARISON),
}
