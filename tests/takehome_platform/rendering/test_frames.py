"""The frame of a page is written twice, in Django's language and in Jinja2's: it is the same."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.utils import translation

from candidate_portal import rendering
from operations.branding import brand
from operations.branding.brand import Brand

BRANDS = [Brand("", "", "", ""), Brand("A & <b>", "", "#aa0000", ""), Brand("A", "", "", "a.png")]


# Where nothing is collected: the one file that the candidate's style sheet has besides.
PAGE_STYLES = '<linkrel="stylesheet"href="/static/candidate_portal/css/page.css">'


def without_spaces(page: HttpResponse) -> str:
    return re.sub(r"\s+", "", page.text)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("shown", BRANDS)
def test_both_frames_are_the_same(
    monkeypatch: pytest.MonkeyPatch, admin_user: Any, shown: Brand, language: str
) -> None:
    for module in (brand, rendering):
        monkeypatch.setattr(module, "current_brand", lambda: shown)
    request = RequestFactory().get("/")
    request.user = admin_user
    request._messages = []  # type: ignore[attr-defined]
    with translation.override(language):
        of_django = render(request, "base.html")
        of_jinja = rendering.render(request, "base.jinja", {})
    assert f'<html lang="{language}">' in of_jinja.text
    candidates = without_spaces(of_jinja)
    assert PAGE_STYLES in candidates
    assert without_spaces(of_django) == candidates.replace(PAGE_STYLES, "")


def test_a_page_without_a_brand_has_the_name_of_the_product() -> None:
    """That of an error, while the database does not answer."""
    page = render(RequestFactory().get("/"), "500.html").text
    assert '<bdi class="brand-name">Takehome Platform</bdi>' in page
