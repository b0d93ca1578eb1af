"""Who may open which URL, written by hand: the matrix test compares every URL pattern with this.

It repeats what `@require` and `@needs` say, on purpose: a permission that is changed by mistake, or
a URL that is added without a thought, fails until somebody states it here as well.
"""

from dashboard.permissions.roles import Permission

ANYONE, PASSCODE, NOBODY, SUPERUSER = "anyone", "a passcode", "nobody", "superuser"

# Method, URL pattern. Anyone may call these; what they answer is in `test_role_matrix.py`.
OPEN = """
GET  /login/
POST /login/
GET  /admin/login/
POST /admin/login/
GET  /login/code/
POST /login/code/
GET  /login/sso/
GET  /login/sso/finish/
POST /logout/
GET  /password/<uidb64>/<token>/
POST /password/<uidb64>/<token>/
GET  /accessibility/
GET  /brand/<str:name>
GET  /brand/color/<str:color>.css
"""

# The passcode in the URL, or in the body, is what gives access.
WITH_PASSCODE = """
GET  /take-home/<str:passcode>/
GET  /take-home/<str:passcode>/open
GET  /take-home/<str:passcode>/files
POST /take-home/<str:passcode>/start
POST /take-home/<str:passcode>/submit
POST /take-home/<str:passcode>/retry
POST /take-home/<str:passcode>/leave-line
POST /take-home/<str:passcode>/seen
POST /take-home/<str:passcode>/problem
POST /take-home/<str:passcode>/feedback
POST /take-home/<str:passcode>/practice
POST /take-home/<str:passcode>/practice/end
GET  /take-home/<str:passcode>/practice/open
GET  /interview/<str:passcode>/
GET  /interview/<str:passcode>/open
GET  /interview/<str:passcode>/files
POST /interview/<str:passcode>/seen
POST /interview/<str:passcode>/problem
POST /interview/<str:passcode>/feedback
POST /interview/<str:passcode>/practice
POST /interview/<str:passcode>/practice/end
GET  /interview/<str:passcode>/practice/open
GET  /api/interviews/by-passcode/<passcode>
POST /api/interviews/<interview_id>/activate
POST /api/interviews/<interview_id>/practice
POST /api/interviews/<interview_id>/practice/end
POST /api/interviews/<interview_id>/leave-line
"""

