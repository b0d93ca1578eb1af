"""The description and the tags of /api/openapi.json; `dashboard.api.auth.needs` adds the permission
of each endpoint."""

DESCRIPTION = """
Times are ISO 8601 in UTC. A list is `{items, next}`; `next` is the cursor of the next page, or
null. Every error is `{error: {code, message, field?}}`. Messages are in the language of
`Accept-Language`, or in the server's; codes never change. Unknown parameters are refused (422).

**Programs** use a token: `Authorization: Bearer thp_...`. Create one with
`manage.py create_api_token NAME --role Interviewer` on the server; it is printed once. The role
decides what the token may do, and each endpoint below names the permission that it needs. A
signed-in browser uses its session, and sends the `csrftoken` cookie as `X-CSRFToken` with every
change.

**To create something only once**, send an `Idempotency-Key` of your own. You can then safely repeat
a request that got no response.
"""

_TAGS = {
    "Candidates": "Used by the candidate's page, with the passcode instead of a token.",
    "Take-home tests": "Invite, list and withdraw.",
    "Interviews": "Tests and live interviews: read, stop, extend, reopen, download files.",
    "Submissions": "Files, differences and archives of what was handed in.",
    "Reviews": "Scorecards, reviewers and decisions.",
    "Checks": "Automated checks of submissions, and trials of them.",
    "Operations": "Starting and shutting down workspaces, step by step.",
    "Workspaces": "Workspaces that no longer belong to an interview.",
    "Challenges": "The challenge library, with versions and files.",
    "Bulk invites": "From CSV or a list, checked row by row.",
    "Emails": "Emails about an interview.",
    "Candidate data": "Show, export or delete everything that is stored about a candidate.",
    "Audit": "Who did what, when and from where.",
    "Webhooks": "Addresses that receive every change.",
}

TAGS = [{"name": name, "description": description} for name, description in _TAGS.items()]
