"""POST /take-home/<passcode>/problem and /interview/<passcode>/problem"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.timeline import TimelineEvent
from operations import actions
from operations.actions import preconditions, problem_reports
from tests.candidate_portal.actions import HTMX
from tests.candidate_portal.conftest import PASSWORD, URL
from tests.conftest import fresh

TEXT = "The terminal does not open.\nI reloaded it twice."
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture(params=["take-home", "interview"])
def reporting(request, take_home, schedule):
    """A take-home test or a live interview: its page's URL, and the row."""
    interview = take_home if request.param == "take-home" else schedule()
    return f"/{request.param}/{interview.passcode}/", interview


def report(client, path, text=TEXT, **page):
    headers = {**HTMX, "User-Agent": AGENT}
    return client.post(f"{path}problem", {"text": text, **page}, headers=headers)


def reports(interview):
    return [
        (each.text, each.context)
        for each in fresh(interview).timeline
        if each.what == TimelineEvent.PROBLEM_REPORTED
    ]


def test_report_is_kept_with_what_the_page_knows(client, reporting):
    path, interview = reporting
    answer = report(client, path, screen="1280x720", stream="live")
    assert (answer.status_code, answer.content) == (204, b"")
    known = {"browser": AGENT, "screen": "1280x720", "stream": "live"}
    assert reports(interview) == [(TEXT, known)]
    assert fresh(interview).state is interview.state


def test_report_of_a_running_test_has_the_time_left(client, running):
    running.change(auto_destroy_at=now() + timedelta(minutes=30))
    report(client, f"/take-home/{running.passcode}/")
    ((_, known),) = reports(running)
    assert 1790 <= known["timeLeftSeconds"] <= 1800


def test_report_of_a_paused_test_has_the_time_left(client, running):
    running.change_time(paused_at=now(), paused_left=754)
    report(client, f"/take-home/{running.passcode}/")
    ((_, known),) = reports(running)
    assert known["timeLeftSeconds"] == 754


def test_report_is_possible_in_every_status(client, interview_in):
    for status in Status:
        interview = interview_in(status)
        assert report(client, f"/take-home/{interview.passcode}/").status_code == 204, status
        assert len(reports(interview)) == 1


def test_credentials_are_cut_from_a_report(client, interview_in):
    interview = interview_in(Status.ACTIVE)
    text = f"{PASSWORD} does not work at {URL}, and {interview.passcode.lower()} neither"
    report(client, f"/take-home/{interview.passcode}/", text)
    assert reports(interview)[0][0] == "••• does not work at •••, and ••• neither"


@pytest.mark.parametrize("page", [{"screen": "wide"}, {"stream": "<b>"}, {"other": "x"}])
def test_implausible_facts_are_left_out(client, take_home, page):
    report(client, f"/take-home/{take_home.passcode}/", **page)
    assert reports(take_home) == [(TEXT, {"browser": AGENT})]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(" \n ", "Describe the problem."), ("x" * 2001, "Use 2000 characters or fewer.")],
)
def test_report_without_or_with_too_much_text_is_refused(client, reporting, text, sentence):
    path, interview = reporting
    answer = report(client, path, text)
    assert (answer.status_code, answer.text) == (422, sentence)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert reports(interview) == []


def test_longest_report_is_kept(client, reporting):
    path, interview = reporting
    assert report(client, path, "é\r\n" + "x" * 1998).status_code == 204
    assert len(reports(interview)[0][0]) == 2000


def test_too_many_reports_in_a_short_time_are_refused(client, take_home, invite):
    path = f"/take-home/{take_home.passcode}/"
    found = [report(client, path).status_code for _ in range(6)]
    assert found == [204] * 5 + [409]
    assert len(reports(take_home)) == 5
    # Another candidate is not affected.
    assert report(client, f"/take-home/{invite().passcode}/").status_code == 204


def test_too_many_reports_in_all_are_refused(client, take_home, monkeypatch):
    monkeypatch.setattr(problem_reports, "MAX_REPORTS_IN_ALL", 2)
    path = f"/take-home/{take_home.passcode}/"
    assert [report(client, path).status_code for _ in range(3)] == [204, 204, 409]


def test_full_row_says_what_the_candidate_can_do(client, take_home, monkeypatch):
    monkeypatch.setattr(preconditions, "MAX_ROW_BYTES", 100)
    answer = report(client, f"/take-home/{take_home.passcode}/")
    assert answer.status_code == 409
    assert answer.text.endswith("Please reply to your invitation instead.")
    assert reports(take_home) == []


def test_report_loses_no_race(take_home):
    """The row changed since the page read it."""
    as_read = fresh(take_home)
    actions.extend(take_home, 15, by="boss")
    actions.report_problem(as_read, TEXT, by="candidate")
    whats = [each.what for each in fresh(take_home).timeline]
    assert whats[-2:] == ["extended", "problem_reported"]


def test_report_changes_neither_the_page_nor_a_status(client, take_home):
    path = f"/take-home/{take_home.passcode}/"

    def version():
        return re.findall(r'data-version="(\w+)"', client.get(path).text)

    before = version()
    report(client, path)
    assert version() == before


def test_report_tells_the_pages_of_staff(client, reporting, stream):
    path, interview = reporting
    before = len(stream.events_named("interview"))
    report(client, path)
    said = stream.events_named("interview")[before:]
    assert [each["interviewId"] for each in said] == [interview.id]
    assert "terminal" not in stream.text


def test_report_without_scripts_comes_back_to_the_page(client, reporting):
    path, interview = reporting
    answer = client.post(f"{path}problem", {"text": TEXT})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}?reported#problem")
    assert "data-form-sent>" in client.get(answer["Location"]).text
    assert "data-form-sent>" not in client.get(path).text
    assert len(reports(interview)) == 1


def test_refused_report_without_scripts_keeps_the_text(client, reporting):
    path, _ = reporting
    answer = client.post(f"{path}problem", {"text": "<b>" + "x" * 2000})
    assert answer.status_code == 422
    assert "Use 2000 characters or fewer." in answer.text
    assert "&lt;b&gt;xxx" in answer.text


def test_report_with_a_wrong_passcode_is_not_found(client, reporting):
    path, interview = reporting
    kind = path.split("/")[1]
    other = {"take-home": "interview", "interview": "take-home"}[kind]
    for wrong in (f"/{kind}/YYYYYYYY/", f"/{other}/{interview.passcode}/"):
        assert report(client, wrong).status_code == 404
    assert reports(interview) == []


def test_report_without_csrf_token_is_refused(reporting):
    path, interview = reporting
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}problem", {"text": TEXT}).status_code == 403
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(path).text)
    answer = strict.post(f"{path}problem", {"text": TEXT, "csrfmiddlewaretoken": token[-1]})
    assert (answer.status_code, len(reports(interview))) == (302, 1)


def test_get_is_not_allowed(client, reporting):
    path, _ = reporting
    assert client.get(f"{path}problem").status_code == 405