BY_PERMISSION = {
    Permission.VIEW: """
GET  /
GET  /ended/
GET  /find/
GET  /history/
GET  /history/history.csv
GET  /live/
GET  /challenges/
GET  /challenges/<str:challenge_id>/
GET  /challenges/<str:challenge_id>/file/
GET  /challenges/<str:challenge_id>/compare/
GET  /challenges/<str:challenge_id>/checks/<str:run_id>/
GET  /interviews/<str:interview_id>/checks/
GET  /api/interviews/<interview_id>/checks
GET  /api/interviews/<interview_id>/checks/<run_id>
GET  /api/challenges/<challenge_id>/checks/trials/<run_id>
GET  /api/challenges/<challenge_id>/versions/<number>/checks
GET  /challenges/<str:challenge_id>/compare/comparison.csv
GET  /profile/
POST /profile/
POST /profile/notices/
POST /profile/password/
POST /profile/end-sessions/
GET  /profile/two-step/
POST /profile/two-step/
GET  /profile/two-step/set-up/
POST /profile/two-step/set-up/
POST /profile/two-step/codes/
POST /profile/two-step/off/
GET  /start-times/
GET  /start-times/paused/
GET  /workspaces/
GET  /interviews/<str:interview_id>/row/
GET  /interviews/<str:interview_id>/submission/
GET  /interviews/<str:interview_id>/submission/file/
GET  /interviews/<str:interview_id>/submission/difference/
GET  /interviews/<str:interview_id>/submission/raw/
GET  /interviews/<str:interview_id>/submission/download/
GET  /interviews/<str:interview_id>/submission/files.zip
GET  /interviews/<str:interview_id>/progress/
GET  /interviews/<str:interview_id>/progress/file/
GET  /interviews/<str:interview_id>/progress/difference/
GET  /interviews/<str:interview_id>/progress/raw/
GET  /interviews/<str:interview_id>/progress/download/
GET  /interviews/<str:interview_id>/logs/
GET  /interviews/<str:interview_id>/notice/
GET  /interviews/<str:interview_id>/
GET  /operations/<str:operation_id>/lines/
GET  /api/docs
GET  /api/openapi.json
GET  /api/takehome
GET  /api/interviews
GET  /api/interviews/<interview_id>
GET  /api/interviews/<interview_id>/files
GET  /api/interviews/<interview_id>/submission
GET  /api/interviews/<interview_id>/submission/file
GET  /api/interviews/<interview_id>/submission/difference
GET  /api/interviews/<interview_id>/submission/archive
GET  /api/interviews/<interview_id>/progress
GET  /api/interviews/<interview_id>/messages
GET  /api/operations
GET  /api/operations/<operation_id>
GET  /api/operations/<operation_id>/logs
GET  /api/start-times
GET  /api/challenges
GET  /api/challenges/<challenge_id>
GET  /api/challenges/<challenge_id>/comparison
GET  /api/challenges/<challenge_id>/versions
GET  /api/challenges/<challenge_id>/versions/<number>
GET  /api/workspaces/line
GET  /api/workspaces/unneeded
""",
    Permission.SEE_CREDENTIALS: """
GET  /interviews/<str:interview_id>/open/
POST /interviews/<str:interview_id>/secret/
POST /interviews/<str:interview_id>/copied/
""",
    Permission.INVITE: """
POST /live/create/
GET  /live/create/form/
POST /interviews/invite/
GET  /interviews/invite/form/
POST /interviews/selected/remind/
GET  /interviews/<str:interview_id>/remind/
POST /interviews/<str:interview_id>/mail/
GET  /invitations/
POST /invitations/
GET  /invitations/template.csv
GET  /invitations/<int:batch_id>/
POST /invitations/<int:batch_id>/invite/
GET  /invitations/<int:batch_id>/result.csv
POST /api/takehome
POST /api/interviews
POST /api/interviews/<interview_id>/messages
GET  /api/invitations/batch
POST /api/invitations/batch
GET  /api/invitations/batch/<batch_id>
POST /api/invitations/batch/<batch_id>/invite
""",
    Permission.MANAGE: """
GET  /interviews/<str:interview_id>/revoke/
POST /interviews/<str:interview_id>/revoke/
GET  /interviews/<str:interview_id>/end/
POST /interviews/<str:interview_id>/end/
GET  /interviews/<str:interview_id>/end-without-saving/
POST /interviews/<str:interview_id>/end-without-saving/
GET  /interviews/<str:interview_id>/retry/
POST /interviews/<str:interview_id>/retry/
GET  /interviews/<str:interview_id>/move-up/
POST /interviews/<str:interview_id>/move-up/
GET  /interviews/<str:interview_id>/extend/
POST /interviews/<str:interview_id>/extend/
GET  /interviews/<str:interview_id>/edit/
POST /interviews/<str:interview_id>/edit/
GET  /interviews/<str:interview_id>/reschedule/
POST /interviews/<str:interview_id>/reschedule/
GET  /interviews/<str:interview_id>/reopen/
POST /interviews/<str:interview_id>/reopen/
POST /interviews/<str:interview_id>/zone/
POST /interviews/selected/deadline/
POST /interviews/selected/withdraw/
POST /api/takehome/<passcode>/revoke
POST /api/interviews/<interview_id>/destroy
POST /api/interviews/<interview_id>/retry
POST /api/interviews/<interview_id>/move-up
POST /api/interviews/<interview_id>/cancel
POST /api/interviews/<interview_id>/extend
POST /api/interviews/<interview_id>/reopen
PATCH /api/interviews/<interview_id>
POST /api/interviews/<interview_id>/reschedule
POST /api/operations/<operation_id>/cancel
""",
    Permission.DELETE: """
GET  /interviews/<str:interview_id>/delete/
POST /interviews/<str:interview_id>/delete/
DELETE /api/interviews/<interview_id>
GET  /candidate-data/
POST /candidate-data/
POST /candidate-data/export/
POST /candidate-data/delete/
POST /api/candidate-data
POST /api/candidate-data/export
POST /api/candidate-data/delete
""",
    Permission.REVIEW: """
GET  /reviews/
GET  /api/reviews
GET  /interviews/<str:interview_id>/review/
POST /interviews/<str:interview_id>/checks/run/
POST /api/interviews/<interview_id>/checks
POST /interviews/<str:interview_id>/review/save/
POST /interviews/<str:interview_id>/review/draft/
POST /interviews/<str:interview_id>/review/comment/
POST /interviews/<str:interview_id>/review/reopen/
GET  /api/interviews/<interview_id>/reviews
PUT  /api/interviews/<interview_id>/reviews/mine
POST /api/interviews/<interview_id>/reviews/mine/submit
POST /api/interviews/<interview_id>/reviews/mine/reopen
""",
    Permission.DECIDE: """
POST /interviews/<str:interview_id>/decision/
POST /interviews/<str:interview_id>/reviewers/
POST /interviews/<str:interview_id>/reviewers/<int:review_id>/remove/
GET  /challenges/<str:challenge_id>/reviewers/
POST /challenges/<str:challenge_id>/reviewers/
GET  /api/challenges/<challenge_id>/reviewers
PUT  /api/challenges/<challenge_id>/reviewers
POST /api/interviews/<interview_id>/reviewers
DELETE /api/interviews/<interview_id>/reviewers/<reviewer>
POST /api/interviews/<interview_id>/decision
""",
    Permission.EDIT_CHALLENGES: """
GET  /challenges/<str:challenge_id>/edit/
POST /challenges/<str:challenge_id>/edit/
POST /challenges/<str:challenge_id>/archive/
POST /challenges/<str:challenge_id>/checks/try/
POST /challenges/<str:challenge_id>/checks/run-all/
POST /api/challenges/<challenge_id>/checks/run-all
POST /api/challenges/<challenge_id>/versions/<number>/checks/trial
POST /challenges/<str:challenge_id>/restore/
POST /challenges/<str:challenge_id>/dry-run/
GET  /new-challenge/
POST /new-challenge/
GET  /new-challenge/text/
POST /new-challenge/names/
POST /api/challenges
POST /api/challenges/<challenge_id>/versions
PUT  /api/challenges/<challenge_id>/criteria
POST /api/challenges/<challenge_id>/archive
POST /api/challenges/<challenge_id>/restore
POST /api/challenges/<challenge_id>/dry-run
""",
    Permission.EDIT_EMAIL_TEXTS: """
GET  /email-texts/
GET  /email-texts/<str:key>/<str:language>/
POST /email-texts/<str:key>/<str:language>/
POST /email-texts/<str:key>/<str:language>/preview/
POST /email-texts/<str:key>/<str:language>/reset/
""",
    Permission.SEE_AUDIT: """
GET  /audit/
GET  /audit/audit.csv
GET  /api/audit
""",
    Permission.ADMINISTER: """
GET  /workspaces/<int:orphan_id>/end/
POST /workspaces/<int:orphan_id>/end/
POST /workspaces/<int:orphan_id>/keep/
GET  /webhooks/
GET  /webhooks/new/
POST /webhooks/new/
GET  /webhooks/<int:webhook_id>/
GET  /webhooks/<int:webhook_id>/change/
POST /webhooks/<int:webhook_id>/change/
POST /webhooks/<int:webhook_id>/test/
POST /webhooks/<int:webhook_id>/on/
POST /webhooks/<int:webhook_id>/off/
POST /webhooks/<int:webhook_id>/secret/
POST /webhooks/<int:webhook_id>/delete/
POST /webhooks/<int:webhook_id>/resend/
POST /webhooks/<int:webhook_id>/resend/<uuid:delivery_id>/
GET  /people/
POST /people/invite/
GET  /people/<int:user_id>/
POST /people/<int:user_id>/role/
POST /people/<int:user_id>/link/
POST /people/<int:user_id>/end-sessions/
POST /people/<int:user_id>/reset-two-step/
POST /people/<int:user_id>/deactivate/
POST /people/<int:user_id>/reactivate/
GET  /branding/
POST /branding/
POST /branding/preview/
GET  /tokens/
POST /tokens/create/
GET  /tokens/<int:token_id>/revoke/
POST /tokens/<int:token_id>/revoke/
POST /api/workspaces/unneeded/<orphan_id>/end
POST /api/workspaces/unneeded/<orphan_id>/keep
GET  /api/webhooks
POST /api/webhooks
GET  /api/webhooks/<webhook_id>
PUT  /api/webhooks/<webhook_id>
DELETE /api/webhooks/<webhook_id>
POST /api/webhooks/<webhook_id>/enable
POST /api/webhooks/<webhook_id>/disable
POST /api/webhooks/<webhook_id>/secret
POST /api/webhooks/<webhook_id>/test
GET  /api/webhooks/<webhook_id>/deliveries
POST /api/webhooks/<webhook_id>/deliveries/<delivery_id>/resend
POST /api/webhooks/<webhook_id>/resend
""",
}

