"""Somebody of staff at work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.models import REGULAR, Interview
from interviews.tables import now


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    """The browser of somebody of staff."""
    client.force_login(staff)
    return client


@pytest.fixture
def regular(tables: None) -> Interview:
    """A live interview that has been planned: it has no place among take-home tests."""
    interview = Interview(
        id="int-1",
        type=REGULAR,
        status="scheduled",
        candidate_name="Regular Rita",
        challenge="word-count",
        duration_minutes=60,
        created_at=now(),
        scheduled_at=now() + timedelta(days=1),
    )
    interview.create(by="recruiter")
    return interview


@pytest.fixture
def in_state(invite: Callable[..., Interview]) -> Callable[..., Interview]:
    """Call it with a status: a take-home that is in it, written past the state machine."""

    def make(status: str, **attributes: Any) -> Interview:
        interview = invite()
        interview.status = status
        ended = status in ("completed", "expired", "revoked")
        interview.tab = "take-home-ended" if ended else "take-home"
        for name, value in attributes.items():
            setattr(interview, name, value)
        interview.save()
        return interview

    return make
