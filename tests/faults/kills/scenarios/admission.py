"""What happens in line for a place. Workers of these scenarios have a limit of one workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions
from operations.admission import limits, line, registration
from operations.admission.models import Admission, LimitedEngine, in_line, places_taken
from operations.admission.sweep import sweep
from operations.models import Operation, get_operation
from operations.worker import runner
from tests.faults.kills.scenarios.scenario import Act, Done, Scenario
from tests.faults.kills.world import STAFF, Case, World, nothing_dispatched, row

SETTING = "SCENARIO_MAX_WORKSPACES"


@contextmanager
def limited(number: int = 1) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, SETTING, number, raising=False)
        patch.setitem(limits.SETTINGS, settings.PROVISIONER, SETTING)
        yield


def under_limit(act: Act) -> Act:
    def limited_act(world: World, case: Case) -> None:
        with limited():
            act(world, case)

    return limited_act


def pressed(world: World) -> Case:
    """A start for which there is a place, as nobody has one."""
    _begin()
    return pressed_beside(world)


def _begin() -> None:
    """What an earlier case left running would take the place."""
    for interview in Interview.scan():
        interview.delete()
    Admission.objects.all().delete()
    LimitedEngine.objects.all().delete()


def kept_waiting(world: World) -> Case:
    """A start whose place is free, a minute after it was pressed."""
    case = pressed(world)
    queued_at = _operation(case).queued_at - timedelta(minutes=1)
    _operation(case).update(actions=[Operation.queued_at.set(queued_at)])
    return case


def full(world: World) -> Case:
    """A start that no worker has looked at, behind a test that frees its place by itself."""
    _begin()
    with limited():
        first = world.running()
        with nothing_dispatched():
            actions.end(first, by=STAFF, reason=EndReason.ENDED_BY_STAFF)
    return pressed_beside(world) | {"first": first.id}


def waiting(world: World) -> Case:
    """A start in line behind a test that is being saved, and so frees its place by itself."""
    _begin()
    with limited():
        first = world.running()
        case = pressed_beside(world)
        with nothing_dispatched():
            ending = actions.end(first, by=STAFF, reason=EndReason.ENDED_BY_STAFF)
            runner.run_operation(case["operation"])
    assert in_line(settings.PROVISIONER).count() == 1
    return case | {"first": first.id, "ending": ending}


def pressed_beside(world: World) -> Case:
    interview = world.invite()
    with nothing_dispatched():
        operation_id = actions.activate(interview, by="candidate")
    return {"id": interview.id, "operation": operation_id}


def retried(world: World) -> Case:
    """A start in line whose failed attempt still holds a place."""
    case = pressed(world)
    with limited(), nothing_dispatched():
        line.request_place(row(case["id"]), _operation(case))
        actions.cancel(_operation(case), by=STAFF)
        operation_id = actions.retry(row(case["id"]), by="candidate")
    with limited():
        registration.make_ready(settings.PROVISIONER)
    interview = row(case["id"])
    Admission.objects.create(
        **registration.row_of(interview),
        workspace=interview.workspace_name,
        operation_id=case["operation"],
        since=interview.activated_at,
        queued_at=interview.activated_at,
    )
    return case | {"operation": operation_id}


def left(world: World) -> Case:
    """A start in line behind a test whose worker died before it gave the place back."""
    case = waiting(world)
    with limited(), nothing_dispatched(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "release", lambda interview_id: None)
        runner.run_operation(case["ending"])
    return case


def counted(world: World) -> Case:
    """A test that started under the limit."""
    _begin()
    with limited():
        case = {"id": world.running().id}
    Admission.objects.update(ends_at=None)
    return case


def uncounted(world: World) -> Case:
    """A test that runs since before the limit."""
    _begin()
    return {"id": world.running().id}


def work(world: World, case: Case) -> None:
    runner.run_operation(case["operation"])


def tear_down_first(world: World, case: Case) -> None:
    runner.run_operation(case["ending"])


def cancel(world: World, case: Case) -> None:
    operation = _operation(case)
    if operation.is_unfinished:
        actions.cancel(operation, by=STAFF)


def withdraw(world: World, case: Case) -> None:
    actions.revoke(row(case["id"]), by=STAFF)


def move_up(world: World, case: Case) -> None:
    if in_line(settings.PROVISIONER).exists():
        actions.move_to_front(row(case["id"]), by=STAFF)


def leave(world: World, case: Case) -> None:
    if in_line(settings.PROVISIONER).exists():
        actions.leave_line(row(case["id"]), by="candidate")


def sweep_rows(world: World, case: Case) -> None:
    sweep()


def _operation(case: Case) -> Operation:
    operation = get_operation(case["operation"])
    assert operation is not None
    return operation


def runs(world: World, case: Case) -> bool:
    """Whether it runs, and has the place if there is a limit."""
    holders = places_taken(settings.PROVISIONER).values_list("interview_id", flat=True)
    is_counted = list(holders) == ([case["id"]] if limits.limits() else [])
    return row(case["id"]).state is Status.ACTIVE and is_counted


def has_left(status: Status) -> Done:
    """Whether it left the line, if it has not come to its turn before."""

    def is_done(world: World, case: Case) -> bool:
        rows = Admission.objects.filter(interview_id=case["id"])
        is_over = row(case["id"]).state is status and not rows.exists()
        return is_over or runs(world, case)

    return is_done


SCENARIOS = [
    Scenario("join the line", pressed, under_limit(work), runs),
    Scenario("wait in line", full, under_limit(work), runs),
    Scenario("wait is over", kept_waiting, under_limit(work), runs),
    Scenario("keep the place", retried, under_limit(work), runs),
    Scenario("free a place", waiting, under_limit(tear_down_first), runs),
    Scenario("move up", waiting, under_limit(move_up), runs, by_person=True),
    Scenario(
        "cancel in line", waiting, under_limit(cancel), has_left(Status.ERROR), by_person=True
    ),
    Scenario(
        "withdraw in line", waiting, under_limit(withdraw), has_left(Status.REVOKED), by_person=True
    ),
    Scenario(
        "leave the line", waiting, under_limit(leave), has_left(Status.AVAILABLE), by_person=True
    ),
    Scenario("left place", left, under_limit(sweep_rows), runs),
    Scenario("known end", counted, under_limit(sweep_rows), runs),
    Scenario("limit removed", waiting, sweep_rows, runs),
    Scenario("limit set", uncounted, under_limit(sweep_rows), runs),
]
