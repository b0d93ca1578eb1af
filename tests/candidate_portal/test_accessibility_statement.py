"""The accessibility statement: who finds it, and what it says."""

import pytest
from django.test import Client

from interviews.lifecycle import Status
from operations.branding import brand, forget_brand
from tests.dashboard.html import soup

LINK = ".page-footer a"


@pytest.fixture(autouse=True)
def no_brand_of_before(db, monkeypatch):
    monkeypatch.setattr(brand, "_kept", None)
    yield
    forget_brand()


def test_every_screen_leads_to_it(client, interview_in):
    pages = {status: f"/take-home/{interview_in(status).passcode}/" for status in Status}
    found = {status: soup(client.get(page)).select_one(LINK) for status, page in pages.items()}
    assert {status: link and link["href"] for status, link in found.items()} == dict.fromkeys(
        Status, "/accessibility/"
    )


def test_a_page_that_cannot_be_found_leads_to_it(client, tables):
    page = soup(client.get("/take-home/ABCD2345/"), 404)
    assert page.select_one(LINK)["href"] == "/accessibility/"


def test_anyone_may_read_it_and_it_sets_no_cookie(settings):
    page = Client().get("/accessibility/")
    assert soup(page, 200).select_one("h1").text == "Accessibility"
    assert not page.cookies
    assert "mailto:" not in page.text


def test_it_names_the_companys_contact(client, settings):
    settings.COMPANY_CONTACT = "access@example.com"
    page = soup(client.get("/accessibility/"), 200)
    assert page.select_one("a[href='mailto:access@example.com']") is not None


def test_a_statement_of_the_companys_own_takes_its_place(client, take_home, settings):
    settings.ACCESSIBILITY_URL = "https://example.com/accessibility"
    page = soup(client.get(f"/take-home/{take_home.passcode}/"), 200)
    assert page.select_one(LINK)["href"] == "https://example.com/accessibility"
    assert client.get("/accessibility/")["Location"] == "https://example.com/accessibility"
