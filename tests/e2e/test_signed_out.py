"""A page whose visitor was signed out leads to the sign-in, and from there back to itself."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Platform, Staff, expect_live

# One that is switched off, to which nothing is ever sent.
WEBHOOK = """
from django.utils import timezone
from operations.webhooks.models import Webhook
made = Webhook.objects.create(
    name="ATS", url="https://127.0.0.1:9/", secret="whsec_x", created_by="admin",
    types=["take-home"], is_active=False, disabled_at=timezone.now(),
)
print(made.pk)
"""
# What the page said meanwhile, which its next one would not know.
LISTEN = """new MutationObserver(() => { sessionStorage.said = document.title; })
  .observe(document.head, { childList: true, subtree: true, characterData: true })"""


@pytest.mark.parametrize("kind", ["interview", "webhook"])
def test_page_of_one_thing_comes_back_to_it(platform: Platform, staff: Staff, kind: str) -> None:
    if kind == "interview":
        address = f"/interviews/{staff.invite('Ada Away').id}/"
    else:
        address = f"/webhooks/{platform.python(WEBHOOK).strip()}/"
    page = staff.page
    page.goto(f"{platform.origin}{address}")
    expect_live(page)
    page.evaluate(LISTEN)
    page.context.clear_cookies()
    page.context.set_offline(True)
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile(r"/login/\?next="))
    assert parse_qs(urlsplit(page.url).query)["next"] == [address]
    # Nor did it say meanwhile that what it is of was deleted.
    assert page.evaluate("sessionStorage.said ?? ''") == ""
