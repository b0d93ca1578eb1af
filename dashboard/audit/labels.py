"""The audit trail in words: each follows the name of the actor."""

from operations.audit import AuditAction

WORDS: dict[str, str] = {
    AuditAction.SIGNED_IN: "signed in",
    AuditAction.SIGN_IN_FAILED: "failed to sign in",
    AuditAction.JOINED: "came in by single sign-on for the first time",
    AuditAction.SAW_CREDENTIALS: "was shown the password",
    AuditAction.COPIED_CREDENTIALS: "copied credentials",
    AuditAction.INVITED: "invited the candidate",
    AuditAction.INVITED_MANY: "invited many candidates",
    AuditAction.DOWNLOADED_LINKS: "downloaded the links of a file of candidates",
    AuditAction.FILE_READ: "read a file of candidates",
    AuditAction.SCHEDULED: "scheduled the interview",
    AuditAction.STARTED: "started it",
    AuditAction.RETRIED: "tried to start it again",
    AuditAction.EXTENDED: "changed the time",
    AuditAction.REOPENED: "opened it again",
    AuditAction.ENDED: "ended it",
    AuditAction.ENDED_WITHOUT_SAVING: "ended it without saving",
    AuditAction.REVOKED: "revoked or cancelled it",
    AuditAction.DELETED: "deleted it",
    AuditAction.CANCELLED_OPERATION: "stopped the start",
    AuditAction.DOWNLOADED_FILES: "downloaded the files",
    AuditAction.SENT_MAIL: "sent an e-mail",
    AuditAction.CHALLENGE_CREATED: "created a challenge",
    AuditAction.CHALLENGE_CHANGED: "changed a challenge",
    AuditAction.CHALLENGE_ARCHIVED: "archived a challenge",
    AuditAction.CHALLENGE_RESTORED: "restored a challenge",
    AuditAction.DRY_RUN: "opened a dry run",
    AuditAction.WEBHOOK_CREATED: "set up a webhook",
    AuditAction.WEBHOOK_CHANGED: "changed a webhook",
    AuditAction.WEBHOOK_DELETED: "deleted a webhook",
    AuditAction.WEBHOOK_SECRET_RENEWED: "renewed a webhook's secret",
    AuditAction.WEBHOOK_RESENT: "sent a webhook's message again",
    AuditAction.WEBHOOK_TESTED: "sent a test to a webhook",
    AuditAction.WEBHOOK_SWITCHED_ON: "switched a webhook on",
    AuditAction.WEBHOOK_SWITCHED_OFF: "switched a webhook off",
    AuditAction.WORKSPACE_ENDED: "ended a workspace that nobody needed",
    AuditAction.WORKSPACE_ENDED_UNSAVED: "ended a workspace without its files",
    AuditAction.WORKSPACE_KEPT: "kept a workspace that nobody needed",
    AuditAction.TOKEN_CREATED: "made an API token",
    AuditAction.TOKEN_REVOKED: "revoked an API token",
    AuditAction.USER_ADDED: "added a person",
    AuditAction.USER_CHANGED: "changed a person",
    AuditAction.USER_DELETED: "deleted a person",
    AuditAction.ROLE_CHANGED: "changed the role of",
    AuditAction.GROUP_ADDED: "made a role",
    AuditAction.GROUP_CHANGED: "changed a role",
    AuditAction.GROUP_DELETED: "deleted a role",
    AuditAction.EXPORTED_AUDIT: "exported the audit trail",
}


def label(code: str) -> str:
    """The words for a code; for one of another version the code itself, with spaces."""
    return WORDS.get(code) or code.replace("_", " ")
