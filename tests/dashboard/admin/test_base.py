"""Filters of the admin's lists: those that are offered, and no others."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.test import Client
from django.utils import translation

from dashboard.auth import api_tokens
from dashboard.permissions.roles import VIEWER
from operations.audit.models import AuditEntry
from tests.dashboard.webhooks import make_delivery, make_webhook

pytestmark = pytest.mark.django_db

USERS = "/admin/auth/user/"
TOKENS = "/admin/dashboard/apitoken/"
AUDIT = "/admin/dashboard/auditentry/"
WEBHOOKS = "/admin/operations/webhook/"
DELIVERIES = "/admin/operations/delivery/"
MESSAGES = "/admin/operations/message/"


def test_what_no_page_shows_is_not_told_by_a_filter(staff_client: Client) -> None:
    api_tokens.create("ats", VIEWER, by="recruiter")
    for address in (
        f"{WEBHOOKS}?secret__startswith=a",
        f"{WEBHOOKS}?old_secret=a",
        f"{TOKENS}?digest__startswith=a",
        f"{USERS}?password__startswith=a",
    ):
        assert staff_client.get(address).status_code == 400, address
    assert staff_client.get(f"{WEBHOOKS}?is_active__exact=1").status_code == 200


@pytest.mark.parametrize(
    "query", ["to__regex=[", "created_at__range=1", "attempts__lt=1", "webhook__secret=a", "x=1"]
)
def test_a_filter_that_no_list_offers_is_refused(staff_client: Client, query: str) -> None:
    assert staff_client.get(f"{MESSAGES}?{query}").status_code == 400


@pytest.mark.parametrize(
    "day",
    [
        {"year": "99999999999"},
        {"year": "9999"},
        {"year": "9999", "month": "12"},
        {"year": "2026", "month": "2", "day": "30"},
    ],
)
@pytest.mark.parametrize(("address", "field"), [(MESSAGES, "created_at"), (AUDIT, "at")])
def test_a_day_that_no_calendar_has_is_said_to_be_wrong(
    staff_client: Client, address: str, field: str, day: dict[str, str]
) -> None:
    answer = staff_client.get(address, {f"{field}__{how}": value for how, value in day.items()})
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?e=1")
    assert staff_client.get(answer["Location"]).status_code == 200


def test_every_filter_that_a_list_offers_narrows_it(staff_client: Client) -> None:
    make_delivery(make_webhook())
    AuditEntry.objects.create(actor="ada", what="ended", via="page")
    api_tokens.create("ats", VIEWER, by="recruiter")
    for address in (USERS, TOKENS, AUDIT, WEBHOOKS, DELIVERIES):
        page: Any = BeautifulSoup(staff_client.get(address).content, "html.parser")
        links = page.select("#changelist-filter li a, .toplinks a")
        offered = {link["href"] for link in links} - {"?"}
        assert len(offered) > 1, address
        for query in offered:
            assert staff_client.get(f"{address}{query}").status_code == 200, query
    # The last of them has the date hierarchy as well.
    assert any("created_at__year" in query for query in offered)


@pytest.mark.parametrize("query", ["kind__exact", "state"])
def test_a_filter_that_no_database_has_a_text_for_is_refused(
    staff_client: Client, query: str
) -> None:
    assert staff_client.get(f"{MESSAGES}?{query}=a%00b").status_code == 400


def test_the_tables_have_names_in_the_language_of_the_reader(staff_client: Client) -> None:
    answer = staff_client.get("/admin/", headers={"accept-language": "de"})
    page = BeautifulSoup(answer.content, "html.parser")
    names = {row.get_text().strip() for row in page.select("tr.model th, tr[class*=model-] th")}
    assert names == {
        "API-Token",
        "Aufgaben",
        "Audit-Protokoll",
        "Benutzer",
        "E-Mails",
        "Gruppen",
        "Interviews",
        "Sammeleinladungen",
        "Vorgänge",
        "Webhook-Nachrichten",
        "Webhooks",
        "Zeilen von Sammeleinladungen",
    }


@pytest.mark.parametrize("table", ["message", "webhook", "delivery", "batch", "batchrow"])
def test_the_fields_have_names_in_the_language_of_the_reader(table: str) -> None:
    """A field without a name of its own has its Python name, in every language."""
    model = apps.get_model("operations", table)
    named = {field.name: field for field in model._meta.get_fields() if field.concrete}
    with translation.override("de"):
        python_names = [
            name
            for name, field in named.items()
            if str(field.verbose_name) == name.replace("_", " ")
        ]
        codes = [
            value
            for field in named.values()
            for value, label in field.choices or ()
            if str(label) == value.replace("_", " ").capitalize()
        ]
    assert (python_names, codes) == ([], [])


def test_the_source_of_an_audit_entry_is_in_the_language_of_the_reader(
    staff_client: Client,
) -> None:
    AuditEntry.objects.create(actor="ada", what="extended", via="command")
    answer = staff_client.get(AUDIT, headers={"accept-language": "de"})
    page = BeautifulSoup(answer.content, "html.parser")
    assert "Kommandozeile" in page.select_one("#result_list .field-source").get_text()
    filters = page.select_one("#changelist-filter").get_text()
    assert "Kommandozeile" in filters
    assert "Alle" in filters
