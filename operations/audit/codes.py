"""The codes of the audit trail."""

from enum import StrEnum


class AuditAction(StrEnum):
    """What an entry is about. The values are stored, and the API and the export show them.

    `dashboard.audit.labels` has a text for each.
    """

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    # A person signed in with single sign-on for the first time, and got an account.
    JOINED = "joined"

    SAW_CREDENTIALS = "saw_credentials"
    COPIED_CREDENTIALS = "copied_credentials"
    OPENED_SUBMISSION = "opened_submission"
    OPENED_PROGRESS = "opened_progress"
    DOWNLOADED_FILES = "downloaded_files"
    DOWNLOADED_LINKS = "downloaded_links"
    EXPORTED_AUDIT = "exported_audit"
    EXPORTED_HISTORY = "exported_history"
    # The candidates of a challenge side by side.
    EXPORTED_COMPARISON = "exported_comparison"

    INVITED = "invited"
    SCHEDULED = "scheduled"
    STARTED = "started"
    RETRIED = "retried"
    # To the front of the line for a workspace.
    MOVED_UP = "moved_up"
    EXTENDED = "extended"
    EDITED = "edited"
    RESCHEDULED = "rescheduled"
    REOPENED = "reopened"
    # The rules of its time zone changed, and it keeps its instant.
    TIME_KEPT = "time_kept"
    ENDED = "ended"
    ENDED_WITHOUT_SAVING = "ended_without_saving"
    REVOKED = "revoked"
    DELETED = "deleted"
    # All that is stored about a candidate, in one file or no more.
    EXPORTED_CANDIDATE = "exported_candidate"
    DELETED_CANDIDATE = "deleted_candidate"
    CANCELLED_OPERATION = "cancelled_operation"
    SENT_MAIL = "sent_mail"

    REVIEW_SUBMITTED = "review_submitted"
    REVIEW_REOPENED = "review_reopened"
    REVIEWER_ASSIGNED = "reviewer_assigned"
    REVIEWER_UNASSIGNED = "reviewer_unassigned"
    REVIEW_SETTINGS_CHANGED = "review_settings_changed"
    DECISION_MADE = "decision_made"

    CHECKS_STARTED = "checks_started"
    CHECKS_STARTED_FOR_ALL = "checks_started_for_all"
    # On the starting files and the reference solution of a challenge.
    CHECKS_TRIED = "checks_tried"

    FILE_READ = "file_read"
    INVITED_MANY = "invited_many"

    CHALLENGE_CREATED = "challenge_created"
    CHALLENGE_CHANGED = "challenge_changed"
    CHALLENGE_ARCHIVED = "challenge_archived"
    CHALLENGE_RESTORED = "challenge_restored"
    DRY_RUN = "dry_run"

    WEBHOOK_CREATED = "webhook_created"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_DELETED = "webhook_deleted"
    WEBHOOK_SECRET_RENEWED = "webhook_secret_renewed"  # noqa: S105 - a code, not a secret
    WEBHOOK_RESENT = "webhook_resent"
    WEBHOOK_TESTED = "webhook_tested"
    WEBHOOK_SWITCHED_ON = "webhook_switched_on"
    WEBHOOK_SWITCHED_OFF = "webhook_switched_off"

    WORKSPACE_ENDED = "workspace_ended"
    WORKSPACE_ENDED_UNSAVED = "workspace_ended_unsaved"
    WORKSPACE_KEPT = "workspace_kept"

    TOKEN_CREATED = "token_created"  # noqa: S105 - a code, not a secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a code, not a secret

    BRANDING_CHANGED = "branding_changed"
    EMAIL_TEXT_CHANGED = "email_text_changed"
    # The standard text is used again.
    EMAIL_TEXT_RESET = "email_text_reset"

    PERSON_INVITED = "person_invited"
    PERSON_LINK_MADE = "person_link_made"
    PERSON_DEACTIVATED = "person_deactivated"
    PERSON_REACTIVATED = "person_reactivated"
    PERSON_SIGNED_OUT = "person_signed_out"
    # People set or change their own.
    PROFILE_CHANGED = "profile_changed"
    PASSWORD_SET = "password_set"  # noqa: S105 - a code, not a secret
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECOVERY_CODE_USED = "recovery_code_used"
    # An administrator or a command turned it off for somebody.
    SECOND_FACTOR_RESET = "second_factor_reset"

    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_DELETED = "user_deleted"
    ROLE_CHANGED = "role_changed"
    GROUP_ADDED = "group_added"
    GROUP_CHANGED = "group_changed"
    GROUP_DELETED = "group_deleted"
