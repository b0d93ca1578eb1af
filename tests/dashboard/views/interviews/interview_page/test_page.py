"""An interview's page: who, what, where, and what can be done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, retention
from operations.archives.not_saved import row_changes
from operations.audit.models import AuditEntry
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.interview_page.reading import page_of, pairs, words
from tests.fakes import Broken, CannotSave, FakeProvisioner

FRAGMENT = {"HX-Request": "true"}


def action_labels(page: BeautifulSoup) -> list[str]:
    return [words(each) for each in page.select(".sheet-actions button")]


def test_page_tells_who_what_and_where(staff_client: Client, running: Interview) -> None:
    page = page_of(staff_client, running)
    assert words(page.h1) == "Ada"
    assert words(page.select_one(".sheet-what")) == "Take-home test: Word count (version 1)"
    assert words(page.select_one(".sheet-head .badge")) == "In progress"
    assert pairs(page, "#part-access") == {
        "Candidate's page": f"http://testserver/take-home/{running.passcode}/",
        "Workspace": running.access_url,
        "Password": "••••••••ShowCopy",
    }
    facts = pairs(page, "#part-facts")
    assert facts["Invited"].endswith("by recruiter")
    assert {name: facts[name] for name in ("Time limit", "Engine", "Attempts", "ID")} == {
        "Time limit": "1 h",
        "Engine": "fake",
        "Attempts": "1",
        "ID": running.id,
    }


def test_machine_of_the_workspace_is_named(staff_client: Client, running: Interview) -> None:
    running.change(workspace_state={"machine": "build-2", "node": "n2"})
    engine = pairs(page_of(staff_client, fresh(running)), "#part-facts")["Engine"]
    assert engine.startswith("fake") and engine.endswith("on build-2")


def test_saved_files_say_what_is_not_in_them(
    staff_client: Client, running: Interview, engine: FakeProvisioner
) -> None:
    folders = [NotSaved(f"{n}/target", NotSavedReason.REGENERABLE, 1, 1024) for n in range(12)]
    engine.not_saved = [NotSaved("web/node_modules", NotSavedReason.REGENERABLE, 1234, 2048)]
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(running)
    listed = page_of(staff_client, row).select_one(".sheet-files details")
    assert words(listed) == (
        "Left out (1) Can be regenerated: web/node_modules (1,234 files, 2.0 KB)"
    )
    assert not listed.has_attr("open")
    row.change(**row_changes([*folders, NotSaved("deep", NotSavedReason.UNREADABLE)]))
    listed = page_of(staff_client, row).select_one(".sheet-files details")
    assert words(listed).startswith("Left out (13) Couldn't be read, or only in part: deep Can")
    assert words(listed).endswith("And 3 more. The archive has the full list.")
    assert listed.has_attr("open")
    row.change(not_saved=None, not_saved_count=None)
    assert page_of(staff_client, row).select(".sheet-files details") == []


def test_fragment_is_the_page_without_the_log(staff_client: Client, running: Interview) -> None:
    part = soup(staff_client.get(f"/interviews/{running.id}/", headers=FRAGMENT))
    whole = page_of(staff_client, running)
    assert [str(each) for each in part.select("[data-part]")] == [
        str(each) for each in whole.select("[data-part]")
    ]
    assert len(part.select("[data-part]")) == 13
    assert (len(part.select("[data-log]")), len(whole.select("[data-log]"))) == (0, 1)
    assert part.html is None


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("available", ["Edit invitation", "Extend time", "Withdraw"]),
        ("activated", ["Extend time", "Withdraw"]),
        ("initializing", ["Extend time", "Withdraw"]),
        ("configuring", ["Extend time", "Withdraw"]),
        ("active", ["Extend time", "Stop now"]),
        ("error", ["Try again", "Extend time", "Withdraw"]),
        ("destroying", []),
        ("completed", ["Delete permanently"]),
        ("expired", ["Set new deadline", "Delete permanently"]),
        ("revoked", ["Delete permanently"]),
    ],
)
def test_page_offers_what_can_be_done_now(
    staff_client: Client, in_state: Callable[..., Interview], status: str, wanted: list[str]
) -> None:
    interview = in_state(status, auto_destroy_at=now() + timedelta(hours=1))
    assert action_labels(page_of(staff_client, interview)) == wanted


def test_page_of_a_planned_interview_has_link_and_password(
    staff_client: Client, regular: Interview
) -> None:
    page = page_of(staff_client, regular)
    assert words(page.select_one(".sheet-what")).startswith("Live interview: ")
    assert pairs(page, "#part-access") == {
        "Candidate's page": f"http://testserver/interview/{regular.passcode}/",
        "Password": "••••••••ShowCopy",
    }
    assert action_labels(page) == [
        "Reschedule",
        "Edit interview",
        "Extend time",
        "Cancel interview",
    ]


def test_page_of_a_dry_run_has_no_candidate(staff_client: Client, challenge, engine) -> None:
    interview = actions.start_dry_run(challenge.id, None, by="recruiter")
    runner.run_operation(str(interview.operation_id))
    page = page_of(staff_client, interview)
    assert words(page.select_one(".sheet-what")).startswith("Dry run: Word count")
    assert set(pairs(page, "#part-access")) == {"Workspace", "Password"}


@pytest.mark.parametrize("status", ["activated", "error", "destroying", "completed"])
def test_page_shows_no_credentials_of_what_does_not_run(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    interview = in_state(status, access_url="http://127.0.0.1:9/secret/", password="pass-word")
    text = staff_client.get(f"/interviews/{interview.id}/").content.decode()
    assert "127.0.0.1:9" not in text
    assert "pass-word" not in text


def test_page_tells_what_is_wrong(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    page = page_of(staff_client, take_home)
    assert words(page.select_one("#part-now .message")) == "No room for •••."
    assert page.select_one(".operation-error") is not None


def test_files_that_cannot_be_saved_can_be_given_up(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(CannotSave())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    actions.end(fresh(take_home), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    runner.run_operation(operation_of(take_home).id)
    page = page_of(staff_client, take_home)
    assert action_labels(page) == ["Stop without saving"]
    assert words(page.select_one(".sheet-step")) == "Saving the files"


def test_files_of_every_end_can_be_downloaded(staff_client: Client, ended: Interview) -> None:
    page = page_of(staff_client, ended)
    assert [words(each.a) for each in page.select(".sheet-files li")] == ["Download files (Ada)"]
    assert action_labels(page) == ["Reopen", "Delete permanently"]
    actions.reopen(ended, 30, by="recruiter")
    run_until_idle(ended)
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(ended)
    links = page_of(staff_client, ended).select(".sheet-files a[download]")
    assert [words(each).split(" (")[0] for each in links] == ["Sitting 2", "Sitting 1"]
    archives = [staff_client.get(str(each["href"])).getvalue() for each in links]
    assert [archive[:2] for archive in archives] == [b"\x1f\x8b"] * 2


def test_deleted_interview_is_gone_for_page_and_fragment(
    staff_client: Client, ended: Interview
) -> None:
    address = f"/interviews/{ended.id}/"
    retention.delete_interview(ended, by="recruiter")
    gone = staff_client.get(address)
    assert (gone.status_code, words(soup(gone).h1)) == (404, "Interview not found")
    assert staff_client.get(address, headers=FRAGMENT).status_code == 404


@pytest.mark.parametrize("interview_id", ["takehome-none", "x" * 3000, "%00"])
def test_unknown_interview_is_not_found(
    staff_client: Client, tables: None, interview_id: str
) -> None:
    assert staff_client.get(f"/interviews/{interview_id}/").status_code == 404


def test_page_can_only_be_read(staff_client: Client, take_home: Interview) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(staff_client, method)(f"/interviews/{take_home.id}/").status_code == 405


def test_names_and_instructions_are_text(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    hostile = "<script>alert(1)</script>{{7*7}}"
    interview = invite(candidate_name=hostile, custom_instructions=hostile)
    page = page_of(staff_client, interview)
    assert words(page.h1) == hostile
    assert words(page.select_one("#instructions p")) == hostile
    assert page.select("script:not([src]), style, [style], [onclick]") == []


def test_workspace_opens_signed_in_and_is_recorded(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state(
        "active",
        access_url="http://127.0.0.1:9/x/",
        password="pass-word",
        workspace_state={"sign_in": "form"},
        auto_destroy_at=now() + timedelta(hours=1),
    )
    path = f"/interviews/{interview.id}/open/"
    response = staff_client.get(path)
    assert 'action="http://127.0.0.1:9/x/login"' in response.text
    assert "form-action http://127.0.0.1:9" in response["Content-Security-Policy"].split("; ")
    [entry] = AuditEntry.objects.all()
    assert (entry.what, entry.interview_id) == ("saw_credentials", interview.id)
    page = page_of(staff_client, interview)
    assert page.select_one(f'#part-access a[href="{path}"][target=_blank][rel~=noreferrer]')


@pytest.mark.parametrize("status", ["activated", "error", "destroying", "completed"])
def test_no_workspace_opens_that_does_not_run(
    staff_client: Client, in_state: Callable[..., Interview], status: str
) -> None:
    interview = in_state(status, access_url="http://127.0.0.1:9/x/", password="pass-word")
    response = staff_client.get(f"/interviews/{interview.id}/open/")
    assert (response.status_code, response["Location"]) == (302, f"/interviews/{interview.id}/")
    assert not AuditEntry.objects.filter(what="saw_credentials").exists()


def test_page_says_that_nobody_may_sign_in_for_a_while(
    staff_client: Client, in_state: Callable[..., Interview]
) -> None:
    interview = in_state(
        "active",
        access_url="http://127.0.0.1:9/x/",
        password="pass-word",
        workspace_state={"sign_in": "form", "sign_in_refused": True},
        auto_destroy_at=now() + timedelta(hours=1),
    )
    for path in (f"/interviews/{interview.id}/", "/"):
        assert "nobody can sign in to the editor for about a minute" in staff_client.get(path).text
