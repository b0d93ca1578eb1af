"""When people were last seen: written now and then, not at each request."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client

from dashboard.models import LastSeen
from dashboard.people import sessions
from dashboard.people.sessions import NOTE_EVERY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    sessions.forget_noted()


def test_a_page_notes_who_was_seen_now_and_then(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(staff)
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with time_machine.travel("2026-12-01 09:00:00Z", tick=False) as clock:
        client.get("/tokens/")
        first = LastSeen.objects.get(user=staff).at
        clock.shift(timedelta(minutes=1))
        client.get("/tokens/")
        assert LastSeen.objects.get(user=staff).at == first
        now += NOTE_EVERY.total_seconds()
        client.get("/tokens/")
        assert LastSeen.objects.get(user=staff).at == first + timedelta(minutes=1)


def test_who_is_kept_out_is_not_seen(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    client.get("/tokens/")
    assert not LastSeen.objects.exists()


def test_a_page_is_shown_if_it_cannot_be_noted(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(LastSeen.objects, "update_or_create", locked)
    client.force_login(staff)
    assert client.get("/tokens/").status_code == 200
