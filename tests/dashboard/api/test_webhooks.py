"""/api/webhooks, with the actions of the pages."""

import json

import pytest

from interviews.pagination import cursors
from operations.audit.models import AuditEntry
from operations.webhooks.models import (
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from tests.dashboard.http import post
from tests.dashboard.webhooks import SECRET, make_delivery, make_webhook

pytestmark = pytest.mark.usefixtures("known_hosts")

BODY = {"name": "ATS", "url": "https://hooks.example.com/in"}


def put(client, path, body):
    return client.put(path, json.dumps(body), content_type="application/json")


def forged(at):
    return cursors.encode_cursor([at, "5a1c1f0e-8f4b-4c0c-9a3f-0a4d2f7f6b11"])


def address(webhook, *parts):
    return "/".join(["/api/webhooks", str(webhook.pk), *parts])


def test_webhook_is_made_and_its_secret_told_once(staff_client):
    response = post(
        staff_client, "/api/webhooks", BODY | {"statuses": ["completed"], "sendsName": True}
    )
    assert response.status_code == 201
    webhook = Webhook.objects.get()
    answer = response.json()
    assert answer["secret"] == webhook.secret
    created_at = answer["webhook"].pop("createdAt")
    assert answer["webhook"] == {
        "id": webhook.pk,
        "name": "ATS",
        "url": "https://hooks.example.com/in",
        "types": ["take-home", "regular"],
        "statuses": ["completed"],
        "sendsName": True,
        "sendsEdits": False,
        "sendsReviews": False,
        "createdBy": "recruiter",
        "isActive": True,
        "failingSince": None,
        "failures": 0,
        "disabledAt": None,
        "disabledBecause": "",
    }
    (listed,) = staff_client.get("/api/webhooks").json()["items"]
    assert listed == answer["webhook"] | {"createdAt": created_at}
    assert staff_client.get(address(webhook)).json() == listed
    for path in ("/api/webhooks", address(webhook), address(webhook, "deliveries")):
        assert "whsec_" not in staff_client.get(path).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"url": "https://inside.example.com/"}, "url"),
        ({"url": None}, "url"),
        ({"types": []}, "types"),
        ({"statuses": ["x"]}, "statuses"),
        ({"statuses": "active"}, "statuses"),
        ({"sendsName": "yes"}, "sendsName"),
    ],
)
def test_what_is_wrong_is_named(staff_client, webhook, changed, field):
    for response in (
        post(staff_client, "/api/webhooks", BODY | changed),
        put(staff_client, address(webhook), BODY | changed),
    ):
        assert response.status_code == 422
        assert response.json()["error"]["field"] == field
    assert list(Webhook.objects.all()) == [webhook]


def test_webhook_is_changed_as_a_whole(staff_client, webhook):
    response = put(staff_client, address(webhook), BODY | {"name": "HR", "types": ["dry-run"]})
    assert response.status_code == 200
    webhook.refresh_from_db()
    assert (webhook.name, webhook.types, webhook.secret) == ("HR", ["dry-run"], SECRET)


def test_webhook_is_deleted(staff_client, webhook):
    assert staff_client.delete(address(webhook)).status_code == 204
    assert staff_client.get(address(webhook)).status_code == 404


def test_webhook_is_switched_off_and_on(staff_client, webhook):
    off = post(staff_client, address(webhook, "disable")).json()
    assert (off["isActive"], off["disabledBecause"]) == (False, "Switched off by recruiter.")
    refused = post(staff_client, address(webhook, "test"))
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "wrong_state"
    assert post(staff_client, address(webhook, "enable")).json()["isActive"]


def test_new_secret_is_told(staff_client, webhook):
    secret = post(staff_client, address(webhook, "secret")).json()["secret"]
    webhook.refresh_from_db()
    assert (webhook.secret, webhook.old_secret) == (secret, SECRET)


def test_test_event_is_queued(staff_client, webhook):
    response = post(staff_client, address(webhook, "test"))
    assert response.status_code == 202
    assert (response.json()["event"], response.json()["state"]) == (TEST, "pending")


def test_deliveries_are_told_with_what_was_sent(staff_client, webhook):
    delivery = make_delivery(
        webhook,
        state=DeliveryStatus.FAILED,
        status_code=500,
        error="No.",
        duration_ms=9,
        attempts=2,
    )
    (item,) = staff_client.get(address(webhook, "deliveries")).json()["items"]
    assert item.pop("createdAt")
    assert item.pop("nextAt")
    assert item == {
        "id": str(delivery.pk),
        "event": "interview.status_changed",
        "interviewId": "takehome-1",
        "state": "failed",
        "attempts": 2,
        "statusCode": 500,
        "error": "No.",
        "durationMs": 9,
        "deliveredAt": None,
        "body": delivery.body,
    }


