"""URLs of the dashboard. All but sign-in and sign-out are for staff."""

from django.urls import include, path

from dashboard.auth import login, oidc, passwords, second_step
from dashboard.views import (
    api_tokens,
    audit_log,
    branding,
    bulk_invitations,
    candidate_data,
    challenge_editor,
    challenges,
    command_menu,
    email_texts,
    people,
    profile,
    start_times,
    two_step,
    webhooks,
    workspaces,
)
from dashboard.views.interviews import (
    actions,
    history,
    interview,
    lists,
    live_interviews,
    notice,
    operation_logs,
    plans,
    secret,
    selection,
    take_homes,
    time,
    zone_change,
)
from dashboard.views.interviews.emails import emails
from dashboard.views.progress import pages as progress
from dashboard.views.reviews import comments, comparison, decision, reviewers, scorecard
from dashboard.views.submissions import checks
from dashboard.views.submissions import content as submission_content
from dashboard.views.submissions import pages as submissions

REVIEWS = [
    path("review/", scorecard.reviews, name="reviews"),
    path("review/save/", scorecard.save, name="review-save"),
    path("review/draft/", scorecard.save_draft, name="review-draft"),
    path("review/comment/", comments.add, name="review-comment"),
    path("review/reopen/", scorecard.reopen, name="review-reopen"),
    path("decision/", decision.decide, name="decide"),
    path("reviewers/", reviewers.assign, name="reviewer-assign"),
    path("reviewers/<int:review_id>/remove/", reviewers.unassign, name="reviewer-remove"),
]

CHALLENGES = [
    path("challenges/", challenges.library, name="challenges"),
    path("challenges/<str:challenge_id>/", challenges.challenge, name="challenge"),
    path("challenges/<str:challenge_id>/edit/", challenge_editor.edit, name="challenge-edit"),
    path("challenges/<str:challenge_id>/file/", challenges.file, name="challenge-file"),
    path("challenges/<str:challenge_id>/archive/", challenges.archive, name="archive"),
    path("challenges/<str:challenge_id>/restore/", challenges.restore, name="restore"),
    path("challenges/<str:challenge_id>/dry-run/", challenges.dry_run, name="dry-run"),
    path(
        "challenges/<str:challenge_id>/reviewers/",
        reviewers.challenge_reviewers,
        name="challenge-reviewers",
    ),
    path("challenges/<str:challenge_id>/checks/try/", checks.start_trial, name="checks-try"),
    path("challenges/<str:challenge_id>/checks/run-all/", checks.run_all, name="checks-run-all"),
    path("challenges/<str:challenge_id>/checks/<str:run_id>/", checks.trial, name="checks-trial"),
    path("challenges/<str:challenge_id>/compare/", comparison.comparison, name="comparison"),
    path(
        "challenges/<str:challenge_id>/compare/comparison.csv",
        comparison.comparison_file,
        name="comparison-file",
    ),
    path("new-challenge/", challenge_editor.create, name="challenge-create"),
    path("new-challenge/text/", challenge_editor.text, name="challenge-text"),
    path("new-challenge/names/", challenge_editor.names, name="challenge-names"),
]

BULK_INVITATIONS = [
    path("", bulk_invitations.invitations, name="batches"),
    path("template.csv", bulk_invitations.template, name="batch-template"),
    path("<int:batch_id>/", bulk_invitations.batch, name="batch"),
    path("<int:batch_id>/invite/", bulk_invitations.invite, name="batch-invite"),
    path("<int:batch_id>/result.csv", bulk_invitations.result, name="batch-result"),
]

