"""The audit log: its page, filters and file."""

import csv
import io
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.utils import translation
from django.utils.translation import gettext_lazy

from dashboard.audit import labels
from dashboard.audit.filters import AuditQuery
from dashboard.views import audit_log
from interviews.challenges.models import Challenge
from interviews.models import Interview
from operations.audit import AuditAction
from operations.audit.models import AuditEntry
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.audit_log.reading import FILE, PAGE, lines, write

pytestmark = pytest.mark.django_db


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


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
