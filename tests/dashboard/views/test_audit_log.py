"""Reading the audit log: its page, its file, and the part on an interview's page."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, User
from django.test import AsyncClient, Client
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from dashboard.audit import labels
from dashboard.audit.filters import AuditQuery
from dashboard.permissions.roles import INTERVIEWER, VIEWER
from dashboard.views import audit_log
from interviews.challenges.models import Challenge
from interviews.models import Interview
from operations.audit import AuditAction
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.html import soup, text_of

pytestmark = pytest.mark.django_db

PAGE = "/audit/"
FILE = "/audit/audit.csv"


def lines(response: Any) -> list[list[str]]:
    """Actor, action and target of each line."""
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")][1:4]
        for row in soup(response).select(".audit tbody tr")
    ]


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def write(what: str = "extended", actor: str = "ada", **more: str) -> None:
    AuditEntry.objects.create(actor=actor, what=what, via="page", **more)


def test_newest_is_first_in_words(staff_client: Client) -> None:
    write("extended", interview_id="takehome-1", detail="15 minutes")
    write("webhook_created", actor="grace", target="Our ATS")
    write("something_new")
    assert lines(staff_client.get(PAGE)) == [
        ["ada", "Something new", "–"],
        ["grace", "Added a webhook", "Our ATS"],
        ["ada", "Changed the time 15 minutes", "takehome-1"],
    ]


def test_people_and_targets_have_their_names(
    staff_client: Client, take_home: Interview, challenge: Challenge
) -> None:
    User.objects.create(username="grace", first_name="Grace", last_name="Hopper")
    write("ended", actor="grace", interview_id=take_home.id)
    write("challenge_archived", target=challenge.id)
    found = soup(staff_client.get(PAGE)).select(".audit-of")
    assert [cell.get_text(" ", strip=True) for cell in found] == [
        challenge.name,
        f"{take_home.candidate_name} {challenge.name}",
    ]
    assert [cell.select_one("a")["href"] for cell in found] == [
        f"/challenges/{challenge.id}/",
        f"/interviews/{take_home.id}/",
    ]
    assert [who for who, _, _ in lines(staff_client.get(PAGE))] == ["ada", "Grace Hopper grace"]


def test_file_is_in_english_whatever_the_language(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USE_I18N = True
    # A text that Django itself translates.
    monkeypatch.setitem(labels.WORDS, "ended", gettext_lazy("January"))
    with translation.override("de"):
        assert labels.label("ended") == "Januar"
        assert labels.label_in_files("ended") == "January"


def test_an_id_that_has_no_page_keeps_nobody_from_reading_on(staff_client: Client) -> None:
    write("ended", interview_id="of/another/time")
    write("ended", interview_id="takehome-1")
    assert [what for _, _, what in lines(staff_client.get(PAGE))] == [
        "takehome-1",
        "of/another/time",
    ]


def test_each_thing_that_is_written_down_has_words() -> None:
    codes = {action.value for action in AuditAction}
    assert {"invited", "revoked", "exported_audit"} <= codes
    assert codes == labels.WORDS.keys()


def test_one_choice_finds_who_saw_or_copied_a_password(staff_client: Client) -> None:
    for number, action in enumerate(("saw_credentials", "copied_credentials", "extended")):
        write(action, actor=f"person-{number}")
    page = soup(staff_client.get(PAGE), 200)
    (option,) = [
        each
        for each in page.select("#id_what option")
        if text_of(each) == "Saw or copied a password or link"
    ]
    found = lines(staff_client.get(PAGE, {"what": option["value"]}))
    assert {who for who, _, _ in found} == {"person-0", "person-1"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person=grace", ["grace"]),
        ("what=ended", ["grace"]),
        ("interview=takehome-1", ["ada"]),
        ("person=ada&what=ended", []),
        ("what=extended,ended", ["grace", "ada"]),
        ("what=ended,invited", ["grace"]),
        ("person=gra", []),
        ("person=%00", ["grace", "ada"]),
        ("from=2000-01-01&to=2099-12-31", ["grace", "ada"]),
        ("to=2000-01-01", []),
        ("from=2099-01-01&zone=Europe/Berlin", []),
    ],
)
def test_it_is_narrowed(staff_client: Client, query: str, expected: list[str]) -> None:
    write("extended", interview_id="takehome-1")
    write("ended", actor="grace", interview_id="takehome-2")
    assert [line[0] for line in lines(staff_client.get(f"{PAGE}?{query}"))] == expected


def test_days_are_those_of_the_zone(staff_client: Client) -> None:
    with time_machine.travel("2030-03-01T23:30:00Z", tick=False):
        write()
    for asked, found in (
        ({"from": "2030-03-02", "zone": "Europe/Berlin"}, 1),
        ({"from": "2030-03-02"}, 0),
        ({"to": "2030-03-01"}, 1),
    ):
        query, errors = AuditQuery.read(asked)
        assert (len(query.page(None).items), errors) == (found, {}), asked


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("from=2030-03-02&to=2030-03-01", "to"),
        ("person=" + "x" * 151, "person"),
        ("interview=" + "x" * 101, "interview"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(
    staff_client: Client, query: str, field: str
) -> None:
    write()
    response = staff_client.get(f"{PAGE}?{query}")
    page = soup(response)
    assert (response.status_code, lines(response)) == (422, [])
    assert page.select_one(f"#id_{field}_error").get_text(strip=True)
    assert page.select_one(f"#id_{field}")["value"] in query
    assert staff_client.get(f"{FILE}?{query}").status_code == 302


def test_pages_follow_each_other(staff_client: Client) -> None:
    for number in range(120):
        write(target=f"t{number}")
    address, seen = PAGE, []
    while address:
        response = staff_client.get(address)
        seen += [line[2] for line in lines(response)]
        older = soup(response).select_one("a[rel=next]")
        address = older["href"] if older else ""
    assert seen == [f"t{number}" for number in reversed(range(120))]


@pytest.mark.parametrize("cursor", ["nonsense", "InRydWUi", "MA", "LTE", "W10"])
def test_a_bad_cursor_leads_to_the_newest(staff_client: Client, cursor: str) -> None:
    response = staff_client.get(f"{PAGE}?what=ended&cursor={cursor}")
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?what=ended")
    assert staff_client.get(f"/api/audit?cursor={cursor}").json()["error"]["field"] == "cursor"


# -- the file --------------------------------------------------------------------------------------


def test_file_has_all_that_fits(staff_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "CHUNK", 7)
    for number in range(30):
        write(target=f"t{number}")
    write("ended", actor="grace")
    response = staff_client.get(f"{FILE}?person=ada")
    rows = rows_of(response)
    assert response["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert rows[0][:4] == ["Time (UTC)", "Person", "What", "Code"]
    assert [row[5] for row in rows[1:]] == [f"t{number}" for number in reversed(range(30))]


def test_file_calculates_nothing(staff_client: Client) -> None:
    write(actor="=1+1", target="@SUM(A1)", detail='+cmd|"/c calc"!A1', interview_id="-1")
    row = rows_of(staff_client.get(FILE))[2]
    assert [row[1], row[4], row[5], row[6]] == ["'=1+1", "'-1", "'@SUM(A1)", '\'+cmd|"/c calc"!A1']


def test_file_says_which_instant_it_was(staff_client: Client) -> None:
    with time_machine.travel("2026-12-01T23:30:05+09:00", tick=False):
        write()
    assert rows_of(staff_client.get(FILE))[1:][-1][0] == "2026-12-01T14:30:05Z"


def test_exporting_is_written_down(staff_client: Client) -> None:
    staff_client.get(FILE)
    assert AuditEntry.objects.get().what == "exported_audit"


@pytest.mark.django_db(transaction=True)
def test_file_is_streamed_through_asgi(staff: User) -> None:
    for number in range(30):
        write(target=f"t{number}")

    async def fetch() -> bytes:
        client = AsyncClient()
        await client.aforce_login(staff)
        response: Any = await client.get(FILE)
        return b"".join([piece async for piece in response.streaming_content])

    rows = list(csv.reader(io.StringIO(async_to_sync(fetch)().decode("utf-8-sig"))))
    assert len(rows) == 32


# -- access ----------------------------------------------------------------------------------------


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


# -- copying ---------------------------------------------------------------------------------------


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


# -- entries from Django's signals -----------------------------------------------------------------


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
