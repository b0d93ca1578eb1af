"""The brand: what administrators chose, over what the settings say."""

import time
from typing import Any

import pytest
from django.db import OperationalError

from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.branding import brand, change_brand, current_brand, forget_brand
from operations.branding.changes import BrandInput
from operations.branding.logos import MAX_LOGO_BYTES, read_logo
from operations.branding.models import BrandRecord
from operations.exceptions import InvalidInputError
from tests.operations.branding.images import JPEG, PNG, SVG, WEBP

ADMIN = Origin("admin", Channel.PAGE)


@pytest.fixture(autouse=True)
def _forgotten(db: None) -> None:
    forget_brand()


def test_without_a_choice_it_is_the_settings(settings: Any) -> None:
    settings.COMPANY_NAME, settings.COMPANY_CONTACT = "Example Ltd", "jobs@example.com"
    shown = current_brand()
    assert (shown.name, shown.contact) == ("Example Ltd", "jobs@example.com")
    assert (shown.logo_url, shown.stylesheet_url) == ("", "")


def test_without_settings_it_is_the_product() -> None:
    assert current_brand().company == ""
    assert current_brand().name == "Takehome Platform"


def test_what_was_chosen_is_shown_at_once_and_can_be_taken_back(settings: Any) -> None:
    settings.COMPANY_NAME = "Example Ltd"
    change_brand(BrandInput(" Acme ", "jobs@acme.example", "00AA55", logo=PNG))
    shown = current_brand()
    assert (shown.name, shown.contact, shown.color) == ("Acme", "jobs@acme.example", "#00aa55")
    assert shown.stylesheet_url == "/brand/color/00aa55.css"
    assert shown.logo_url.startswith("/brand/logo-")
    change_brand(BrandInput(removes_logo=True))
    shown = current_brand()
    assert (shown.name, shown.color, shown.logo_url) == ("Example Ltd", "", "")


def test_a_logo_stays_until_it_is_replaced_or_removed() -> None:
    change_brand(BrandInput(logo=PNG))
    first = current_brand().logo_url
    change_brand(BrandInput("Acme"))
    assert current_brand().logo_url == first
    change_brand(BrandInput("Acme", logo=JPEG, removes_logo=True))
    assert current_brand().logo_url not in ("", first)


def test_each_change_is_audited_with_what_changed() -> None:
    with acting_as(ADMIN):
        change_brand(BrandInput("Acme", color="#00aa55", logo=PNG))
        change_brand(BrandInput("Acme", color="#00aa55", logo=PNG))
        change_brand(BrandInput("Acme", color="#00aa55", removes_logo=True))
    rows = AuditEntry.objects.order_by("id").values_list("actor", "what", "target", "detail")
    assert list(rows) == [
        ("admin", "branding_changed", "Acme", "company name, color, logo"),
        ("admin", "branding_changed", "Acme", "logo"),
    ]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (BrandInput(company_name="x" * 61), "company_name"),
        (BrandInput(company_name="Acme\nBcc: all"), "company_name"),
        (BrandInput(contact="jobs"), "contact"),
        (BrandInput(contact="Jobs <jobs@example.com>"), "contact"),
        (BrandInput(color="red"), "color"),
        (BrandInput(color="#12345"), "color"),
        (BrandInput(color="#123456; }"), "color"),
        (BrandInput(logo=SVG), "logo"),
        (BrandInput(logo=b""), "logo"),
        (BrandInput(logo=PNG + b"0" * MAX_LOGO_BYTES), "logo"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_shown_is_refused_and_changes_nothing(
    wanted: BrandInput, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        change_brand(wanted)
    assert refused.value.field == field
    assert not BrandRecord.objects.exists()


@pytest.mark.parametrize(
    ("content", "type_", "ending"),
    [(PNG, "image/png", ".png"), (JPEG, "image/jpeg", ".jpg"), (WEBP, "image/webp", ".webp")],
)
def test_the_format_is_told_by_the_content(content: bytes, type_: str, ending: str) -> None:
    logo = read_logo(content)
    assert logo.type == type_
    assert logo.name.endswith(ending)


def test_the_brand_is_read_once_in_a_while(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with django_assert_num_queries(1):
        current_brand()
        current_brand()
    now += brand.KEPT_SECONDS
    with django_assert_num_queries(1):
        current_brand()


def test_without_the_database_it_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    change_brand(BrandInput("Acme"))
    assert current_brand().name == "Acme"
    now = time.monotonic() + brand.KEPT_SECONDS

    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(brand, "load_brand", away)
    assert current_brand().name == "Acme"
    forget_brand()
    assert current_brand().name == "Takehome Platform"
