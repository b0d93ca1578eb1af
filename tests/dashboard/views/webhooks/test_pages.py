"""The pages of webhooks, and their form."""

import json
import re

import pytest
from django.utils import timezone

from dashboard.views import webhooks
from operations.audit.models import AuditEntry
from operations.sse.subscription import STAFF_EVENTS
from operations.webhooks import actions
from operations.webhooks.models import (
    DeliveryStatus,
    Webhook,
)
from takehome_platform.local_stack.config import ROOT
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.webhooks.form import FORM, address
from tests.dashboard.webhooks import SECRET, make_delivery, make_webhook

pytestmark = pytest.mark.usefixtures("known_hosts")


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


@pytest.mark.parametrize(
    "query", ["show=none", "cursor=x", "cursor=WzEsMl0", "cursor=" + "a" * 3000]
)
def test_page_of_what_is_not_there_is_not_found(staff_client, webhook, query):
    assert staff_client.get(f"{address(webhook)}?{query}").status_code == 404


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
