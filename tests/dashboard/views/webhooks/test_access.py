"""Who may see and do what with webhooks, and what the audit trail says."""

import json

import pytest

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from operations.audit.models import AuditEntry
from operations.webhooks.models import (
    Delivery,
    Webhook,
)
from tests.conftest import member
from tests.dashboard.views.webhooks.form import FORM, address
from tests.dashboard.webhooks import SECRET, make_delivery

pytestmark = pytest.mark.usefixtures("known_hosts")


def all_urls(webhook):
    """Every URL of webhooks, on pages and in the API."""
    delivery = make_delivery(webhook)
    pages = ["", "new/"]
    deeds = ["", "change/", "test/", "on/", "off/", "secret/", "delete/", "resend/"]
    pages += [f"{webhook.pk}/{deed}" for deed in [*deeds, f"resend/{delivery.pk}/"]]
    api = ["", "/enable", "/disable", "/secret", "/test", "/deliveries"]
    api += [f"/deliveries/{delivery.pk}/resend"]
    return [
        *(f"/webhooks/{page}" for page in pages),
        "/api/webhooks",
        *(f"/api/webhooks/{webhook.pk}{deed}" for deed in api),
    ]


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_lesser_role_neither_sees_nor_does_anything(client, webhook, role, method, enqueued):
    client.force_login(member("somebody", role))
    for path in all_urls(webhook):
        # A valid body, so that only the role can be the reason of the refusal.
        body = {"name": "Mine", "url": "https://hooks.example.com/mine"}
        response = client.generic(method, path, json.dumps(body), "application/json")
        assert response.status_code in (403, 405), f"{path}: {response.status_code}"
        for hidden in (webhook.url, webhook.secret):
            assert hidden not in response.text
    untouched = Webhook.objects.get()
    assert (untouched.secret, untouched.is_active) == (SECRET, True)
    assert (Delivery.objects.count(), enqueued) == (1, [])


def test_what_is_done_is_in_the_audit_trail(staff_client, webhook):
    delivery = make_delivery(webhook)
    staff_client.post("/webhooks/new/", FORM | {"name": "New"})
    staff_client.post(address(webhook, "change"), FORM | {"name": "HR"})
    for verb in ("test", "off", "on", "secret", "resend"):
        staff_client.post(address(webhook, verb))
    staff_client.post(address(webhook, "resend", str(delivery.pk)))
    staff_client.post(address(webhook, "delete"))
    entries = AuditEntry.objects.order_by("id").values_list("what", "target", "interview_id")
    assert list(entries) == [
        ("webhook_created", "New", ""),
        ("webhook_changed", "HR", ""),
        ("webhook_tested", "HR", ""),
        ("webhook_switched_off", "HR", ""),
        ("webhook_switched_on", "HR", ""),
        ("webhook_secret_renewed", "HR", ""),
        ("webhook_resent", "HR", ""),
        ("webhook_resent", "HR", "takehome-1"),
        ("webhook_deleted", "HR", ""),
    ]


def test_what_is_refused_is_not_in_the_audit_trail(staff_client, webhook):
    Webhook.objects.update(is_active=False)
    staff_client.post(address(webhook, "test"))
    staff_client.post("/webhooks/new/", FORM | {"url": "x"})
    assert AuditEntry.objects.count() == 0
