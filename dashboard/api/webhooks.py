"""/api/webhooks, through the same actions as the pages of webhooks."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import delivery_or_404, webhook_or_404
from interviews.schemas.fields import CAMEL_ANSWER
from operations.webhooks import actions, delivery_log
from operations.webhooks.models import DeliveryStatus, Webhook
from operations.webhooks.schemas import WebhookInput

router = Router(by_alias=True, tags=["Webhooks"])


class WebhookIn(WebhookInput):
    """A webhook. Fields that you leave out get their defaults."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {"name": "ATS", "url": "https://ats.example.com/takehome", "types": ["take-home"]}
            ]
        },
    )


class WebhookOut(Schema):
    """A webhook. Its secret is shown once, in the response that created it."""

    model_config = CAMEL_ANSWER

    id: int
    name: str
    url: str
    types: list[str]
    statuses: list[str] = Field(description="Empty for all statuses")
    sends_name: bool
    sends_edits: bool
    sends_reviews: bool
    created_by: str
    created_at: datetime
    is_active: bool
    failing_since: datetime | None = Field(description="Since when nothing was delivered")
    failures: int = Field(description="Failed attempts since the last success")
    disabled_at: datetime | None
    disabled_because: str


class WebhookPage(Schema):
    items: list[WebhookOut]
    next: str | None


class WebhookCreated(Schema):
    """`secret` isn't shown again."""

    webhook: WebhookOut
    secret: str


class SecretOut(Schema):
    secret: str


class DeliveryOut(Schema):
    """A message and its delivery."""

    model_config = CAMEL_ANSWER

    id: UUID
    event: str
    interview_id: str | None
    state: DeliveryStatus = Field(description="`failed`: retried at `nextAt`")
    attempts: int
    next_at: datetime | None
    status_code: int | None
    error: str
    duration_ms: int | None
    created_at: datetime
    delivered_at: datetime | None
    body: str


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    next: str | None


class Resent(Schema):
    count: int = Field(description="The number of messages to send again")


@router.get("/webhooks", response={200: WebhookPage, **REFUSED})
@needs(Permission.ADMINISTER)
def webhooks(request: HttpRequest) -> dict[str, object]:
    """All webhooks, by name."""
    return {"items": list(Webhook.objects.all()), "next": None}


@router.post("/webhooks", response={201: WebhookCreated, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def create(request: HttpRequest, wanted: WebhookIn) -> Status[Any]:
    """Create a webhook. It receives every change from now on."""
    webhook = actions.create(wanted, by=username(request))
    return Status(201, {"webhook": webhook, "secret": webhook.secret})


@router.get("/webhooks/{webhook_id}", response={200: WebhookOut, **REFUSED})
@needs(Permission.ADMINISTER)
def webhook(request: HttpRequest, webhook_id: int) -> Webhook:
    """One webhook."""
    return webhook_or_404(webhook_id)


@router.put("/webhooks/{webhook_id}", response={200: WebhookOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def change(request: HttpRequest, webhook_id: int, wanted: WebhookIn) -> Webhook:
    """Replace a webhook's settings. Its secret stays."""
    return _did(request, webhook_id, partial(actions.change, data=wanted))


@router.delete("/webhooks/{webhook_id}", response={204: None, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def delete(request: HttpRequest, webhook_id: int) -> Status[Any]:
    """Delete a webhook with its log and queued messages."""
    webhook = webhook_or_404(webhook_id)
    actions.delete(webhook, by=username(request))
    return Status(204, None)


@router.post("/webhooks/{webhook_id}/enable", response={200: WebhookOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def enable(request: HttpRequest, webhook_id: int) -> Webhook:
    """Switch it on. Queued messages are sent; changes from the meantime aren't."""
    return _did(request, webhook_id, actions.switch_on)


@router.post("/webhooks/{webhook_id}/disable", response={200: WebhookOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def disable(request: HttpRequest, webhook_id: int) -> Webhook:
    """Switch it off. Nothing is sent, and queued messages stay queued."""
    return _did(request, webhook_id, actions.switch_off)


@router.post("/webhooks/{webhook_id}/secret", response={200: SecretOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def roll_secret(request: HttpRequest, webhook_id: int) -> dict[str, str]:
    """Create a new secret. For 24 hours messages are also signed with the old one."""
    webhook = webhook_or_404(webhook_id)
    secret = actions.roll_secret(webhook, by=username(request))
    return {"secret": secret}


@router.post("/webhooks/{webhook_id}/test", response={202: DeliveryOut, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def test(request: HttpRequest, webhook_id: int) -> Status[Any]:
    """Send a test message. It is tried once."""
    webhook = webhook_or_404(webhook_id)
    delivery = actions.send_test(webhook, by=username(request))
    return Status(202, delivery)


@router.get("/webhooks/{webhook_id}/deliveries", response={200: DeliveryPage, **REFUSED})
@needs(Permission.ADMINISTER)
def deliveries(
    request: HttpRequest,
    webhook_id: int,
    cursor: str | None = None,
    state: DeliveryStatus | None = None,
) -> delivery_log.DeliveryPage:
    """The messages of the last 30 days, newest first, 50 at a time."""
    states = (state,) if state else ()
    return delivery_log.list_deliveries(webhook_or_404(webhook_id), states=states, cursor=cursor)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/resend",
    response={202: DeliveryOut, **REFUSED_CHANGE},
)
@needs(Permission.ADMINISTER)
def resend(request: HttpRequest, webhook_id: int, delivery_id: UUID) -> Status[Any]:
    """Send a message again with the same ID and body, even if it was delivered."""
    webhook = webhook_or_404(webhook_id)
    delivery = delivery_or_404(webhook, delivery_id)
    actions.resend(delivery, by=username(request))
    return Status(202, delivery_or_404(webhook, delivery_id))


@router.post("/webhooks/{webhook_id}/resend", response={202: Resent, **REFUSED_CHANGE})
@needs(Permission.ADMINISTER)
def resend_given_up(request: HttpRequest, webhook_id: int) -> Status[Any]:
    """Send all failed messages in the log again."""
    webhook = webhook_or_404(webhook_id)
    count = actions.resend_given_up(webhook, by=username(request))
    return Status(202, {"count": count})


def _did(request: HttpRequest, webhook_id: int, do: Callable[..., None]) -> Webhook:
    webhook = webhook_or_404(webhook_id)
    do(webhook, by=username(request))
    return webhook_or_404(webhook_id)
