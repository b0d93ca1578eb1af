"""A webhook's messages: the log, and sending again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from operations.webhooks.models import (
    TEST,
    Delivery,
    DeliveryStatus,
)
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.webhooks.form import address
from tests.dashboard.webhooks import make_delivery, make_webhook

pytestmark = pytest.mark.usefixtures("known_hosts")


def lines(page):
    return [text_of(line.select_one(".hook-outcome")) for line in page.select(".hook-line")]


def test_page_shows_what_became_of_each_message(staff_client, webhook):
    at = timezone.now()
    shown = [
        {"state": DeliveryStatus.DELIVERED, "status_code": 200, "duration_ms": 12, "attempts": 1},
        {
            "state": DeliveryStatus.FAILED,
            "status_code": 500,
            "duration_ms": 9,
            "attempts": 3,
            "error": "No.",
        },
        {"state": DeliveryStatus.GIVEN_UP, "attempts": 10, "error": "Nothing listens there."},
        {"lease_until": at + timedelta(seconds=9), "attempts": 1},
        {},
    ]
    for number, attributes in enumerate(shown):
        make_delivery(webhook, created_at=at - timedelta(seconds=number), next_at=at, **attributes)
    when = at.strftime("%-d %b, %H:%M")
    assert lines(soup(staff_client.get(address(webhook)), 200)) == [
        "Delivered 200 12 ms",
        f"Retrying 500 9 ms attempt 3 No. Next attempt {when}",
        "Failed attempt 10 Nothing listens there.",
        "Sending",
        "Queued",
    ]


def test_page_shows_the_body_and_leads_to_the_interview(staff_client, webhook):
    delivery = make_delivery(webhook)
    line = soup(staff_client.get(address(webhook)), 200).select_one(".hook-line")
    assert line.select_one(".hook-what a")["href"] == "/interviews/takehome-1/"
    assert text_of(line.select_one(".badge-completed")) == "Finished"
    assert json.loads(line.select_one("pre").text) == json.loads(delivery.body)


def test_each_message_is_known_by_its_id_though_several_are_of_one_interview(staff_client, webhook):
    deliveries = [make_delivery(webhook) for _ in range(2)]
    page = soup(staff_client.get(address(webhook)), 200)
    assert {line["id"] for line in page.select(".hook-line")} == {
        f"delivery-{each.pk}" for each in deliveries
    }


def test_page_shows_part_of_the_log(staff_client, webhook):
    for state in DeliveryStatus:
        make_delivery(webhook, state=state, next_at=timezone.now())
    page = soup(staff_client.get(f"{address(webhook)}?show=waiting"), 200)
    assert [text_of(link) for link in page.select(".hook-tabs a")] == [
        "All 4",
        "Queued 2",
        "Delivered 1",
        "Failed 1",
    ]
    assert sorted(line.split()[0] for line in lines(page)) == ["Queued", "Retrying"]
    assert lines(soup(staff_client.get(f"{address(webhook)}?show=delivered"), 200)) == ["Delivered"]


def test_log_goes_back_page_by_page(staff_client, webhook):
    at = timezone.now()
    for number in range(120):
        # Several at the same instant: none is left out, and none comes twice.
        make_delivery(webhook, created_at=at - timedelta(seconds=number // 7))
    seen, link = [], address(webhook)
    while link:
        page = soup(staff_client.get(link), 200)
        seen += [line.select_one("details")["id"] for line in page.select(".hook-line")]
        older = page.select_one(".pager [rel=next]")
        link = f"{address(webhook)}{older['href']}" if older else None
    assert len(seen) == 120
    assert set(seen) == {f"body-{pk}" for pk in Delivery.objects.values_list("pk", flat=True)}


def test_test_event_is_queued(staff_client, webhook, enqueued):
    assert staff_client.post(address(webhook, "test"))["Location"] == address(webhook)
    delivery = Delivery.objects.get()
    assert (delivery.event, enqueued) == (TEST, [("operations.deliver", str(delivery.pk))])
    page = soup(staff_client.get(address(webhook)), 200)
    assert text_of(page.select_one(".hook-said")) == "Test event queued."
    assert text_of(page.select_one(".hook-what")) == "Test event"


def test_message_is_sent_again(staff_client, webhook, enqueued):
    delivery = make_delivery(webhook, state=DeliveryStatus.GIVEN_UP, next_at=None)
    response = staff_client.post(address(webhook, "resend", str(delivery.pk)))
    assert response["Location"] == address(webhook)
    assert enqueued == [("operations.deliver", str(delivery.pk))]


def test_message_of_another_webhook_is_not_found(staff_client, webhook, enqueued):
    delivery = make_delivery(make_webhook())
    assert staff_client.post(address(webhook, "resend", str(delivery.pk))).status_code == 404
    assert enqueued == []


def test_what_was_given_up_is_offered_and_sent_again(staff_client, webhook):
    assert "Retry failed" not in staff_client.get(address(webhook)).text
    make_delivery(webhook, state=DeliveryStatus.GIVEN_UP, next_at=None)
    assert "Retry failed" in staff_client.get(address(webhook)).text
    staff_client.post(address(webhook, "resend"))
    assert Delivery.objects.get().state == DeliveryStatus.PENDING


def test_message_that_is_being_sent_is_not_sent_again(staff_client, webhook):
    delivery = make_delivery(webhook, lease_until=timezone.now() + timedelta(seconds=9))
    page = soup(staff_client.post(address(webhook, "resend", str(delivery.pk))), 409)
    assert text_of(page.select_one(".hook-said")) == "This message is being sent right now."
