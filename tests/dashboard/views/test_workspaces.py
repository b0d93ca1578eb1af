"""The page of workspaces that no interview needs: all staff may look, administrators decide."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, VIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.provisioners.base import Machine, MachineState
from operations.reaper.models import (
    MAX_UNKNOWN_PER_ENGINE,
    EngineLook,
    Orphan,
    OrphanReason,
)
from operations.sse.subscription import STAFF_EVENTS
from operations.worker.handler import UNEXPECTED_ERROR
from takehome_platform.local_stack.config import ROOT
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.orphans import make_orphan

PAGE = "/workspaces/"


@pytest.fixture
def orphan(db: None) -> Orphan:
    return make_orphan()


def rows(page: Any) -> list[list[str]]:
    return [[text_of(cell) for cell in row.select("th, td")] for row in page.select("tbody tr")]


def address(orphan: Orphan, verb: str) -> str:
    return f"{PAGE}{orphan.pk}/{verb}/"


def unchanged(orphan: Orphan) -> bool:
    now_so = Orphan.objects.filter(pk=orphan.pk).values().get()
    return bool(now_so == {name: getattr(orphan, name) for name in now_so})


def test_nothing_left_over_says_so(staff_client: Client) -> None:
    page = soup(staff_client.get(PAGE), 200)
    assert text_of(page.select_one(".empty h2")) == "No orphaned workspaces"
    assert "No engine checked yet" in text_of(page.select_one(".work-looks"))


def test_each_shows_whose_it_was_where_it_runs_and_when_it_ends(
    staff_client: Client, take_home: Interview
) -> None:
    make_orphan(name=take_home.id, interview_id=take_home.id, why=OrphanReason.OVER)
    make_orphan(name="lost")
    page = soup(staff_client.get(PAGE), 200)
    first, second = rows(page)
    assert first[0] == f"{take_home.id} Its interview is over"
    assert first[1:3] == [take_home.id, "fake"]
    assert second[:2] == ["lost There is no interview of this name", "None"]
    link = page.select_one("tbody a")["href"]
    assert staff_client.get(link).status_code == 200
    moments = [time["datetime"] for time in page.select("tbody tr")[0].select("time[data-when]")]
    orphan = Orphan.objects.get(name=take_home.id)
    assert moments == [orphan.since.isoformat(), orphan.end_at.isoformat()]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"lease": "x", "lease_until": timezone.now() + timedelta(hours=1)}, "Shutting down"),
        ({"ended_by": "boss"}, "Waiting for a worker Requested by boss"),
        ({"problem": UNEXPECTED_ERROR, "failed_step": "save"}, UNEXPECTED_ERROR),
        ({"kept_by": "boss"}, "Kept by boss"),
    ],
)
def test_how_it_stands(
    staff_client: Client, db: None, attributes: dict[str, Any], expected: str
) -> None:
    make_orphan(**attributes)
    assert expected in rows(soup(staff_client.get(PAGE), 200))[0][4]


def test_many_strangers_are_ended_only_by_hand_and_the_page_says_why(
    staff_client: Client, db: None
) -> None:
    for number in range(MAX_UNKNOWN_PER_ENGINE + 1):
        make_orphan(name=f"lost-{number}")
    page = soup(staff_client.get(PAGE), 200)
    assert {row[4] for row in rows(page)} == {"Not automatically"}
    assert "from another deployment" in text_of(page.select_one(".message-warn"))


def test_an_engine_that_could_not_be_looked_at_is_said(staff_client: Client, db: None) -> None:
    at = timezone.now()
    EngineLook.objects.create(engine="docker", at=at, held=3, problem="It does not answer.")
    EngineLook.objects.create(engine="local", at=at, held=1)
    looks = [text_of(each) for each in soup(staff_client.get(PAGE), 200).select(".work-looks li")]
    sentence = (
        "docker can't be checked: It does not answer. Nothing on it is shut down until it can."
    )
    assert looks[0].startswith(sentence)
    assert looks[1].startswith("local : 1 workspace")


def test_machines_say_what_is_free(staff_client: Client, db: None) -> None:
    machines = [
        Machine("build-1", MachineState.READY, 3, 8.0, 2.5, 16_384, 4096),
        Machine("build-2", MachineState.DRAINED, 1, 8.0, 8.0, 16_384, 16_384),
        Machine("build-3", MachineState.DOWN, 0, 8.0, 8.0, 16_384, 16_384),
    ]
    EngineLook.objects.create(
        engine="swarm", at=timezone.now(), held=4, machines=[asdict(each) for each in machines]
    )
    EngineLook.objects.create(engine="docker", at=timezone.now(), held=0)
    page = soup(staff_client.get(PAGE), 200)
    assert [text_of(each) for each in page.select(".work-machines h2")] == ["Machines of swarm"]
    assert rows(page) == [
        ["build-1", "Ready", "3", "2.5 of 8", "4.0 GB of 16.0 GB"],
        [
            "build-2",
            "Drained: its workspaces can't be checked or ended",
            "1",
            "8 of 8",
            "16.0 GB of 16.0 GB",
        ],
        ["build-3", "Down", "0", "8 of 8", "16.0 GB of 16.0 GB"],
    ]
    marked = [text_of(each.select_one("th")) for each in page.select("tr.needs-staff")]
    assert marked == ["build-2", "build-3"]


def test_orphan_says_on_which_machine_it_is(staff_client: Client, db: None) -> None:
    make_orphan(engine="swarm", state={"machine": "build-2", "node": "n2"})
    assert rows(soup(staff_client.get(PAGE), 200))[0][2] == "swarm on build-2"


def test_what_was_ended_is_listed(staff_client: Client, orphan: Orphan) -> None:
    Orphan.objects.update(ended_at=timezone.now(), ended_by="boss", saved_bytes=2048)
    page = soup(staff_client.get(PAGE), 200)
    assert rows(page) == []
    line = text_of(page.select_one(".work-ended li"))
    assert line.startswith("takehome-lost fake,")
    assert "by boss" in line
    assert "2.0\xa0KB of files saved" in page.select_one(".work-ended li").get_text()


def test_its_script_gets_the_part_that_changes(staff_client: Client, orphan: Orphan) -> None:
    part = soup(staff_client.get(PAGE, headers={"HX-Request": "true"}), 200)
    assert part.select_one("#workspaces") is not None
    assert part.select("h1, script") == []


def test_the_browser_listens_to_what_is_told() -> None:
    text = (ROOT / "static/shared/stream.js").read_text()
    assert '"workspaces"' in text
    assert "workspaces" in STAFF_EVENTS


# -- administrators --------------------------------------------------------------------------------


def test_it_is_asked_before_it_is_ended(staff_client: Client, orphan: Orphan) -> None:
    page = soup(staff_client.get(address(orphan, "end")), 200)
    assert "It belongs to no interview" in text_of(page.select_one("main"))
    assert [button.get("value") for button in page.select("main button")] == [None]
    assert unchanged(orphan)


def test_one_with_an_interview_is_saved_first(staff_client: Client, take_home: Interview) -> None:
    orphan = make_orphan(name=take_home.id, interview_id=take_home.id, why=OrphanReason.OVER)
    page = soup(staff_client.get(address(orphan, "end")), 200)
    assert "are saved first" in text_of(page.select_one("main"))


def test_end_now(
    staff_client: Client, orphan: Orphan, enqueued: list[tuple[str, str]], stream: Any
) -> None:
    enqueued.clear()
    page = soup(staff_client.post(address(orphan, "end"), follow=True), 200)
    assert text_of(page.select_one(".message-good")) == ("takehome-lost is shutting down.")
    orphan.refresh_from_db()
    assert (orphan.ended_by, orphan.save_files) == ("recruiter", True)
    assert orphan.end_at <= timezone.now()
    assert enqueued == [("operations.end_orphan", str(orphan.pk))]
    assert stream.events_named("workspaces") == [{}]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.target) == (
        "recruiter",
        "workspace_ended",
        "fake takehome-lost",
    )


def test_files_that_cannot_be_saved_may_be_given_up(
    staff_client: Client, take_home: Interview
) -> None:
    orphan = make_orphan(
        name=take_home.id,
        interview_id=take_home.id,
        why=OrphanReason.OVER,
        problem="The disk does not answer.",
        failed_step="save",
    )
    page = soup(staff_client.get(address(orphan, "end")), 200)
    assert "The disk does not answer." in text_of(page.select_one(".message-warn"))
    assert [button.get("value") for button in page.select("main button")] == ["lose", None]
    staff_client.post(address(orphan, "end"), {"files": "lose"})
    orphan.refresh_from_db()
    assert orphan.save_files is False
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.interview_id) == ("workspace_ended_unsaved", take_home.id)


def test_files_that_were_not_given_up_are_not_said_to_be(
    staff_client: Client, orphan: Orphan
) -> None:
    staff_client.post(address(orphan, "end"), {"files": "lose"})
    orphan.refresh_from_db()
    assert orphan.save_files is True
    assert AuditEntry.objects.get().what == "workspace_ended"


def test_keep(staff_client: Client, orphan: Orphan, stream: Any) -> None:
    page = soup(staff_client.post(address(orphan, "keep"), follow=True), 200)
    assert "kept for a day" in text_of(page.select_one(".message-good"))
    orphan.refresh_from_db()
    assert orphan.kept_by == "recruiter"
    assert orphan.end_at > timezone.now() + timedelta(hours=23)
    assert stream.events_named("workspaces") == [{}]
    assert AuditEntry.objects.get().what == "workspace_kept"


@pytest.mark.parametrize("verb", ["end", "keep"])
def test_one_that_is_gone_is_refused_in_words(
    staff_client: Client, orphan: Orphan, verb: str
) -> None:
    Orphan.objects.update(ended_at=timezone.now())
    page = soup(staff_client.post(address(orphan, verb)), 409)
    assert text_of(page.select_one("[role=alert]")).startswith("It's already gone")
    assert AuditEntry.objects.count() == 0
    if verb == "end":
        assert (
            text_of(soup(staff_client.get(address(orphan, verb)), 200).h1)
            == "This workspace is already shut down"
        )


@pytest.mark.parametrize("number", ["0", "12345", "99999999999999999999"])
def test_unknown_is_not_found(staff_client: Client, db: None, number: str) -> None:
    assert staff_client.post(f"{PAGE}{number}/end/").status_code == 404
    assert staff_client.post(f"{PAGE}{number}/keep/").status_code == 404


# -- access ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_others_may_look_and_not_decide(client: Client, orphan: Orphan, role: str) -> None:
    client.force_login(member("somebody", role))
    page = soup(client.get(PAGE), 200)
    assert len(rows(page)) == 1
    assert page.select("#workspaces form, #workspaces a[href*=end]") == []
    for verb in ("end", "keep"):
        assert client.post(address(orphan, verb)).status_code == 403
    assert client.get(address(orphan, "end")).status_code == 403
    assert unchanged(orphan)


def test_outsiders_and_nobody_are_kept_out(client: Client, outsider: User, orphan: Orphan) -> None:
    for expected in (302, 403):
        assert client.get(PAGE).status_code == expected
        for verb in ("end", "keep"):
            assert client.post(address(orphan, verb)).status_code == expected
        client.force_login(outsider)
    assert unchanged(orphan)


def test_a_decision_needs_the_csrf_token_and_a_post(db: None, orphan: Orphan) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member("boss", ADMINISTRATOR))
    for verb in ("end", "keep"):
        assert client.post(address(orphan, verb)).status_code == 403
    assert client.get(address(orphan, "keep")).status_code == 405
    assert unchanged(orphan)


# -- a running test whose workspace is gone --------------------------------------------------------


def test_what_is_wrong_with_a_running_test_is_shown(
    staff_client: Client, running: Interview
) -> None:
    running.change(
        failed_step="look", problem="The engine no longer has a workspace with this name."
    )
    row = soup(staff_client.get(f"/interviews/{running.id}/row/"), 200)
    assert text_of(row.select_one(".problem")).startswith("The engine no longer has")
    page = soup(staff_client.get(f"/interviews/{running.id}/"), 200)
    assert text_of(page.select_one("#part-now .message-bad")).startswith("The engine no longer has")
    listed = soup(staff_client.get("/"), 200).select_one("tr.needs-staff")
    assert listed is not None
