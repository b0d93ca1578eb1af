"""Who may read the audit log, and what writes into it by itself."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.html import soup
from tests.dashboard.views.audit_log.reading import FILE, PAGE, lines, write

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_it_is_for_administrators(client: Client, role: str, take_home: Interview) -> None:
    write(interview_id=take_home.id)
    client.force_login(member("somebody", role))
    for address in (PAGE, FILE, "/api/audit"):
        assert client.get(address).status_code == 403, address
    page = soup(client.get(f"/interviews/{take_home.id}/"))
    assert page.select_one("#part-audit").get_text(strip=True) == "Audit log"
    assert page.select_one("#part-audit").has_attr("hidden")
    assert page.select(f'.site-nav a[href="{PAGE}"]') == []


def test_an_outsider_and_nobody_are_kept_out(client: Client, outsider: User) -> None:
    assert [client.get(a).status_code for a in (PAGE, FILE, "/api/audit")] == [302, 302, 401]
    client.force_login(outsider)
    assert [client.get(a).status_code for a in (PAGE, FILE, "/api/audit")] == [403, 403, 403]


def test_an_interviews_page_has_its_own_part(staff_client: Client, take_home: Interview) -> None:
    write("ended", interview_id="another")
    for number in range(25):
        write("extended", interview_id=take_home.id, detail=f"{number} minutes")
    part = soup(staff_client.get(f"/interviews/{take_home.id}/")).select_one("#part-audit")
    found = [li.select("span")[0].get_text(strip=True) for li in part.select("li")]
    assert len(found) == 20
    assert found[0].startswith("adachanged the time")
    assert part.select_one("a")["href"] == f"{PAGE}?interview={take_home.id}"


@pytest.mark.parametrize("what", ["link", "address", "password", "message"])
def test_copying_is_written_down(staff_client: Client, running: Interview, what: str) -> None:
    assert staff_client.post(f"/interviews/{running.id}/copied/", {"what": what}).status_code == 204
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.interview_id, entry.detail) == (
        "copied_credentials",
        running.id,
        what,
    )


def test_copying_something_else_is_refused(staff_client: Client, running: Interview) -> None:
    assert staff_client.post(f"/interviews/{running.id}/copied/", {"what": "x"}).status_code == 422
    assert staff_client.post("/interviews/nothing/copied/", {"what": "link"}).status_code == 404
    assert AuditEntry.objects.count() == 0


def test_copying_needs_the_permission_and_the_csrf_token(
    client: Client, running: Interview, staff: User
) -> None:
    client.force_login(member("viewer", VIEWER))
    address = f"/interviews/{running.id}/copied/"
    assert client.post(address, {"what": "link"}).status_code == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(staff)
    assert careful.post(address, {"what": "link"}).status_code == 403
    assert AuditEntry.objects.count() == 0


def test_signing_in_is_written_down(client: Client, staff: User) -> None:
    client.post("/login/", {"username": "recruiter", "password": "a good one 4"})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.address) == ("recruiter", "signed_in", "127.0.0.1")


@pytest.mark.parametrize(("typed", "actor"), [("recruiter", "recruiter"), ("hunter2", "unknown")])
def test_failing_to_sign_in_is_written_down_without_what_was_typed(
    client: Client, staff: User, typed: str, actor: str
) -> None:
    client.post("/login/", {"username": typed, "password": "wrong"})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.address) == (actor, "sign_in_failed", "127.0.0.1")
    assert "hunter2" not in str(AuditEntry.objects.values())


def test_a_role_that_is_given_or_taken_is_written_down(staff: User) -> None:
    viewer = Group.objects.get(name=VIEWER)
    staff.groups.add(viewer)
    staff.groups.remove(viewer)
    viewer.user_set.add(staff)
    staff.groups.clear()
    found = AuditEntry.objects.order_by("id").values_list("actor", "target", "detail")
    assert list(found)[:3] == [
        ("manage.py", "recruiter", "Viewer: given"),
        ("manage.py", "recruiter", "Viewer: taken"),
        ("manage.py", "recruiter", "Viewer: given"),
    ]
    assert sorted(found)[:2] == [
        ("manage.py", "recruiter", "Administrator: taken"),
        ("manage.py", "recruiter", "Viewer: given"),
    ]


def test_old_entries_stay_where_they_are(staff_client: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        write(target="old")
    assert lines(staff_client.get(PAGE))[0][2] == "old"
