"""Operations in the admin."""

from typing import Any

import pytest
from django.test import Client

from interviews.models import Interview
from operations import actions
from tests.conftest import fresh, operation_of
from tests.dashboard.admin.pages import OPERATIONS, audited, names

pytestmark = pytest.mark.django_db


def test_operations_are_listed_and_found(staff_client: Client, running: Interview) -> None:
    operation = operation_of(running)
    for query in ("", f"?q={operation.id}", f"?q={running.id}", "?status=completed&type=create"):
        assert names(staff_client.get(OPERATIONS + query)) == ["Start workspace"], query
    for query in ("?status=running", "?type=destroy", "?q=nothing"):
        assert names(staff_client.get(OPERATIONS + query)) == [], query


def test_a_start_is_stopped(staff_client: Client, take_home: Interview, engine: Any) -> None:
    id_ = actions.activate(take_home, by="candidate")
    assert names(staff_client.get(f"{OPERATIONS}?status=pending")) == ["Start workspace"]
    staff_client.post(OPERATIONS, {"action": "stop", "_selected_action": id_, "post": "yes"})
    assert fresh(take_home).status == "error"
    assert audited() == [("recruiter", "cancelled_operation", take_home.id, "admin")]
