"""Challenges in the admin."""

import pytest
from django.test import Client

from interviews.challenges import models
from operations.audit.models import AuditEntry
from tests.dashboard.admin.pages import CHALLENGES, names

pytestmark = pytest.mark.django_db


def test_challenges_are_found_archived_and_restored(
    staff_client: Client, challenge: models.Challenge
) -> None:
    assert names(staff_client.get(f"{CHALLENGES}?q=word")) == ["Word count"]
    assert names(staff_client.get(f"{CHALLENGES}?shown=archived")) == []
    data = {"action": "archive", "_selected_action": challenge.id, "post": "yes"}
    staff_client.post(CHALLENGES, data)
    assert names(staff_client.get(f"{CHALLENGES}?shown=archived")) == ["Word count"]
    staff_client.post(CHALLENGES, data | {"action": "restore"})
    assert names(staff_client.get(f"{CHALLENGES}?shown=offered")) == ["Word count"]
    assert list(AuditEntry.objects.order_by("id").values_list("what", "target")) == [
        ("challenge_archived", "word-count"),
        ("challenge_restored", "word-count"),
    ]
