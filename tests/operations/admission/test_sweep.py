"""The sweep: no place is lost with a worker, and no workspace goes uncounted."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions
from operations.admission import line
from operations.admission.models import Admission, LimitedEngine, places_taken
from operations.admission.sweep import sweep
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.admission.conftest import line_of, look, press_start

pytestmark = pytest.mark.django_db


@pytest.fixture
def dying(monkeypatch):
    """Workers die before they give a place back; so does everyone else. Call it to end that."""
    patch = pytest.MonkeyPatch()
    patch.setattr(line, "release", lambda interview_id: None)
    yield patch.undo
    patch.undo()


def test_a_worker_that_died_after_the_teardown_leaks_no_place(started, dying):
    first, second = started(1, 2)
    actions.end(fresh(first), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(first)
    assert look(second).state is Status.ACTIVATED
    sweep()
    assert look(second).state is Status.ACTIVE


def test_a_worker_that_died_after_a_start_failed_leaks_no_place(started, dying, monkeypatch):
    first, second = started(1, 2)
    # As a worker leaves it that fails the start, and dies while it closes the operation.
    Admission.objects.filter(interview_id=first.id).update(operation_id="before")
    actions.revoke(fresh(first), by="recruiter", notify=False)
    sweep()
    assert look(second).state is Status.ACTIVATED  # it is still being saved
    run_until_idle(first)
    sweep()
    assert look(second).state is Status.ACTIVE


def test_who_ended_while_in_line_is_removed(invite, engine, set_limit, dying):
    set_limit(1)
    press_start(invite())
    second, third = invite(), invite()
    press_start(second)
    press_start(third)
    actions.revoke(fresh(second), by="recruiter", notify=False)
    assert line_of() == [second.id, third.id]
    sweep()
    assert line_of() == [third.id]


def test_who_ended_while_in_line_gets_no_place(started, dying, enqueued):
    first, second, third = started(1, 3)
    actions.revoke(fresh(second), by="recruiter", notify=False)
    line.remove(Admission.objects.get(interview_id=first.id))
    line.admit("fake")
    assert [row.interview_id for row in places_taken("fake")] == [third.id]


def test_workspaces_from_before_the_limit_count(invite, engine, set_limit):
    set_limit(0)
    for _ in range(2):
        press_start(invite())
    set_limit(2)
    waiting = invite()
    assert press_start(waiting).state is Status.ACTIVATED
    assert places_taken("fake").count() == 2


def test_who_was_withdrawn_in_line_takes_no_place(started):
    running, waiting = started(1, 2)
    actions.extend(fresh(waiting), 10, by="recruiter")
    actions.revoke(fresh(waiting), by="recruiter", notify=False)
    assert fresh(waiting).state is Status.DESTROYING
    # One that runs has its place until it is gone, with a row or without.
    actions.revoke(fresh(running), by="recruiter", notify=False)
    Admission.objects.all().delete()
    sweep()
    assert [row.interview_id for row in places_taken("fake")] == [running.id]


def test_an_interview_with_a_row_of_an_earlier_sitting_is_counted(invite, engine, set_limit):
    set_limit(1)
    interview = press_start(invite())
    Admission.objects.update(workspace="earlier")
    sweep()
    assert places_taken("fake").get().workspace == interview.workspace_name


def test_a_workspace_that_another_process_started_without_a_limit_is_counted(
    invite, engine, set_limit
):
    set_limit(2)
    press_start(invite())
    set_limit(0)
    unlimited = invite()
    press_start(unlimited)
    set_limit(2)
    sweep()
    assert places_taken("fake").count() == 2
    assert press_start(invite()).state is Status.ACTIVATED


def test_without_a_limit_who_waits_may_start(invite, engine, set_limit, enqueued):
    set_limit(1)
    press_start(invite())
    waiting = invite()
    press_start(waiting)
    set_limit(0)
    enqueued.clear()
    sweep()
    assert enqueued == [("operations.run", operation_of(waiting).id)]
    assert not Admission.objects.exists()
    assert not LimitedEngine.objects.exists()
    assert look(waiting).state is Status.ACTIVE


def test_a_place_that_another_start_took_over_is_not_removed(invite, engine, set_limit):
    set_limit(1)
    press_start(invite())
    as_read = Admission.objects.get()
    Admission.objects.update(operation_id="newer")
    assert not line.remove(as_read)
    assert places_taken("fake").count() == 1


def test_the_sweep_learns_when_tests_end(invite, engine, set_limit):
    set_limit(1)
    interview = press_start(invite())
    sweep()
    assert places_taken("fake").get().ends_at == interview.auto_destroy_at
    actions.extend(interview, 10, by="recruiter")
    sweep()
    assert places_taken("fake").get().ends_at == fresh(interview).auto_destroy_at


def test_while_a_clock_is_paused_its_end_comes_no_nearer(invite, engine, set_limit):
    set_limit(1)
    interview = press_start(invite())
    since = now() - timedelta(minutes=20)
    interview.change_time(paused_at=since, paused_left=1800, pause_ends_at=now())
    sweep()
    ends_at = places_taken("fake").get().ends_at
    assert timedelta(minutes=29) < ends_at - now() <= timedelta(minutes=30)


def test_without_a_limit_nothing_is_written(settings, django_assert_num_queries) -> None:
    settings.LOCAL_MAX_WORKSPACES = settings.DOCKER_MAX_WORKSPACES = None
    with django_assert_num_queries(2) as asked:
        sweep()
    assert [each["sql"][:6] for each in asked.captured_queries] == ["SELECT", "SELECT"]
