"""The company's name, logo and color on the candidate's page and at sign-in, and their files."""

import re

import pytest
from django.test import Client

from interviews.models import Interview
from operations.branding import change_brand, forget_brand
from operations.branding.changes import BrandInput
from operations.branding.colors import light_palette
from tests.operations.branding.images import JPEG, PNG

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    forget_brand()


def test_the_candidates_page_and_the_sign_in_have_name_and_color(
    client: Client, take_home: Interview
) -> None:
    change_brand(BrandInput("Acme & Co", color="#00aa55"))
    for path in (f"/take-home/{take_home.passcode}/", "/login/", "/take-home/ZZZZZZZZ/"):
        page = client.get(path).content.decode()
        assert "Acme &amp; Co</bdi>" in page
        assert '<link rel="stylesheet" href="/brand/color/00aa55.css">' in page


def test_a_logo_takes_the_place_of_the_name(client: Client, take_home: Interview) -> None:
    change_brand(BrandInput("Acme", logo=PNG))
    page = client.get(f"/take-home/{take_home.passcode}/").content.decode()
    path = re.search('<img class="brand-logo" src="([^"]+)" alt="Acme">', page)
    assert path is not None
    answer = client.get(path[1])
    assert answer.content == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]


def test_a_page_that_was_opened_before_gets_the_new_logo_for_now(client: Client) -> None:
    change_brand(BrandInput(logo=JPEG))
    answer = client.get("/brand/logo-of-before.png")
    assert answer.content == JPEG
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "no-store"


def test_without_a_logo_there_is_no_file(client: Client) -> None:
    assert client.get("/brand/logo-of-before.png").status_code == 404
    change_brand(BrandInput("Acme"))
    assert client.get("/brand/logo-of-before.png").status_code == 404


def test_a_color_needs_no_database(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/brand/color/00aa55.css")
    assert answer["Content-Type"] == "text/css"
    assert f"--accent: {light_palette('#00aa55').accent};" in answer.content.decode()
    assert "immutable" in answer["Cache-Control"]
    for wrong in ("red", "00aa5", "00aa55}", "00AA55"):
        assert client.get(f"/brand/color/{wrong}.css").status_code == 404
