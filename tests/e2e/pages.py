"""The pages of the dashboard that every installation has."""

# By the name of its picture: the path.
STAFF_PAGES = {
    "take-homes": "/",
    "take-homes-ended": "/ended/",
    "live": "/live/",
    "history": "/history/",
    "challenges": "/challenges/",
    "challenge": "/challenges/settlement-check/",
    "challenge-edit": "/challenges/settlement-check/edit/",
    "challenge-new": "/new-challenge/",
    "bulk-invite": "/invitations/",
    "webhooks": "/webhooks/",
    "webhook-new": "/webhooks/new/",
    "tokens": "/tokens/",
    "audit": "/audit/",
    "start-times": "/start-times/",
    "workspaces": "/workspaces/",
    "api-docs": "/api/docs",
    "candidate-data": "/candidate-data/",
    "not-found": "/no-such-page/",
    "admin": "/admin/",
    "admin-interviews": "/admin/dashboard/interviewrecord/",
    "admin-audit": "/admin/dashboard/auditentry/",
}
