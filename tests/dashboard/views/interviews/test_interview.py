"""/interviews/<id>/: the page of one interview, and its fragment."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client

from dashboard.permissions.roles import Actor
from dashboard.presenters.interviews.detail import InterviewDetail
from dashboard.presenters.interviews.rows.row import Row
from interviews.challenges import versions
from interviews.challenges.models import ChallengeDetails
from interviews.challenges.policy import Policy, Stance
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions, models, retention
from operations.archives.not_saved import row_changes
from operations.audit.models import AuditEntry
from operations.indexes import Step
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.html import soup
from tests.fakes import Broken, CannotSave, FakeProvisioner

FRAGMENT = {"HX-Request": "true"}


def page_of(client: Client, interview: Interview) -> BeautifulSoup:
    page: BeautifulSoup = soup(client.get(f"/interviews/{interview.id}/"))
    return page


def words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text()).strip()


def pairs(page: BeautifulSoup, part: str) -> dict[str, str]:
    return {words(each.dt): words(each.dd) for each in page.select(f"{part} .pairs > div")}


def action_labels(page: BeautifulSoup) -> list[str]:
    return [words(each) for each in page.select(".sheet-actions button")]


@pytest.fixture
def ended(running: Interview) -> Interview:
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)


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


def test_duration_is_told_with_what_it_is_made_of(
    staff_client: Client, invite: Callable[..., Interview]
) -> None:
    interview = invite(duration_minutes=60, allowance_percent=25)
    actions.extend(interview, -10, by="recruiter")
    assert pairs(page_of(staff_client, interview), "#part-facts")["Time limit"] == (
        "1 h 5 min1 h + 15 min extra time (25%) + 10 min less by staff"
    )


def test_page_counts_down_and_stands_still_with_the_clock(
    staff_client: Client, running: Interview
) -> None:
    clock = page_of(staff_client, running).select_one(".sheet-clock [data-until]")
    assert clock["data-until"] == str(int(running.auto_destroy_at.timestamp()))
    running.change_time(paused_at=now(), paused_left=754)
    page = page_of(staff_client, running)
    assert page.select_one(".sheet-clock [data-until]") is None
    assert words(page.select_one(".sheet-clock")) == "12:34 left"


def test_page_tells_whether_the_candidate_has_seen_the_new_time(
    staff_client: Client, running: Interview
) -> None:
    def timeline_texts() -> list[str]:
        return [words(each) for each in page_of(staff_client, running).select(".time-seen")]

    assert timeline_texts() == []
    actions.extend(running, 15, by="recruiter")
    assert timeline_texts() == ["The candidate hasn't seen the new time yet"]
    actions.mark_time_changes_seen(fresh(running), 1)
    assert timeline_texts() == ["The candidate has seen the new time"]
    actions.extend(fresh(running), 15, by="recruiter")
    assert timeline_texts() == ["The candidate hasn't seen the new time yet"]


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


def test_sittings_are_side_by_side(staff_client: Client, ended: Interview) -> None:
    assert page_of(staff_client, ended).select_one("#part-sittings").has_attr("hidden")
    actions.reopen(ended, 30, by="recruiter")
    run_until_idle(ended)

    def table() -> list[list[str]]:
        page = page_of(staff_client, ended)
        assert not page.select_one("#part-sittings").has_attr("hidden")
        return [
            [words(cell) for cell in row.select("th, td")]
            for row in page.select(".sittings tbody tr")
        ]

    first, second = table()
    assert [first[0], first[4], first[5].split()[0]] == [
        "Sitting 1",
        "Stopped by staff",
        "Download",
    ]
    assert first[3].endswith("of 1 h")
    assert second[2:] == ["Not ended", "–of 30 min", "In progress", "None"]
    actions.submit(fresh(ended), by="candidate")
    run_until_idle(ended)
    assert table()[0] == first
    assert table()[1][4:5] == ["Submitted by the candidate"]


def test_sitting_of_which_little_is_known_says_so(staff_client: Client, ended: Interview) -> None:
    ended.change(reopened=2)
    page = page_of(staff_client, ended)
    rows = page.select(".sittings tbody tr")
    assert [words(cell) for cell in rows[1].select("th, td")] == [
        "Sitting 2",
        "Unknown",
        "Unknown",
        "–",
        "Unknown",
        "None",
    ]


def test_reopened_interview_counts_from_its_own_start(
    staff_client: Client, ended: Interview
) -> None:
    ended.change(activated_at=now() - timedelta(hours=5))
    actions.reopen(ended, 30, by="recruiter")
    page = page_of(staff_client, ended)
    since = int(str(page.select_one("#part-now [data-since]")["data-since"]))
    assert now().timestamp() - since < 60
    assert pairs(page, "#part-facts")["Time limit"] == "30 minreopened for 30 min"


def test_time_in_the_workspace_is_that_of_all_openings(take_home: Interview) -> None:
    start = now()
    steps = [("activated", 0), ("active", 1), ("destroying", 31), ("completed", 32)]
    steps += [("activated", 60), ("active", 61), ("destroying", 71), ("completed", 72)]
    take_home.timeline = [
        TimelineEntry(status=status, at=start + timedelta(minutes=minute), by="worker")
        for status, minute in steps
    ]
    take_home.save()
    assert (
        InterviewDetail(fresh(take_home), Row(fresh(take_home), "", "", Actor("recruiter"))).worked
        == "40 min"
    )


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


def test_steps_are_told_with_how_long_they_took(staff_client: Client, running: Interview) -> None:
    operation = operation_of(running)
    start = now()
    operation.update(
        actions=[
            models.Operation.created_at.set(start - timedelta(seconds=4)),
            models.Operation.started_at.set(start),
            models.Operation.steps.set(
                [
                    Step(name="provision", at=start),
                    Step(name="provision", at=start + timedelta(seconds=5)),
                    Step(name="configure", at=start + timedelta(milliseconds=8200)),
                ]
            ),
            models.Operation.finished_at_precise.set(start + timedelta(seconds=90)),
        ]
    )
    steps = words(page_of(staff_client, running).select_one(".operation-steps"))
    assert steps == "waited 4.0 sCreate × 2 8.2 sWait until ready 1 min 22 s"


def test_step_that_goes_on_counts_up(staff_client: Client, take_home: Interview, engine) -> None:
    operation = models.get_operation(actions.activate(take_home, by="candidate"))
    operation.begin_step(operation.claim(), "provision")
    step = page_of(staff_client, take_home).select_one(".operation-step b")
    assert abs(int(str(step["data-since"])) - now().timestamp()) < 60


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


def test_interviewers_are_on_staffs_page_and_not_on_the_candidates(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    interview = schedule(interviewers=["mary@example.com", "joan@example.com"])
    page = page_of(staff_client, interview)
    assert pairs(page, "#part-facts")["Interviewers"] == "mary@example.com joan@example.com"
    actions.edit_invitation(
        fresh(interview), InvitationEdit(interviewers=["joan@example.com"]), by="recruiter"
    )
    page = page_of(staff_client, interview)
    assert pairs(page, "#part-facts")["Interviewer"] == "joan@example.com"
    assert "changed: interviewers" in words(page.select_one("#part-timeline"))
    theirs = Client().get(f"/interview/{interview.passcode}/")
    assert theirs.status_code == 200
    assert "joan@example.com" not in theirs.content.decode()
    api = Client().get(f"/api/interviews/by-passcode/{interview.passcode}")
    assert api.status_code == 200
    assert "joan@example.com" not in api.content.decode()


def test_interview_of_earlier_versions_names_no_interviewers(
    staff_client: Client, regular: Interview
) -> None:
    assert "interviewers" not in regular.serialize()
    assert "Interviewers" not in pairs(page_of(staff_client, regular), "#part-facts")
    assert staff_client.get(f"/api/interviews/{regular.id}").json()["interviewers"] == []


def test_report_of_a_problem_is_shown_where_staff_looks(
    staff_client: Client, take_home: Interview
) -> None:
    row = f"/interviews/{take_home.id}/row/"
    assert "reported a problem" not in staff_client.get(row).text
    page = {"browser": "Firefox/140.0", "screen": "1280x720", "stream": "live"}
    actions.report_problem(take_home, "The <b>editor</b> is empty.", page, by="candidate")
    shown = page_of(staff_client, take_home)
    assert words(shown.select_one(".moment-report-text")) == "The <b>editor</b> is empty."
    facts = [words(each) for each in shown.select(".moment-report li")]
    assert facts == [
        "Status: Invited",
        "Window: 1280x720",
        "Live updates: live",
        "Browser: Firefox/140.0",
    ]
    assert "The candidate reported a problem" in words(shown.select_one("#part-now"))
    assert "The candidate reported a problem" in staff_client.get(row).text
    told = staff_client.get(f"/api/interviews/{take_home.id}").json()["timeline"][-1]
    assert (told["what"], told["text"]) == ("problem_reported", "The <b>editor</b> is empty.")


def test_old_report_of_an_ended_test_is_in_the_timeline_alone(
    staff_client: Client, ended: Interview
) -> None:
    actions.report_problem(ended, "Which files did I submit?", by="candidate")
    assert "reported a problem" in words(page_of(staff_client, ended).select_one("#part-now"))
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        shown = page_of(staff_client, ended)
    assert "reported a problem" not in words(shown.select_one("#part-now"))
    assert len(shown.select(".moment-report")) == 1


def test_feedback_is_shown_with_the_details(staff_client: Client, ended: Interview) -> None:
    assert page_of(staff_client, ended).select_one("#feedback-title") is None
    actions.give_feedback(ended, "4", "The <b>task</b> was clear.")
    section = page_of(staff_client, ended).select_one("#feedback-title").parent
    assert words(section).startswith("Feedback 4 of 5 for working in the workspace")
    assert words(section.select_one(".sheet-feedback")) == "The <b>task</b> was clear."
    told = staff_client.get(f"/api/interviews/{ended.id}").json()
    found = told["feedbackRating"], told["feedbackText"], told["feedbackAt"] is not None
    assert found == (4, "The <b>task</b> was clear.", True)


def allow(interview: Interview, policy: Policy) -> Interview:
    """Let the interview have a version of its challenge that says what is allowed."""
    versions.create_challenge(
        "strict",
        ChallengeDetails("Strict", "", "", 60, internet=policy.internet, policy_note=policy.note),
        {"README.md": b"#"},
        by="ada",
    )
    interview.change(challenge="strict", challenge_version=1)
    return fresh(interview)


def test_what_is_allowed_is_shown_with_its_confirmation(
    staff_client: Client, take_home: Interview, engine: FakeProvisioner
) -> None:
    policy = Policy(internet=Stance.NOT_ALLOWED, note="Books are fine.")
    interview = allow(take_home, policy)
    part = "[aria-labelledby=policy-title]"
    before = words(page_of(staff_client, interview).select_one(part))
    assert "Internet: not allowed" in before
    assert "The candidate confirms it with the start." in before
    actions.activate(interview, by="candidate", confirmed_policy=policy.id)
    page = page_of(staff_client, fresh(interview))
    after = words(page.select_one(part))
    assert "Confirmed by the candidate" in after
    assert "This engine can't block the internet" in after
    line = "Ada confirmed what's allowed: Internet: not allowed; “Books are fine.”"
    assert line in words(page.select_one("#part-timeline"))
    told = staff_client.get(f"/api/interviews/{interview.id}").json()
    assert told["confirmedPolicy"]["internet"] == "not_allowed"
    assert told["policyConfirmedAt"] == told["activatedAt"]
    fresh(interview).change(provisioner="docker")
    after = words(page_of(staff_client, fresh(interview)).select_one(part))
    assert "Internet is blocked in the workspace." in after


def test_internet_that_the_engine_does_not_give_is_said(
    staff_client: Client, take_home: Interview, settings: Any
) -> None:
    interview = allow(take_home, Policy(internet=Stance.ALLOWED))
    interview.change(provisioner="docker")
    part, sentence = "[aria-labelledby=policy-title]", "Workspaces have no internet here"
    assert sentence not in words(page_of(staff_client, fresh(interview)).select_one(part))
    settings.DOCKER_INTERNET = "false"
    assert sentence in words(page_of(staff_client, fresh(interview)).select_one(part))


def test_a_test_that_staff_started_says_so(
    staff_client: Client, take_home: Interview, engine: FakeProvisioner
) -> None:
    interview = allow(take_home, Policy(note="Books are fine."))
    actions.activate(interview, by="recruiter")
    text = words(page_of(staff_client, fresh(interview)).select_one("#part-facts"))
    assert "Not confirmed: the candidate didn't start the test themselves." in text