WEBHOOKS = [
    path("", webhooks.webhooks, name="webhooks"),
    path("new/", webhooks.create, name="webhook-create"),
    path("<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("<int:webhook_id>/change/", webhooks.change, name="webhook-change"),
    path("<int:webhook_id>/test/", webhooks.test, name="webhook-test"),
    path("<int:webhook_id>/on/", webhooks.switch_on, name="webhook-on"),
    path("<int:webhook_id>/off/", webhooks.switch_off, name="webhook-off"),
    path("<int:webhook_id>/secret/", webhooks.roll_secret, name="webhook-secret"),
    path("<int:webhook_id>/delete/", webhooks.delete, name="webhook-delete"),
    path("<int:webhook_id>/resend/", webhooks.resend_given_up, name="webhook-resend-given-up"),
    path("<int:webhook_id>/resend/<uuid:delivery_id>/", webhooks.resend, name="webhook-resend"),
]

EMAIL_TEXTS = [
    path("", email_texts.email_texts, name="email-texts"),
    path("<str:key>/<str:language>/", email_texts.email_text, name="email-text"),
    path("<str:key>/<str:language>/preview/", email_texts.preview, name="email-text-preview"),
    path("<str:key>/<str:language>/reset/", email_texts.reset, name="email-text-reset"),
]

PEOPLE = [
    path("", people.people, name="people"),
    path("invite/", people.invite, name="person-invite"),
    path("<int:user_id>/", people.person, name="person"),
    path("<int:user_id>/role/", people.change_role, name="person-role"),
    path("<int:user_id>/link/", people.new_link, name="person-link"),
    path("<int:user_id>/end-sessions/", people.end_sessions, name="person-end-sessions"),
    path("<int:user_id>/reset-two-step/", people.reset_two_step, name="person-reset-two-step"),
    path("<int:user_id>/deactivate/", people.deactivate, name="person-deactivate"),
    path("<int:user_id>/reactivate/", people.reactivate, name="person-reactivate"),
]

SUBMISSION = [
    path("", submissions.submission, name="submission"),
    path("file/", submissions.file, name="submission-file"),
    path("difference/", submissions.difference, name="submission-difference"),
    path("raw/", submission_content.raw, name="submission-raw"),
    path("download/", submission_content.download, name="submission-download"),
    path("files.zip", submission_content.zip_file, name="submission-zip"),
]

PROGRESS = [
    path("", progress.progress, name="progress"),
    path("file/", progress.file, name="progress-file"),
    path("difference/", progress.difference, name="progress-difference"),
    path("raw/", progress.raw, name="progress-raw"),
    path("download/", progress.download, name="progress-download"),
]

app_name = "dashboard"
urlpatterns = [
    path("", take_homes.take_homes, name="take-homes"),
    path("ended/", take_homes.take_homes_ended, name="take-homes-ended"),
    path("reviews/", reviewers.to_review, name="to-review"),
    path("find/", command_menu.find, name="find"),
    path("history/", history.history, name="history"),
    path("history/history.csv", history.history_file, name="history-file"),
    path("live/", live_interviews.live, name="live"),
    path("live/create/", live_interviews.create, name="live-create"),
    path("live/create/form/", live_interviews.form, name="live-form"),
    path("login/", login.sign_in, name="login"),
    path("login/code/", second_step.enter_code, name="login-code"),
    path("login/sso/", oidc.begin, name="sso"),
    path("login/sso/finish/", oidc.finish, name="sso-finish"),
    path("logout/", login.sign_out, name="logout"),
    path(
        "password/<uidb64>/<token>/",
        passwords.SetPasswordView.as_view(),
        name="set-password",
    ),
    path("people/", include(PEOPLE)),
    path("profile/", profile.profile, name="profile"),
    path("profile/notices/", profile.notices, name="profile-notices"),
    path("profile/password/", profile.change_password, name="profile-password"),
    path("profile/end-sessions/", profile.end_other_sessions, name="profile-end-sessions"),
    path("profile/two-step/", two_step.two_step, name="two-step"),
    path("profile/two-step/set-up/", two_step.set_up, name="two-step-set-up"),
    path("profile/two-step/codes/", two_step.renew_codes, name="two-step-codes"),
    path("profile/two-step/off/", two_step.turn_off, name="two-step-off"),
    *CHALLENGES,
    path("start-times/", start_times.start_times, name="start-times"),
    path("start-times/paused/", start_times.paused, name="paused-starts"),
    path("workspaces/", workspaces.workspaces, name="workspaces"),
    path("workspaces/<int:orphan_id>/end/", workspaces.end, name="workspace-end"),
    path("workspaces/<int:orphan_id>/keep/", workspaces.keep, name="workspace-keep"),
    path("candidate-data/", candidate_data.candidate_data, name="candidate-data"),
    path("candidate-data/export/", candidate_data.export_data, name="candidate-data-export"),
    path("candidate-data/delete/", candidate_data.delete_data, name="candidate-data-delete"),
    path("branding/", branding.branding, name="branding"),
    path("branding/preview/", branding.preview, name="branding-preview"),
    path("email-texts/", include(EMAIL_TEXTS)),
    path("webhooks/", include(WEBHOOKS)),
    path("audit/", audit_log.audit_trail, name="audit"),
    path("audit/audit.csv", audit_log.audit_file, name="audit-file"),
    path("tokens/", api_tokens.token_list, name="tokens"),
    path("tokens/create/", api_tokens.create, name="token-create"),
    path("tokens/<int:token_id>/revoke/", api_tokens.revoke, name="token-revoke"),
    path("invitations/", include(BULK_INVITATIONS)),
    path("interviews/invite/", take_homes.invite, name="invite"),
    path("interviews/invite/form/", take_homes.invite_form, name="invite-form"),
    path("interviews/selected/remind/", selection.remind, name="selected-remind"),
    path("interviews/selected/deadline/", selection.deadline, name="selected-deadline"),
    path("interviews/selected/withdraw/", selection.withdraw, name="selected-withdraw"),
    path("interviews/<str:interview_id>/row/", lists.row, name="row"),
    path("interviews/<str:interview_id>/remind/", selection.remind_one, name="remind"),
    path("interviews/<str:interview_id>/revoke/", actions.revoke, name="revoke"),
    path("interviews/<str:interview_id>/end/", actions.end, name="end"),
    path(
        "interviews/<str:interview_id>/end-without-saving/",
        actions.end_without_saving,
        name="end-without-saving",
    ),
    path("interviews/<str:interview_id>/retry/", actions.retry, name="retry"),
    path("interviews/<str:interview_id>/move-up/", actions.move_up, name="move-up"),
    path("interviews/<str:interview_id>/delete/", history.delete, name="delete"),
    path("interviews/<str:interview_id>/open/", interview.open_workspace, name="open-workspace"),
    path("interviews/<str:interview_id>/secret/", secret.secret, name="secret"),
    path("interviews/<str:interview_id>/copied/", audit_log.copied, name="copied"),
    path("interviews/<str:interview_id>/logs/", operation_logs.logs, name="logs"),
    path("interviews/<str:interview_id>/notice/", notice.notice, name="notice"),
    path("interviews/<str:interview_id>/mail/", emails.send, name="send-mail"),
    path("interviews/<str:interview_id>/extend/", time.extend, name="extend"),
    path("interviews/<str:interview_id>/edit/", plans.edit, name="edit"),
    path("interviews/<str:interview_id>/reschedule/", plans.reschedule, name="reschedule"),
    path("interviews/<str:interview_id>/reopen/", time.reopen, name="reopen"),
    path("interviews/<str:interview_id>/zone/", zone_change.decide, name="zone-change"),
    path("interviews/<str:interview_id>/submission/", include(SUBMISSION)),
    path("interviews/<str:interview_id>/checks/", checks.checks, name="checks"),
    path("interviews/<str:interview_id>/checks/run/", checks.run, name="checks-run"),
    path("interviews/<str:interview_id>/progress/", include(PROGRESS)),
    path("interviews/<str:interview_id>/", include(REVIEWS)),
    path("interviews/<str:interview_id>/", interview.interview, name="interview"),
    path("operations/<str:operation_id>/lines/", operation_logs.lines, name="lines"),
]
