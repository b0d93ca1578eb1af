"""/api/interviews/<id>/checks and those of challenges: the rules of the pages."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.permissions.roles import INTERVIEWER, REVIEWER, VIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.checks import actions, executor, queue
from operations.provisioners import checks as runners
from tests.checking import FakeRunner, case, outcome, save_checks, submit
from tests.conftest import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(challenge, invite: Callable[..., Interview]) -> Interview:
    save_checks()
    return submit(invite())


@pytest.fixture
def check_runner(monkeypatch: pytest.MonkeyPatch, settings) -> FakeRunner:
    runner = FakeRunner()
    monkeypatch.setitem(runners.RUNNERS, "fake", lambda: runner)
    settings.PROVISIONER = "fake"
    return runner


def run_all_due() -> None:
    while (run := queue.acquire_run()) is not None:
        executor.run_checks(run)


def test_run_them_and_read_the_results(client: Client, submitted, check_runner) -> None:
    client.force_login(member("rita", REVIEWER))
    path = f"/api/interviews/{submitted.id}/checks"
    assert client.get(path).json() == {"items": []}
    started = client.post(path, {}, content_type="application/json")
    assert started.status_code == 202
    assert started.json()["state"] == "queued"
    check_runner.outcomes["run given"] = outcome(case("one"), case("two", failure="no"))
    check_runner.outcomes["run hidden"] = outcome()
    run_all_due()
    (run,) = client.get(path).json()["items"]
    assert run["id"] == started.json()["id"]
    assert (run["state"], run["passed"], run["total"]) == ("finished", 1, 3)
    assert run["compared"] is False
    assert (run["version"], run["requestedBy"], run["subject"]) == (2, "rita", "submission")
    given, hidden = run["checks"]
    assert (given["passed"], given["total"], "tests" in given, "output" in given) == (
        1,
        2,
        False,
        False,
    )
    assert not AuditEntry.objects.filter(what="opened_submission").exists()
    given, hidden = client.get(f"{path}/{run['id']}").json()["checks"]
    assert AuditEntry.objects.filter(what="opened_submission").count() == 1
    assert given["output"] == "ran\n"
    assert (given["name"], given["visible"], given["problem"]) == ("Given", True, None)
    assert given["tests"][1] == {
        "group": "t",
        "name": "two",
        "outcome": "failed",
        "seconds": None,
        "text": "no",
        "counts": True,
    }
    assert (hidden["problem"], hidden["passed"], hidden["total"]) == ("no_report", 0, 1)


def test_a_run_is_found_where_it_belongs(client: Client, submitted, check_runner, invite) -> None:
    client.force_login(member("ida", INTERVIEWER))
    run = actions.run_again(submitted, by="ida")
    trial, _starting = actions.start_trial("word-count", 2, by="ida")
    own = f"/api/interviews/{submitted.id}/checks"
    assert client.get(f"{own}/{run.pk}").status_code == 200
    assert client.get(f"/api/challenges/word-count/checks/trials/{trial.pk}").status_code == 200
    for path in (
        f"{own}/{trial.pk}",
        f"{own}/nothing",
        f"/api/interviews/{invite().id}/checks/{run.pk}",
        f"/api/challenges/word-count/checks/trials/{run.pk}",
    ):
        assert client.get(path).status_code == 404


def test_the_list_reads_no_tests(client: Client, submitted, check_runner) -> None:
    """They can be megabytes for each check."""
    client.force_login(member("rita", REVIEWER))
    actions.run_again(submitted, by="rita")
    run_all_due()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/api/interviews/{submitted.id}/checks").status_code == 200
    results = [each["sql"] for each in queries if "checkresult" in each["sql"]]
    assert len(results) == 1
    assert '."tests"' not in results[0]
    assert '."output"' not in results[0]


def test_what_cannot_be_run_is_refused(client: Client, submitted, invite) -> None:
    client.force_login(member("rita", REVIEWER))
    path = f"/api/interviews/{submitted.id}/checks"
    refused = client.post(path, {"version": 1}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "version")
    early = f"/api/interviews/{invite().id}/checks"
    assert client.post(early, {}, content_type="application/json").status_code == 409


def test_who_only_sees_runs_nothing(client: Client, submitted) -> None:
    client.force_login(member("vera", VIEWER))
    path = f"/api/interviews/{submitted.id}/checks"
    assert client.get(path).status_code == 200
    assert client.post(path, {}, content_type="application/json").status_code == 403
    assert client.post("/api/challenges/word-count/checks/run-all").status_code == 403
    assert client.post("/api/challenges/word-count/versions/2/checks/trial").status_code == 403


def test_a_trial_and_all_submissions(client: Client, submitted, check_runner) -> None:
    client.force_login(member("ida", INTERVIEWER))
    path = "/api/challenges/word-count/versions/2/checks"
    before = client.get(path).json()
    assert [each["name"] for each in before["checks"]] == ["Given", "Hidden"]
    assert before["checks"][0] == {
        "name": "Given",
        "command": "run given",
        "folder": None,
        "restored": ["count.py"],
        "visible": True,
        "candidateCommand": "",
        "report": "",
        "seconds": 60,
        "memoryMb": 1024,
    }
    assert before["trial"] == []
    assert len(client.post(f"{path}/trial").json()["items"]) == 2
    run_all_due()
    trial = client.get(path).json()["trial"]
    assert [each["subject"] for each in trial] == ["solution", "starting"]
    assert trial[0]["interviewId"] is None
    assert "tests" not in trial[0]["checks"][0]
    run = client.get(f"/api/challenges/word-count/checks/trials/{trial[0]['id']}").json()
    assert [each["name"] for each in run["checks"][0]["tests"]] == ["one", "two"]
    answer = client.post("/api/challenges/word-count/checks/run-all")
    assert (answer.status_code, answer.json()) == (202, {"submissions": 1, "queued": 1})
    again = client.post("/api/challenges/word-count/checks/run-all")
    assert again.json() == {"submissions": 1, "queued": 0}
    assert client.get("/api/challenges/word-count/versions/1/checks").json()["checks"] == []
    assert client.post("/api/challenges/word-count/versions/1/checks/trial").status_code == 422