# The admin's own pages. The last one finds nothing, and no list has a field with autocompletion.
ADMIN_PAGES = """
GET  /admin/
POST /admin/
POST /admin/logout/
GET  /admin/password_change/
POST /admin/password_change/
GET  /admin/password_change/done/
GET  /admin/jsi18n/
GET  /admin/^(?P<app_label>dashboard|operations|auth)/$
POST /admin/^(?P<app_label>dashboard|operations|auth)/$
GET  /admin/(?P<url>.*)$
POST /admin/(?P<url>.*)$
"""
FOR_NOBODY = """
GET  /admin/autocomplete/
"""
VIEW, INVITE = Permission.VIEW, Permission.INVITE
ADMINISTER, AUDIT = Permission.ADMINISTER, Permission.SEE_AUDIT
# Each model of the admin: who sees its records, and who adds, changes and deletes them by a form.
# Actions of the lists ask for the permission of the action (`tests/dashboard/admin`).
ADMIN_MODELS = {
    "dashboard/apitoken": (ADMINISTER, ADMINISTER, NOBODY, NOBODY),
    "dashboard/auditentry": (AUDIT, NOBODY, NOBODY, NOBODY),
    "dashboard/challengerecord": (VIEW, NOBODY, NOBODY, NOBODY),
    "dashboard/interviewrecord": (VIEW, NOBODY, NOBODY, NOBODY),
    "dashboard/operationrecord": (VIEW, NOBODY, NOBODY, NOBODY),
    "operations/message": (VIEW, NOBODY, NOBODY, NOBODY),
    "operations/batch": (INVITE, NOBODY, NOBODY, NOBODY),
    "operations/batchrow": (INVITE, NOBODY, NOBODY, NOBODY),
    "operations/webhook": (ADMINISTER, NOBODY, NOBODY, NOBODY),
    "operations/delivery": (ADMINISTER, NOBODY, NOBODY, NOBODY),
    "auth/user": (ADMINISTER, ADMINISTER, ADMINISTER, SUPERUSER),
    "auth/group": (ADMINISTER, ADMINISTER, ADMINISTER, ADMINISTER),
}

# What each caller may do. A role, as a person and as a token, is a column of docs/permissions.md.
NOTHING: frozenset[Permission] = frozenset()
OF_AN_INTERVIEWER = frozenset(
    {
        Permission.VIEW,
        Permission.SEE_CREDENTIALS,
        Permission.INVITE,
        Permission.MANAGE,
        Permission.REVIEW,
        Permission.DECIDE,
        Permission.EDIT_CHALLENGES,
    }
)
OF_A_REVIEWER = frozenset({Permission.VIEW, Permission.REVIEW})
CALLERS = {
    "anonymous": NOTHING,
    "candidate": NOTHING,
    "outsider": NOTHING,
    "staff without a role": NOTHING,
    "Viewer": frozenset({Permission.VIEW}),
    "Reviewer": OF_A_REVIEWER,
    "Interviewer": OF_AN_INTERVIEWER,
    "Administrator": frozenset(Permission),
    "superuser": frozenset(Permission),
    "token of Viewer": frozenset({Permission.VIEW}),
    "token of Reviewer": OF_A_REVIEWER,
    "token of Interviewer": OF_AN_INTERVIEWER,
    "token of Administrator": frozenset(Permission),
    "revoked token": NOTHING,
}
