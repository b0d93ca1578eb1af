"""The pages of checks: of a submission, and of a challenge."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from dashboard.permissions.roles import INTERVIEWER, REVIEWER, VIEWER
from interviews.challenges import storage
from interviews.challenges.checks.manifest import CheckRules
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.checks import actions, queue
from operations.checks.models import CheckResult, CheckRun, Problem, RunReason, Subject
from tests.checking import TOML, save_checks, submit
from tests.conftest import member
from tests.dashboard.html import soup, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(challenge, invite: Callable[..., Interview]) -> Interview:
    save_checks()
    return submit(invite())


def end(
    passed: int,
    total: int,
    *,
    problem: str = "",
    text: str = "",
    outcome: str = "passed",
    seconds: float | None = 0.5,
) -> CheckRun:
    """End the run that is due with one result."""
    run = queue.acquire_run()
    assert run is not None
    test = {"group": "t", "name": "one", "outcome": outcome, "seconds": seconds, "text": text}
    result = CheckResult(
        run=run,
        position=0,
        name="<Given>",
        is_visible=True,
        problem=problem,
        exit_code=None if problem else 1,
        seconds=2,
        output="<script>alert(1)</script>",
        tests=[test | {"counts": True}],
        passed=passed,
        total=total,
    )
    queue.finish(run, [result])
    return run


def test_the_page_of_a_run(client: Client, submitted: Interview) -> None:
    actions.run_again(submitted, by="ada")
    run = end(3, 5, text="<b>no</b>", outcome="failed")
    client.force_login(member("vera", VIEWER))
    address = f"/interviews/{submitted.id}/checks/"
    page = soup(client.get(address), 200)
    assert text_of(page.select_one("#result-title")) == "3 of 5 tests passed"
    assert text_of(page.select_one(".check-tests td")) == "Failed"
    assert "<b>no</b>" in text_of(page.select_one(".check-tests pre"))
    assert page.select_one("#checks script") is None
    assert page.select_one("#part-run") is None
    assert AuditEntry.objects.filter(what="opened_submission").count() == 1
    part = soup(client.get(address, headers={"HX-Request": "true"}), 200)
    assert part.select_one("html") is None
    assert part.select_one("#checks")["data-interview"] == submitted.id
    assert client.get(f"{address}?run={run.pk}").status_code == 200
    for other in ("nothing", "00000000-0000-0000-0000-000000000000"):
        assert client.get(f"{address}?run={other}").status_code == 404


def test_a_command_that_failed_by_itself_has_a_row(client: Client, submitted: Interview) -> None:
    """It is one of the tests in the numbers above the table."""
    actions.run_again(submitted, by="ada")
    end(1, 2, problem=Problem.EXIT_CODE)
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"), 200)
    assert text_of(page.select_one("#result-title")) == "1 of 2 tests passed"
    rows = [text_of(each) for each in page.select(".check-tests tbody tr")]
    assert rows == ["The command itself Failed", "t › one Passed 0.50"]


def test_a_check_without_tests_says_how_it_counts(client: Client, submitted: Interview) -> None:
    actions.run_again(submitted, by="ada")
    run = end(0, 1, problem=Problem.NO_REPORT)
    CheckResult.objects.filter(run=run).update(tests=[])
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"), 200)
    assert text_of(page.select_one("#result-title")) == "0 of 1 test passed"
    assert text_of(page.select_one(".check .tone-bad")) == "Failed, counted as one test"


@pytest.mark.parametrize(("seconds", "heads"), [(0.5, 3), (0, 3), (None, 2)])
def test_seconds_have_a_column_if_the_report_has_some(
    client: Client, submitted: Interview, seconds: float | None, heads: int
) -> None:
    actions.run_again(submitted, by="ada")
    end(1, 1, seconds=seconds)
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"), 200)
    assert len(page.select(".check-tests thead th")) == heads
    assert len(page.select(".check-tests tbody tr > *")) == heads


@pytest.mark.parametrize(("is_compared", "is_said"), [(False, True), (True, False), (None, False)])
def test_a_run_without_a_trial_says_so(
    client: Client, submitted: Interview, is_compared: bool | None, is_said: bool
) -> None:
    actions.run_again(submitted, by="ada")
    run = end(5, 5)
    CheckRun.objects.filter(pk=run.pk).update(is_compared=is_compared)
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"), 200)
    assert ("Not compared with a trial" in text_of(page.select_one("#part-result"))) is is_said


def test_a_kept_state_need_not_fail(client: Client, submitted: Interview) -> None:
    """Only starting files should."""
    actions.run_again(submitted, by="ada")
    run = end(5, 5)
    CheckRun.objects.filter(pk=run.pk).update(subject=Subject.STATE, progress_state=1)
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/?run={run.pk}"), 200)
    assert page.select_one("#part-result .message-warn") is None


def test_the_interviews_page_says_how_they_went(client: Client, submitted: Interview) -> None:
    client.force_login(member("vera", VIEWER))
    address = f"/interviews/{submitted.id}/"
    assert "Not run yet." in text_of(soup(client.get(address)).select_one("#part-checks"))
    actions.run_again(submitted, by="ada")
    end(3, 5)
    actions.run_again(submitted, by="ada")
    shown = text_of(soup(client.get(address)).select_one("#part-checks"))
    assert "3 of 5 tests passed" in shown
    assert "They are being run again." in shown


def test_an_interview_without_checks_has_no_card(client: Client, take_home: Interview) -> None:
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{take_home.id}/"))
    assert page.select_one("#part-checks").has_attr("hidden")
    page = soup(client.get(f"/interviews/{take_home.id}/checks/"), 200)
    assert "This challenge has no checks" in text_of(page.select_one("#checks"))


def test_run_them_again(client: Client, submitted: Interview) -> None:
    client.force_login(member("rita", REVIEWER))
    address = f"/interviews/{submitted.id}/checks/"
    form = soup(client.get(address)).select_one("#part-run form")
    assert form["action"] == f"{address}run/"
    page = soup(client.post(f"{address}run/", {"version": "2"}, follow=True), 200)
    assert "The checks were started." in text_of(page.select_one(".message[role=status]"))
    assert page.select_one("#part-run button").has_attr("disabled")
    assert text_of(page.select_one("#result-title")) == "Waiting"
    refused = soup(client.post(f"{address}run/", {"version": "7"}, follow=True), 200)
    assert "There's no such version." in text_of(refused.select_one(".message-bad"))
    assert CheckRun.objects.count() == 1


@pytest.mark.parametrize("problem", list(Problem))
def test_each_problem_has_a_sentence(client: Client, submitted: Interview, problem) -> None:
    actions.run_again(submitted, by="ada")
    end(0, 1, problem=problem)
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"))
    assert str(Problem(problem).label) in text_of(page.select_one(".check .message-bad"))


def test_a_run_that_failed_says_why(client: Client, submitted: Interview) -> None:
    actions.run_again(submitted, by="ada")
    run = queue.acquire_run()
    assert run is not None
    queue.fail(run, RunReason.ENGINE, "No Docker engine responds.")
    client.force_login(member("vera", VIEWER))
    page = soup(client.get(f"/interviews/{submitted.id}/checks/"))
    assert text_of(page.select_one("#result-title")) == "Couldn't run"
    shown = text_of(page.select_one("#part-result .message-bad"))
    assert shown == "The engine failed. No Docker engine responds."


def test_the_checks_of_a_challenge_and_their_trial(client: Client, submitted: Interview) -> None:
    client.force_login(member("ida", INTERVIEWER))
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert "Given Visible to candidates" in text_of(card)
    assert "Not tried yet." in text_of(card)
    client.post("/challenges/word-count/checks/try/", {"version": "2"})
    solution = end(5, 5)
    starting = end(5, 5)
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert "Reference solution: 5 of 5 tests passed as it should be" in text_of(card)
    assert "Starting files: 5 of 5 tests passed should fail" in text_of(card)
    links = [link["href"] for link in card.select("a")]
    assert links == [f"/challenges/word-count/checks/{each.pk}/" for each in (solution, starting)]
    page = soup(client.get(links[0]), 200)
    assert "passes, as it should" in text_of(page.select_one(".message-good"))
    page = soup(client.get(links[1], headers={"HX-Request": "true"}), 200)
    assert "should fail at least one" in text_of(page.select_one(".message-warn"))


def test_a_challenge_shows_each_check_as_it_was_written(
    client: Client, submitted: Interview
) -> None:
    client.force_login(member("ida", INTERVIEWER))
    first, second = soup(client.get("/challenges/word-count/")).select("#part-checks .check-of")
    assert text_of(first.summary) == "Given Visible to candidates"
    assert facts(first) == {
        "Command": "run given",
        "Limits": "60 seconds, 1024 MB",
        "Own files": "None: it uses the submission's",
        "Candidates run": "They aren't told how: there's no candidate_command",
        "Put back": "count.py",
        "Report": "$CHECK_REPORT",
        "Expected tests": "Not known before a trial of the reference solution",
    }
    assert facts(second)["Own files"] == "test_count.py"
    assert facts(second)["Limits"] == "7 seconds, 100 MB"
    assert not {"Put back", "Candidates run"} & facts(second).keys()
    client.post("/challenges/word-count/checks/try/", {"version": "2"})
    end(1, 1)
    first, second = soup(client.get("/challenges/word-count/")).select("#part-checks .check-of")
    # The result of the trial in these tests has the name of no check.
    assert facts(first)["Expected tests"].startswith("Not known")
    CheckResult.objects.update(name="Given")
    first, second = soup(client.get("/challenges/word-count/")).select("#part-checks .check-of")
    assert text_of(first.summary) == "Given Visible to candidates · 1 expected test"
    assert facts(first)["Expected tests"] == "t › one"


def test_the_help_explains_each_field_of_a_check(client: Client, submitted: Interview) -> None:
    client.force_login(member("ida", INTERVIEWER))
    help_ = soup(client.get("/challenges/word-count/")).select_one("#checks-help")
    explained = [text_of(each) for each in help_.select("dt code")]
    assert sorted(explained) == sorted(CheckRules.model_fields)


def test_a_challenge_says_which_field_of_its_checks_is_wrong(
    client: Client, submitted: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An upload with such a manifest is refused, but the rules of a later release may be stricter.
    monkeypatch.setattr(storage, "read_file", lambda *_: TOML.replace(b"= 7", b"= 0"))
    client.force_login(member("vera", VIEWER))
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert text_of(card.select_one(".message-bad")) == (
        ".checks/checks.toml: Check 2, seconds: Enter 1 or more."
    )
    assert card.select(".check-of") == []


def facts(part: Any) -> dict[str, str]:
    names, values = part.select("dt"), part.select("dd")
    return {text_of(n): text_of(v) for n, v in zip(names, values, strict=True)}


def test_a_trial_is_found_by_its_challenge_only(client: Client, submitted: Interview) -> None:
    client.force_login(member("vera", VIEWER))
    run = actions.run_again(submitted, by="ada")
    other, _ = queue.queue_run(Subject.STARTING, "another", 1)
    for run_id in (run.pk, other.pk, "nothing"):
        assert client.get(f"/challenges/word-count/checks/{run_id}/").status_code == 404


def test_all_submissions_with_their_progress(client: Client, submitted: Interview) -> None:
    client.force_login(member("ida", INTERVIEWER))
    page = soup(client.post("/challenges/word-count/checks/run-all/", follow=True))
    assert text_of(page.select_one(".message")) == "The checks of 1 submission were queued."
    page = soup(client.post("/challenges/word-count/checks/run-all/", follow=True))
    assert text_of(page.select_one(".message")) == (
        "The checks of 1 submission are waiting or running already."
    )
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert "0 of 1 submission checked" in text_of(card)
    assert card.select_one("progress")["max"] == "1"
    end(1, 1)
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert "1 of 1 submission checked" in text_of(card)
    assert card.select_one("progress") is None


def test_a_challenge_without_checks(client: Client, challenge) -> None:
    client.force_login(member("ida", INTERVIEWER))
    card = soup(client.get("/challenges/word-count/")).select_one("#part-checks")
    assert card.has_attr("hidden")
    page = soup(client.post("/challenges/word-count/checks/run-all/", follow=True), 200)
    assert "This version has no checks." in page.get_text()
