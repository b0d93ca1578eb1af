"""The records in the admin: who sees what, and does nothing else."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from interviews import queries
from interviews.models import Interview
from tests.conftest import fresh, member
from tests.dashboard.admin.pages import (
    INTERVIEWS,
    LISTS,
    act,
    audited,
    page_of,
)
from tests.dashboard.admin.records.pages import all_pages
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(client: Client, running: Interview) -> list[Client]:
    """Clients that must not get in: anonymous, an outsider, and staff without a role."""
    outsider, newcomer = Client(), Client()
    outsider.force_login(User.objects.create_user("outsider"))
    newcomer.force_login(User.objects.create_user("newcomer", is_staff=True))
    return [client, outsider, newcomer]


def test_who_has_no_role_is_led_to_the_sign_in(people: list[Client], running: Interview) -> None:
    for one in people:
        for address in all_pages(running):
            response = one.get(address)
            assert (response.status_code, response["Location"].split("?")[0]) == (
                302,
                "/admin/login/",
            ), address


def test_who_has_no_role_does_nothing(people: list[Client], running: Interview) -> None:
    before = fresh(running).serialize()
    for one in people:
        data = {"action": "end", "_selected_action": [running.id], "post": "yes"}
        assert one.post(INTERVIEWS, data).status_code == 302
    assert fresh(running).serialize() == before


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_each_role_sees_the_records(client: Client, role: str, running: Interview) -> None:
    client.force_login(member("somebody", role))
    for address in all_pages(running):
        assert client.get(address).status_code == 200, address


def test_a_viewer_finds_no_credential(client: Client, running: Interview, schedule: Any) -> None:
    live = schedule()
    client.force_login(member("viewer", VIEWER))
    secrets = [running.password, running.passcode, running.access_url, live.password, live.passcode]
    for address in [*all_pages(running), page_of(live)]:
        body = client.get(address).content.decode()
        for secret in secrets:
            assert str(secret) not in body, address
    assert audited() == []


def test_a_viewer_is_offered_nothing_and_does_nothing(client: Client, running: Interview) -> None:
    client.force_login(member("viewer", VIEWER))
    assert soup(client.get(page_of(running))).select(".deeds") == []
    assert soup(client.get(INTERVIEWS)).select("[name=action], [name=_selected_action]") == []
    before = fresh(running).serialize()
    for verb in ("end", "revoke", "retry", "extend", "delete", "end-without-saving"):
        assert act(client, verb, running.id, minutes="5").status_code == 403
    assert fresh(running).serialize() == before


def test_an_interviewer_deletes_nothing(client: Client, in_state: Any) -> None:
    over = in_state("completed")
    client.force_login(member("holder", INTERVIEWER))
    assert act(client, "delete", over.id).status_code == 403
    assert queries.get_interview(over.id) is not None


def test_who_looks_at_a_password_is_written_down(staff_client: Client, running: Interview) -> None:
    staff_client.get(INTERVIEWS)
    assert audited() == []
    assert str(running.password) in staff_client.get(page_of(running)).content.decode()
    assert audited() == [("recruiter", "saw_credentials", running.id, "admin")]


def test_nothing_is_added_changed_or_removed_by_forms(
    staff_client: Client, running: Interview
) -> None:
    for address in LISTS:
        assert staff_client.get(f"{address}add/").status_code == 403
    assert staff_client.post(page_of(running), {"status": "completed"}).status_code == 405
    assert staff_client.post(page_of(running).replace("change", "delete")).status_code == 403
