"""Time and sittings on an interview's page."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from dashboard.permissions.roles import Actor
from dashboard.presenters.interviews.detail import InterviewDetail
from dashboard.presenters.interviews.rows.row import Row
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.models import Interview
from operations import actions, models
from operations.indexes import Step
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.views.interviews.interview_page.reading import page_of, pairs, words


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
