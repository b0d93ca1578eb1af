"""Whose turn it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.attributes import DRY_RUN, LIVE, PRACTICE, TAKE_HOME
from interviews.models import Interview
from operations.progress import schedule
from operations.progress.models import ProgressWatch
from operations.progress.summary import MAX_POINTS, ChangedLines, changed_lines_of, points_of
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now

pytestmark = pytest.mark.django_db


def test_each_interview_has_a_turn_of_its_own(running) -> None:
    delays = {schedule._first_delay(f"takehome-{number}") for number in range(20)}
    assert len(delays) > 15
    assert all(timedelta(0) <= delay < timedelta(minutes=5) for delay in delays)


def test_it_is_asked_for_when_it_is_due_and_not_while_it_is_kept(running, enqueued) -> None:
    schedule.dispatch_due()
    watch = ProgressWatch.objects.get()
    assert watch.pk == running.id
    enqueued.clear()
    ProgressWatch.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    schedule.dispatch_due()
    assert enqueued == []
    ProgressWatch.objects.update(due_at=timezone.now())
    schedule.dispatch_due()
    assert enqueued == [("operations.keep_progress", running.id)]
    enqueued.clear()
    ProgressWatch.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    schedule.dispatch_due()
    assert enqueued == []


@pytest.mark.parametrize(
    ("type_", "expected"), [(TAKE_HOME, True), (LIVE, True), (DRY_RUN, False), (PRACTICE, False)]
)
def test_progress_is_that_of_candidates(type_: str, expected: bool) -> None:
    assert schedule.is_kept(Interview(type=type_, save_files=True)) is expected


@pytest.mark.parametrize("is_off", ["setting", "agreement"])
def test_what_is_not_kept_has_no_turn(running, settings, is_off) -> None:
    if is_off == "setting":
        settings.PROGRESS_MINUTES = 0
    else:
        fresh(running).change(save_files=False)
    schedule.dispatch_due()
    assert not ProgressWatch.objects.exists()


def test_points_of_many_are_one_query(watched, workspace, django_assert_num_queries) -> None:
    for number in (0, 2, 3):
        (workspace / "a.txt").write_text("".join(f"{number} {each}\n" for each in range(number)))
        states = keep_now(watched)
    with django_assert_num_queries(1):
        points = points_of([watched.id, "takehome-none"])
    assert list(points) == [watched.id]
    assert [point.at for point in points[watched.id]] == [state.at for state in states]
    # Without the lines of the starting files.
    assert [(each.added, each.deleted) for each in points[watched.id]] == [(0, 0), (2, 0), (5, 2)]
    with django_assert_num_queries(1):
        sums = changed_lines_of([watched.id, "takehome-none"])
    assert sums == {watched.id: ChangedLines(5, 2)}


def test_a_long_line_has_its_ends(watched, workspace) -> None:
    (state,) = keep_now(watched)
    type(state).objects.bulk_create(
        type(state)(
            interview_id=watched.id,
            number=number,
            sitting=1,
            at=timezone.now(),
            key="none",
            files=1,
            lines=1,
            lines_added=1,
        )
        for number in range(2, 200)
    )
    points = points_of([watched.id])[watched.id]
    assert len(points) == MAX_POINTS
    assert (points[0].added, points[-1].added) == (state.lines_added, state.lines_added + 198)
