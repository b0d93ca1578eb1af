"""The page Branding: what is saved, what is refused, and the preview."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from operations.branding import current_brand, forget_brand
from operations.branding.models import BrandRecord
from tests.dashboard.html import soup
from tests.operations.branding.images import PNG, SVG

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, staff: Any) -> None:
    forget_brand()
    client.force_login(staff)


def test_what_is_saved_is_shown_and_said(client: Client) -> None:
    sent = {
        "company_name": "Acme",
        "contact": "jobs@acme.example",
        "color": "#00aa55",
        "logo": SimpleUploadedFile("logo.png", PNG),
    }
    page = client.post("/branding/", sent, follow=True)
    assert page.redirect_chain == [("/branding/", 302)]
    assert "Branding saved." in page.content.decode()
    assert current_brand().company == "Acme"
    form = soup(page).select_one("#brand-form")
    assert form.select_one("[name=color]")["value"] == "#00aa55"
    assert soup(page).select_one("[data-preview-logo]")["src"] == current_brand().logo_url


def test_the_settings_are_what_an_empty_field_means(client: Client, settings: Any) -> None:
    settings.COMPANY_NAME = "Example Ltd"
    field = soup(client.get("/branding/")).select_one("[name=company_name]")
    assert field["placeholder"] == "Example Ltd"
    assert "value" not in field.attrs


def test_a_field_that_is_refused_says_so_and_the_others_keep_what_was_entered(
    client: Client,
) -> None:
    page = client.post("/branding/", {"company_name": "Acme", "color": "blue"})
    assert page.status_code == 422
    assert "such as #2a4fc4" in soup(page).select_one("#id_color_error").text
    assert soup(page).select_one("[name=company_name]")["value"] == "Acme"
    page = client.post("/branding/", {"logo": SimpleUploadedFile("logo.png", SVG)})
    assert "PNG, JPEG or WebP" in soup(page).select_one("#id_logo_error").text
    assert not BrandRecord.objects.exists()


def test_the_preview_shows_what_is_entered_and_saves_nothing(client: Client) -> None:
    page = client.post("/branding/preview/", {"company_name": "Acme", "color": "#ffff00"})
    light, dark = soup(page).select(".brand-preview")
    assert "Acme" in light.text
    assert dark["data-token-accent"] == "#ffff00"
    assert light["data-token-accent"] != "#ffff00"
    assert "We adjusted the color" in page.content.decode()
    assert not BrandRecord.objects.exists()
