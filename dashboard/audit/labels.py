"""The audit log in words: each follows the name of the actor."""

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from operations.audit import AuditAction

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WORDS: dict[str, "_StrPromise"] = {
    AuditAction.SIGNED_IN: _("signed in"),
    AuditAction.SIGN_IN_FAILED: _("couldn't sign in"),
    AuditAction.JOINED: _("signed in for the first time, by single sign-on"),
    AuditAction.SAW_CREDENTIALS: _("saw the password"),
    AuditAction.COPIED_CREDENTIALS: _("copied the link or password"),
    AuditAction.INVITED: _("invited the candidate"),
    AuditAction.INVITED_MANY: _("invited candidates from a file"),
    AuditAction.DOWNLOADED_LINKS: _("downloaded the links of a bulk invite"),
    AuditAction.FILE_READ: _("uploaded a file for a bulk invite"),
    AuditAction.SCHEDULED: _("scheduled the interview"),
    AuditAction.STARTED: _("started the interview"),
    AuditAction.RETRIED: _("tried to start it again"),
    AuditAction.MOVED_UP: _("moved it to the front of the line"),
    AuditAction.EXTENDED: _("changed the time"),
    AuditAction.EDITED: _("edited the invitation"),
    AuditAction.RESCHEDULED: _("rescheduled the interview"),
    AuditAction.REOPENED: _("reopened it"),
    AuditAction.TIME_KEPT: _("kept its time after a time zone change"),
    AuditAction.ENDED: _("stopped it"),
    AuditAction.ENDED_WITHOUT_SAVING: _("stopped it without saving files"),
    AuditAction.REVOKED: _("withdrew or cancelled it"),
    AuditAction.DELETED: _("deleted it permanently"),
    AuditAction.EXPORTED_CANDIDATE: _("exported a candidate's data"),
    AuditAction.DELETED_CANDIDATE: _("deleted a candidate's data"),
    AuditAction.CANCELLED_OPERATION: _("stopped the start"),
    AuditAction.OPENED_SUBMISSION: _("opened the submission"),
    AuditAction.OPENED_PROGRESS: _("opened the progress"),
    AuditAction.DOWNLOADED_FILES: _("downloaded the files"),
    AuditAction.SENT_MAIL: _("sent an email"),
    AuditAction.REVIEW_SUBMITTED: _("submitted a review"),
    AuditAction.REVIEW_REOPENED: _("reopened their review"),
    AuditAction.REVIEWER_ASSIGNED: _("assigned a reviewer"),
    AuditAction.REVIEWER_UNASSIGNED: _("removed a reviewer"),
    AuditAction.REVIEW_SETTINGS_CHANGED: _("changed who reviews a challenge"),
    AuditAction.DECISION_MADE: _("decided on the candidate"),
    AuditAction.CHALLENGE_CREATED: _("created a challenge"),
    AuditAction.CHALLENGE_CHANGED: _("edited a challenge"),
    AuditAction.CHALLENGE_ARCHIVED: _("archived a challenge"),
    AuditAction.CHALLENGE_RESTORED: _("restored a challenge"),
    AuditAction.DRY_RUN: _("started a dry run"),
    AuditAction.WEBHOOK_CREATED: _("added a webhook"),
    AuditAction.WEBHOOK_CHANGED: _("edited a webhook"),
    AuditAction.WEBHOOK_DELETED: _("deleted a webhook"),
    AuditAction.WEBHOOK_SECRET_RENEWED: _("renewed a webhook's secret"),
    AuditAction.WEBHOOK_RESENT: _("retried a webhook message"),
    AuditAction.WEBHOOK_TESTED: _("sent a test event to a webhook"),
    AuditAction.WEBHOOK_SWITCHED_ON: _("turned a webhook on"),
    AuditAction.WEBHOOK_SWITCHED_OFF: _("turned a webhook off"),
    AuditAction.CHECKS_STARTED: _("ran the checks of"),
    AuditAction.CHECKS_STARTED_FOR_ALL: _("ran the checks on all submissions of"),
    AuditAction.CHECKS_TRIED: _("tried the checks of"),
    AuditAction.WORKSPACE_ENDED: _("shut down an orphaned workspace"),
    AuditAction.WORKSPACE_ENDED_UNSAVED: _("shut down an orphaned workspace without saving files"),
    AuditAction.WORKSPACE_KEPT: _("kept an orphaned workspace"),
    AuditAction.TOKEN_CREATED: _("created an API token"),
    AuditAction.TOKEN_REVOKED: _("revoked an API token"),
    AuditAction.BRANDING_CHANGED: _("changed the branding"),
    AuditAction.EMAIL_TEXT_CHANGED: _("edited an email text"),
    AuditAction.EMAIL_TEXT_RESET: _("went back to the standard email text"),
    AuditAction.PERSON_INVITED: _("invited a team member"),
    AuditAction.PERSON_LINK_MADE: _("created a password link"),
    AuditAction.PERSON_DEACTIVATED: _("deactivated an account"),
    AuditAction.PERSON_REACTIVATED: _("reactivated an account"),
    AuditAction.PERSON_SIGNED_OUT: _("ended all sessions of an account"),
    AuditAction.PROFILE_CHANGED: _("changed their profile"),
    AuditAction.PASSWORD_SET: _("set a new password"),
    AuditAction.SECOND_FACTOR_ON: _("turned on two-step sign-in"),
    AuditAction.SECOND_FACTOR_OFF: _("turned off two-step sign-in"),
    AuditAction.RECOVERY_CODES_RENEWED: _("created new recovery codes"),
    AuditAction.RECOVERY_CODE_USED: _("used a recovery code"),
    AuditAction.SECOND_FACTOR_RESET: _("reset the two-step sign-in of"),
    AuditAction.USER_ADDED: _("added a user"),
    AuditAction.USER_CHANGED: _("edited a user"),
    AuditAction.USER_DELETED: _("deleted a user"),
    AuditAction.ROLE_CHANGED: _("changed the role of"),
    AuditAction.GROUP_ADDED: _("added a role"),
    AuditAction.GROUP_CHANGED: _("edited a role"),
    AuditAction.GROUP_DELETED: _("deleted a role"),
    AuditAction.EXPORTED_AUDIT: _("exported the audit log"),
    AuditAction.EXPORTED_HISTORY: _("exported the history"),
    AuditAction.EXPORTED_COMPARISON: _("exported the comparison of a challenge"),
}


SOURCES = {"page": _("web"), "api": _("API"), "admin": _("admin"), "command": _("command line")}


def source_label(via: str) -> str:
    """The words for a Channel; for one of another version the code itself."""
    return str(SOURCES.get(via, via))


# Choices of the filter that stand for several codes.
CHOICES: dict[str, "_StrPromise"] = {
    # Whoever saw it or copied it knows it.
    f"{AuditAction.SAW_CREDENTIALS},{AuditAction.COPIED_CREDENTIALS}": _(
        "saw or copied a password or link"
    ),
}


def label(code: str) -> str:
    """The words for a code; for one of another version the code itself, with spaces."""
    words = WORDS.get(code)
    return str(words) if words is not None else code.replace("_", " ")


def label_in_files(code: str) -> str:
    """The same in English, whatever the language of the page: programs read files."""
    with translation.override("en"):
        return label(code)