def test_deliveries_come_page_by_page_and_by_state(staff_client, webhook):
    for _ in range(60):
        make_delivery(webhook)
    make_delivery(webhook, state=DeliveryStatus.DELIVERED)
    first = staff_client.get(address(webhook, "deliveries")).json()
    second = staff_client.get(address(webhook, "deliveries"), {"cursor": first["next"]}).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 11, None)
    delivered = staff_client.get(address(webhook, "deliveries"), {"state": "delivered"}).json()
    assert [item["state"] for item in delivered["items"]] == ["delivered"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "x"}, "cursor"),
        # Times that do not exist in UTC.
        ({"cursor": forged("0001-01-01T00:00:00+14:00")}, "cursor"),
        ({"cursor": forged("9999-12-31T23:59:59-14:00")}, "cursor"),
        ({"state": "x"}, "state"),
    ],
)
def test_wrong_query_is_named(staff_client, webhook, query, field):
    response = staff_client.get(address(webhook, "deliveries"), query)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == field


def test_message_is_sent_again(staff_client, webhook, enqueued):
    delivery = make_delivery(webhook, state=DeliveryStatus.DELIVERED)
    response = post(staff_client, address(webhook, "deliveries", str(delivery.pk), "resend"))
    assert response.status_code == 202
    assert response.json()["state"] == "pending"
    assert enqueued == [("operations.deliver", str(delivery.pk))]


def test_all_that_was_given_up_is_sent_again(staff_client, webhook):
    given_up = make_delivery(webhook, state=DeliveryStatus.GIVEN_UP)
    make_delivery(webhook, state=DeliveryStatus.DELIVERED)
    make_delivery(make_webhook(), state=DeliveryStatus.GIVEN_UP)
    response = post(staff_client, address(webhook, "resend"))
    assert (response.status_code, response.json()) == (202, {"count": 1})
    assert list(Delivery.objects.filter(state=DeliveryStatus.PENDING)) == [given_up]


def test_message_of_another_webhook_is_not_found(staff_client, webhook):
    delivery = make_delivery(make_webhook(), state=DeliveryStatus.DELIVERED)
    path = address(webhook, "deliveries", str(delivery.pk), "resend")
    assert post(staff_client, path).status_code == 404
    assert Delivery.objects.get().state == DeliveryStatus.DELIVERED


@pytest.mark.parametrize("webhook_id", [0, 99, 2**63, 10**30])
def test_webhook_that_is_not_there_is_not_found(staff_client, webhook, webhook_id):
    response = staff_client.get(f"/api/webhooks/{webhook_id}")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "Webhook not found."


@pytest.mark.parametrize("path", ["x", "1.5", "1/deliveries/x/resend"])
def test_address_that_is_none_is_refused(staff_client, webhook, path):
    answer = (
        post(staff_client, f"/api/webhooks/{path}")
        if "resend" in path
        else staff_client.get(f"/api/webhooks/{path}")
    )
    assert answer.status_code in (404, 422)


def test_what_is_done_is_in_the_audit_trail(staff_client, webhook):
    delivery = make_delivery(webhook)
    post(staff_client, "/api/webhooks", BODY | {"name": "New"})
    put(staff_client, address(webhook), BODY)
    for verb in ("disable", "enable", "test", "secret"):
        post(staff_client, address(webhook, verb))
    post(staff_client, address(webhook, "deliveries", str(delivery.pk), "resend"))
    post(staff_client, address(webhook, "resend"))
    staff_client.delete(address(webhook))
    entries = AuditEntry.objects.order_by("id").values_list("what", "target", "via")
    assert list(entries) == [
        ("webhook_created", "New", "api"),
        ("webhook_changed", "ATS", "api"),
        ("webhook_switched_off", "ATS", "api"),
        ("webhook_switched_on", "ATS", "api"),
        ("webhook_tested", "ATS", "api"),
        ("webhook_secret_renewed", "ATS", "api"),
        ("webhook_resent", "ATS", "api"),
        ("webhook_resent", "ATS", "api"),
        ("webhook_deleted", "ATS", "api"),
    ]
