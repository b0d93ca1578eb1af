"""A candidate reaches nothing of another, with their own cookie, passcode and the ids of others."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from candidate_portal.access import authorize_candidate_stream
from interviews.models import Interview
from operations import actions
from operations.sse.consumer import Audience, StreamDenied
from operations.worker import runner
from tests.attacks import routes
from tests.attacks.expected_access import ANYONE, PASSCODE
from tests.conftest import fresh
from tests.dashboard.http import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(invite: Callable[..., Interview], engine: Any) -> Interview:
    """Somebody else's test, which runs."""
    interview = invite(candidate_name="Grace Whose Name Is Nowhere Else")
    runner.run_operation(actions.activate(interview, by="candidate"))
    return fresh(interview)


@pytest.fixture
def candidate(take_home: Interview) -> Client:
    """Has opened their own test."""
    client = Client(raise_request_exception=False)
    client.get(f"/take-home/{take_home.passcode}/")
    return client


def test_nothing_of_another_candidate_is_told(
    candidate: Client, take_home: Interview, other: Interview
) -> None:
    """Every URL with the other's ids, and the own passcode wherever there is a place for one."""
    own = str(take_home.passcode)
    ids = routes.existing_ids(other) | {"passcode": own}
    of_admin = routes.admin_ids(other, ids)
    before = fresh(other).serialize()
    headers = {"Authorization": f"Bearer {own}", "X-Passcode": own}
    hidden = (other.candidate_name, other.passcode, other.password, other.access_url)
    assert all(hidden)
    for access in routes.expected():
        if access.needs == ANYONE:
            continue
        url = routes.fill(access.pattern, ids, of_admin)
        for more in ({}, headers):
            answer: Any = candidate.generic(
                access.method,
                f"{url}?passcode={own}",
                f'{{"passcode": "{own}"}}',
                "application/json",
                headers=more,
            )
            is_own = access.needs == PASSCODE and "interview_id" not in access.pattern
            assert is_own or answer.status_code in (302, 401, 403, 404, 429), access
            body = answer.text.replace(url, "")
            assert not any(str(secret) in body for secret in hidden), access
    assert fresh(other).serialize() == before


def test_own_passcode_starts_no_other_test(
    candidate: Client, take_home: Interview, invite: Callable[..., Interview]
) -> None:
    waiting = invite()
    path = f"/api/interviews/{waiting.id}/activate"
    assert post(candidate, path, {"passcode": take_home.passcode}).status_code == 404
    assert post(candidate, path).status_code == 404
    assert fresh(waiting).status == "available"


def test_stream_is_of_the_passcode_whatever_else_is_asked_for(
    take_home: Interview, other: Interview
) -> None:
    def scope(query: str) -> dict[str, Any]:
        client = ["203.0.113.7", 5000]
        return {"query_string": query.encode(), "client": client, "headers": []}

    authorize = async_to_sync(authorize_candidate_stream)
    for more in (f"interview={other.id}", f"id={other.id}", f"interviewId={other.id}", "staff=yes"):
        query = f"{more}&passcode={take_home.passcode}&{more}"
        assert authorize(scope(query)) == Audience(take_home.id)
    for wrong in (other.id, f"{take_home.passcode},{other.passcode}", "*", "%00"):
        with pytest.raises(StreamDenied):
            authorize(scope(f"passcode={wrong}"))
