"""Webhooks, API tokens and workspaces that nobody needs."""

from typing import Any

from dashboard.auth import api_tokens
from dashboard.permissions.roles import VIEWER
from operations.reaper import actions as orphan_actions
from operations.webhooks import actions as webhook_actions
from operations.webhooks.schemas import WebhookInput
from tests.dashboard.audit.cases.case import (
    ADMIN,
    API,
    PAGE,
    A,
    Case,
    Entry,
    admin,
    api,
    of_target,
    on_webhook,
    page,
)

WEBHOOK: dict[str, Any] = {
    "name": "HR",
    "url": "https://hooks.example.com/in",
    "types": ["take-home"],
}

CASES = [
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
