"""Functions of the action modules that write no entry."""

from dashboard.auth import api_tokens
from dashboard.people import actions as people
from dashboard.people import profile
from dashboard.second_factor import actions as second_factor
from operations import actions, retention
from operations.bulk_import import service
from operations.checks import actions as check_actions
from operations.mail import outbox, resend
from operations.mail.texts import changes as email_texts
from operations.reviews import decisions, reviewers, scorecards

# Public functions of the action modules that are not for staff, or change nothing.
WITHOUT_ENTRY = {
    actions.candidate_may_retry,
    people.read_email,
    people.read_name,
    people.split_name,
    profile.has_fixed_email,
    profile.read_time_zone,
    profile.time_zone_of,
    actions.end_practice,
    actions.expire,
    actions.give_feedback,
    actions.leave_line,
    actions.may_give_feedback,
    actions.may_leave_line,
    actions.mark_time_changes_seen,
    actions.report_problem,
    actions.reports_of,
    actions.start_practice,
    actions.start_scheduled,
    actions.submit,
    api_tokens.actor_of_token,
    api_tokens.digest,
    email_texts.read_body,
    email_texts.read_subject,
    email_texts.version_of,
    outbox.require_mail_enabled,
    outbox.queue_announcement,
    outbox.notify,
    outbox.notify_administrators,
    outbox.create_message,
    outbox.draft_message,
    outbox.store_message,
    resend.draft_resend,
    resend.draft_reminder,
    resend.resend_address,
    resend.redirect_waiting,
    outbox.remind_at_of,
    outbox.invitations_of,
    outbox.messages_of,
    outbox.messages_to,
    outbox.undelivered_interview_ids,
    outbox.reason_not_to_send,
    outbox.time_zone_of,
    outbox.delete_messages_of,
    outbox.delete_old_messages,
    # The sign-in, which has the address, and a command.
    second_factor.use_code,
    second_factor.reset_by,
    second_factor.wrong_code,
    retention.delete_archive_copies,
    retention.delete_expired,
    retention.delete_left_practices,
    retention.keep_longer,
    retention.operations_of,
    service.erase_interview,
    service.erase_rows,
    service.count_rows,
    service.first_row,
    service.rows_of,
    service.rows_with_address,
    service.delete_old_batches,
    # A draft is nobody's business before it is submitted.
    scorecards.save_draft,
    scorecards.add_comment,
    scorecards.review_of,
    scorecards.missing_fields,
    decisions.latest_decision,
    decisions.latest_decisions,
    decisions.decision_history,
    reviewers.eligible_reviewers,
    reviewers.settings_of,
    reviewers.note_end,
    check_actions.checks_version,
    check_actions.queue_after_end,
    check_actions.submissions_of,
}
