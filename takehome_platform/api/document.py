"""The description and the tags of /api/openapi.json; `dashboard.api.auth.needs` adds the permission
of each endpoint."""

DESCRIPTION = """
Times are ISO 8601 in UTC. A list is `{items, next}`; `next` is the cursor of the next page, or
null. Every error is `{error: {code, message, field?}}`. A parameter that an endpoint does not know
is refused (422).

**A token** is what a machine calls with: `Authorization: Bearer thp_...`. Whoever has a shell on
the server makes one with `manage.py create_api_token NAME --role Interviewer`, which prints it
once. Its role says what it may do; each endpoint says below what it needs. A browser that is signed
in calls with its session, and sends the `csrftoken` cookie as `X-CSRFToken` with every change.

**To create something once**, send an `Idempotency-Key` of your own: a request that got no answer
can then be sent again.
"""

_TAGS = {
    "Candidates": "What a candidate's page calls, with the passcode in place of a token.",
    "Take-home tests": "Invite, list and withdraw.",
    "Interviews": "Tests and live interviews: look, end, give more time, get the files.",
    "Operations": "The work on workspaces: provisioning and teardown, step by step.",
    "Workspaces": "What the engines run and no interview needs any more.",
    "Challenges": "The library: challenges, their versions and files.",
    "Many invitations": "From a CSV or a list, checked row by row.",
    "E-mails": "What was sent to a candidate.",
    "Candidate data": "Everything that is stored about a candidate: export it, or delete it.",
    "Audit": "Who did what to which interview, when, and from where.",
    "Webhooks": "Addresses that are told of every change.",
}

TAGS = [{"name": name, "description": description} for name, description in _TAGS.items()]
