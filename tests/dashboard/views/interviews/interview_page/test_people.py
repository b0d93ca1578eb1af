"""What candidates, interviewers and policies say on an interview's page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client

from interviews.challenges import versions
from interviews.challenges.models import ChallengeDetails
from interviews.challenges.policy import Policy, Stance
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from tests.conftest import fresh
from tests.dashboard.views.interviews.interview_page.reading import page_of, pairs, words
from tests.fakes import FakeProvisioner


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
