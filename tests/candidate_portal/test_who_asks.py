"""Each page says who invited the candidate, and what is kept."""

import html
import re

import pytest
from django.db import DatabaseError

from interviews.lifecycle import Status
from operations import inviter
from operations.branding import brand, forget_brand


@pytest.fixture
def grace(staff, monkeypatch):
    monkeypatch.setattr(inviter, "_kept", {})
    staff.first_name, staff.last_name = "Grace", "<Hopper>"
    staff.save()
    return staff


def invited_by(client, interview, kind="take-home"):
    body = client.get(f"/{kind}/{interview.passcode}/").text
    found = re.findall(r'<p class="muted inviter">(.*?)</p>', body)
    return [html.unescape(re.sub(r"<[^>]+>", "", each)) for each in found]


def test_every_screen_has_the_inviters_name(client, grace, interview_in):
    found = {status: invited_by(client, interview_in(status)) for status in Status}
    assert found == {status: ["Invited by Grace <Hopper>"] for status in Status}


def test_page_has_the_company_too(client, grace, take_home, settings, monkeypatch):
    settings.COMPANY_NAME = "Example Ltd"
    monkeypatch.setattr(brand, "_kept", None)
    assert invited_by(client, take_home) == ["Invited by Grace <Hopper>, Example Ltd"]
    grace.first_name = grace.last_name = ""
    grace.save()
    inviter._kept.clear()
    assert invited_by(client, take_home) == ["Invited by Example Ltd"]
    forget_brand()


def test_page_of_an_unknown_inviter_names_nobody(client, take_home):
    assert invited_by(client, take_home) == []


def test_page_needs_no_sql_database(client, grace, take_home, monkeypatch):
    def away(username):
        raise DatabaseError

    monkeypatch.setattr(inviter, "_read", away)
    assert invited_by(client, take_home) == []


def test_page_says_how_long_it_is_kept(client, take_home, settings):
    settings.RETENTION_DAYS = 30
    body = client.get(f"/take-home/{take_home.passcode}/").text
    assert "We delete it 30 days after the end" in body
