"""The pages of webhooks: set one up, read its log, and send messages again."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from dashboard.views import webhooks
from operations.audit.models import AuditEntry
from operations.sse.subscription import STAFF_EVENTS
from operations.webhooks import actions
from operations.webhooks.models import (
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from takehome_platform.local_stack.config import ROOT
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.dashboard.webhooks import SECRET, make_delivery, make_webhook

pytestmark = pytest.mark.usefixtures("known_hosts")

FORM = {
    "name": "ATS",
    "url": "https://hooks.example.com/in",
    "types": ["take-home", "regular"],
    "which": "all",
}


def address(webhook, *parts):
    return "/".join(["/webhooks", str(webhook.pk), *parts, ""])


def lines(page):
    return [text_of(line.select_one(".hook-outcome")) for line in page.select(".hook-line")]


def test_list_without_a_webhook_says_what_they_are_for(staff_client):
    page = soup(staff_client.get("/webhooks/"), 200)
    assert text_of(page.select_one(".empty h2")) == "No webhooks yet"
    assert page.select_one(".page-head a.button")["href"] == "/webhooks/new/"


def test_list_shows_each_with_its_state(staff_client, webhook):
    make_webhook(name="Broken", failing_since=timezone.now(), failures=4, statuses=["active"])
    make_webhook(name="Gone", is_active=False, disabled_because="It answered 410 Gone.")
    make_delivery(webhook, state=DeliveryStatus.DELIVERED)
    make_delivery(webhook)
    rows = [
        [text_of(cell) for cell in row.select("th, td")]
        for row in soup(staff_client.get("/webhooks/"), 200).select("tbody tr")
    ]
    assert [(row[0], row[1], row[2].split()[0], row[4]) for row in rows] == [
        ("ATS https://hooks.example.com/in", "Every status change", "On", "1"),
        ("Broken https://hooks.example.com/in", "1 status", "Failing", "0"),
        ("Gone https://hooks.example.com/in", "Every status change", "Off", "0"),
    ]
    assert (rows[1][3], rows[2][2]) == ("Never", "Off It answered 410 Gone.")


def test_list_is_by_name(staff_client, db):
    for name in ("Chat", "ATS", "Board"):
        make_webhook(name=name)
    rows = soup(staff_client.get("/webhooks/"), 200).select("tbody tr .name")
    assert [text_of(row) for row in rows] == ["ATS", "Board", "Chat"]


def test_new_webhook_shows_its_secret_once(staff_client):
    response = staff_client.post("/webhooks/new/", FORM)
    webhook = Webhook.objects.get()
    assert response["Location"] == address(webhook)
    assert (webhook.name, webhook.types, webhook.created_by) == (
        "ATS",
        ["take-home", "regular"],
        "recruiter",
    )
    # The page's script fetches it in between, which must not use up the secret.
    assert (
        webhook.secret
        not in staff_client.get(address(webhook), headers={"HX-Request": "true"}).text
    )
    assert (
        text_of(soup(staff_client.get(address(webhook)), 200).select_one("#secret"))
        == webhook.secret
    )
    assert webhook.secret not in staff_client.get(address(webhook)).text


def test_form_offers_tests_and_interviews_in_every_status(staff_client, db):
    page = soup(staff_client.get("/webhooks/new/"), 200)
    assert [box["value"] for box in page.select("[name=types][checked]")] == [
        "take-home",
        "regular",
    ]
    assert [box["value"] for box in page.select("[name=which][checked]")] == ["all"]
    assert page.select("[name=sends_name][checked]") == []


def test_form_sends_only_what_was_chosen(staff_client, db):
    staff_client.post(
        "/webhooks/new/",
        FORM
        | {"types": ["dry-run"], "which": "some", "statuses": ["completed"], "sends_name": "on"},
    )
    webhook = Webhook.objects.get()
    assert (webhook.types, webhook.statuses, webhook.sends_name) == (
        ["dry-run"],
        ["completed"],
        True,
    )


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Enter a name."),
        ({"url": ""}, "url", "Enter an address."),
        (
            {"url": "http://hooks.example.com/"},
            "url",
            "The address must start with https://. Others could read what is sent over http.",
        ),
        (
            {"url": "https://inside.example.com/"},
            "url",
            "inside.example.com leads to 10.0.0.5, which isn't a public address. "
            "(Set WEBHOOK_ALLOW_PRIVATE=true to allow it.)",
        ),
        ({"types": []}, "types", "Choose at least one type."),
        ({"types": ["x"]}, "types", "There is no type “x”."),
        ({"which": "some"}, "statuses", "Choose at least one status, or every status change."),
    ],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(
    staff_client, db, changed, field, sentence
):
    page = soup(staff_client.post("/webhooks/new/", FORM | {"name": "Kept <b>"} | changed), 422)
    assert text_of(page.select_one(f".field-{field} .field-error")) == sentence
    if field != "name":
        assert page.select_one("[name=name]")["value"] == "Kept <b>"
    assert Webhook.objects.count() == 0


def test_form_changes_a_webhook(staff_client, webhook):
    page = soup(staff_client.get(address(webhook, "change")), 200)
    assert page.select_one("[name=url]")["value"] == webhook.url
    changed = FORM | {"name": "HR", "which": "some", "statuses": ["active", "completed"]}
    assert staff_client.post(address(webhook, "change"), changed)["Location"] == address(webhook)
    webhook.refresh_from_db()
    assert (webhook.name, webhook.statuses, webhook.secret) == (
        "HR",
        ["active", "completed"],
        SECRET,
    )
    page = soup(staff_client.get(address(webhook, "change")), 200)
    assert [box["value"] for box in page.select("[name=statuses][checked]")] == [
        "active",
        "completed",
    ]
    assert soup(staff_client.post(address(webhook, "change"), FORM | {"url": "x"}), 422).select(
        ".field-url .field-error"
    )


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


@pytest.mark.parametrize(
    "query", ["show=none", "cursor=x", "cursor=WzEsMl0", "cursor=" + "a" * 3000]
)
def test_page_of_what_is_not_there_is_not_found(staff_client, webhook, query):
    assert staff_client.get(f"{address(webhook)}?{query}").status_code == 404


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


def test_fragment_is_what_the_page_holds(staff_client, webhook):
    make_delivery(webhook)
    for path, part in ((address(webhook), "#webhook"), ("/webhooks/", "#webhooks")):
        fragment = soup(staff_client.get(path, headers={"HX-Request": "true"}), 200)
        assert fragment.select("html, dialog") == []
        whole = soup(staff_client.get(path), 200).select_one(part)
        for token in [
            *whole.select("[name=csrfmiddlewaretoken]"),
            *fragment.select("[name=csrfmiddlewaretoken]"),
        ]:
            token["value"] = ""
        assert fragment.select_one(part) == whole


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


def test_webhook_is_switched_off_and_on(staff_client, webhook):
    staff_client.post(address(webhook, "off"))
    page = soup(staff_client.get(address(webhook)), 200)
    assert "Switched off by recruiter." in text_of(page.select_one(".hook-alert"))
    assert page.select(f'form[action="{address(webhook, "test")}"]') == []
    assert soup(staff_client.post(address(webhook, "test")), 409).select_one(
        ".message-bad"
    ).text == ("This webhook is switched off. Switch it on first.")
    staff_client.post(address(webhook, "on"))
    assert soup(staff_client.get(address(webhook)), 200).select(".hook-alert") == []


def test_new_secret_is_shown_once_and_says_that_the_old_one_lasts(staff_client, webhook):
    staff_client.post(address(webhook, "secret"))
    webhook.refresh_from_db()
    page = soup(staff_client.get(address(webhook)), 200)
    assert text_of(page.select_one("#secret")) == webhook.secret != SECRET
    assert "The previous secret keeps signing messages for 24 hours." in text_of(
        page.select_one(".hook-secret")
    )
    text = staff_client.get(address(webhook)).text
    assert webhook.secret not in text
    assert SECRET not in text


def test_who_is_second_at_once_is_shown_no_secret(staff_client, webhook, monkeypatch):
    read_before = Webhook.objects.get()
    first = actions.roll_secret(webhook, by="ada")
    monkeypatch.setattr(webhooks, "webhook_or_404", lambda webhook_id: read_before)
    page = soup(staff_client.post(address(webhook, "secret")), 409)
    assert "Someone else just renewed the secret" in text_of(page)
    assert page.select_one("#secret") is None
    assert (Webhook.objects.get().secret, AuditEntry.objects.count()) == (first, 0)


def test_webhook_is_deleted(staff_client, webhook):
    assert staff_client.post(address(webhook, "delete"))["Location"] == "/webhooks/"
    assert text_of(soup(staff_client.get("/webhooks/"), 200).select_one(".hook-said")) == (
        "Webhook “ATS” deleted."
    )
    assert staff_client.get(address(webhook)).status_code == 404


@pytest.mark.parametrize("webhook_id", [0, 99, 2**63, 10**30])
def test_webhook_that_is_not_there_is_not_found(staff_client, webhook, webhook_id):
    for path in ("", "change/", "test/", "delete/"):
        ask = staff_client.get if path in ("", "change/") else staff_client.post
        assert ask(f"/webhooks/{webhook_id}/{path}").status_code == 404
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize("verb", ["test", "on", "off", "secret", "delete", "resend"])
def test_looking_does_nothing(staff_client, webhook, verb):
    assert staff_client.get(address(webhook, verb)).status_code == 405
    assert Webhook.objects.count() == 1


def test_pages_have_nothing_inline(staff_client, webhook):
    make_delivery(webhook)
    for path in ("/webhooks/", "/webhooks/new/", address(webhook), address(webhook, "change")):
        page = soup(staff_client.get(path), 200)
        assert page.select("style, [style], script:not([src])") == []
        assert [
            name for tag in page.find_all() for name in tag.attrs if name.startswith("on")
        ] == []
        ids = [element["id"] for element in page.select("[id]")]
        assert len(ids) == len(set(ids))


def test_browsers_listen_to_every_event_that_staff_may_hear():
    script = (ROOT / "static" / "shared" / "stream.js").read_text()
    (names,) = re.findall(r"const NAMES = (\[.*?\]);", script, re.DOTALL)
    assert set(json.loads(names)) == STAFF_EVENTS


def test_form_says_when_there_are_enough(staff_client, webhook, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    assert soup(staff_client.get("/webhooks/"), 200).select(".page-head a.button") == []
    page = soup(staff_client.post("/webhooks/new/", FORM), 422)
    assert text_of(page.select_one(".message-bad")) == (
        "The limit is 1 webhooks. Delete one first."
    )
    assert page.select_one("[name=name]")["value"] == "ATS"


def test_message_that_is_being_sent_is_not_sent_again(staff_client, webhook):
    delivery = make_delivery(webhook, lease_until=timezone.now() + timedelta(seconds=9))
    page = soup(staff_client.post(address(webhook, "resend", str(delivery.pk))), 409)
    assert text_of(page.select_one(".hook-said")) == "This message is being sent right now."


# -- access ----------------------------------------------------------------------------------------


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
