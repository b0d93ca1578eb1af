"""The pages work with old rows as with migrated ones."""

import pytest
from django.urls import reverse

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, Status
from tests import legacy_rows
from tests.interviews.legacy.conftest import everything, keep

pytestmark = [pytest.mark.usefixtures("old_table"), pytest.mark.django_db]

SAYS = {
    "available": "Start test",
    "lapsed": "expired",
    "revoked": "withdrawn",
    "running": "http://takehome-1700000000001-abcd1.example.com/",
    "starting": "Getting your workspace ready",
    "ended by itself": "Your files",
    "started, its interview is gone": "Thank you",
    "failed": "You haven't lost any time",
}


@pytest.mark.parametrize("kind", SAYS)
def test_candidate_opens_an_old_link(client, kind):
    code = everything()[kind]
    page = client.get(f"/take-home/{code}/")
    assert page.status_code == 200
    assert SAYS[kind].lower() in page.content.decode().lower()


def test_candidate_starts_an_old_test(client):
    code = everything()["available"]
    assert client.post(f"/take-home/{code}/start").status_code == 302
    assert queries.get_by_passcode(code).state is Status.ACTIVATED


@pytest.mark.parametrize("kind", ["running", "available", "starting"])
def test_password_of_an_old_test_is_shown_only_while_it_runs(client, kind):
    code = everything()[kind]
    answer = client.get(f"/api/interviews/by-passcode/{code}").json()
    assert answer["password"] == ("editor-password" if kind == "running" else None)


def test_staff_sees_every_old_interview_and_its_page(client, staff):
    codes = everything()
    live = legacy_rows.every_interview(now())
    keep(*live.values())
    client.force_login(staff)
    for url in ("dashboard:take-homes", "dashboard:live", "dashboard:history"):
        assert client.get(reverse(url)).status_code == 200
    for code in codes.values():
        one = queries.get_by_passcode(code)
        for page in ("interview", "row", "logs"):
            url = reverse(f"dashboard:{page}", args=[one.id])
            tab = "take-home" if one.state not in FINAL else "history"
            assert client.get(url, {"tab": tab}).status_code == 200
        assert client.get(f"/api/interviews/{one.id}").json()["id"] == one.id
    for row in live.values():
        assert client.get(f"/api/interviews/{row['id']['S']}").status_code == 200
    listed = client.get("/api/takehome").json()["items"]
    assert len(listed) == 10
    assert client.get("/api/interviews").status_code == 200


def test_staff_revokes_an_old_invitation(client, staff):
    code = everything()["available"]
    client.force_login(staff)
    answer = client.post(f"/api/takehome/{code}/revoke", headers={"X-CSRFToken": "x"})
    assert answer.status_code == 202
    assert queries.get_by_passcode(code).state is Status.REVOKED


def test_staff_can_finish_an_end_of_the_old_portal(client, staff):
    one = queries.get_by_passcode(everything()["ending"])
    client.force_login(staff)
    row = client.get(reverse("dashboard:row", args=[one.id])).content.decode()
    assert reverse("dashboard:end", args=[one.id]) in row


def test_outsider_sees_no_old_interview(client, outsider):
    one = queries.get_by_passcode(everything()["available"])
    client.force_login(outsider)
    assert client.get(f"/api/interviews/{one.id}").status_code in (401, 403)
    assert client.get(reverse("dashboard:take-homes")).status_code in (302, 403)
