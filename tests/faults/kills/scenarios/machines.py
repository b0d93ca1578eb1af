"""A machine dies under a running test, and comes back. Only the engine in memory has machines."""

from interviews.lifecycle import Status
from interviews.timeline import TimelineEvent
from operations import actions, health_watch
from operations.progress import keep
from operations.reaper import end, left_behind, scan
from operations.reaper.models import Orphan, OrphanReason, open_orphans
from tests.fakes import OnMachines
from tests.faults.kills.scenarios.progress import due
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.scenarios.submissions import NEWER_WORK
from tests.faults.kills.scenarios.workers import work
from tests.faults.kills.world import (
    WORK,
    Case,
    InProcess,
    World,
    make_orphan_due,
    nothing_dispatched,
    row,
    saved_files,
)
from tests.orphans import saved_in


def engine_of(world: World) -> OnMachines:
    assert isinstance(world, InProcess) and isinstance(world.engine, OnMachines)
    return world.engine


def down(world: World) -> Case:
    """A kept state, newer work, and a machine that was just lost with both."""
    engine = engine_of(world)
    engine.down_since.clear()
    case = due(world)
    keep.keep(case["id"])
    interview = row(case["id"])
    world.write_work(interview, NEWER_WORK)
    engine.lose_machine(interview.workspace_name)
    return case


def about_to_move(world: World) -> Case:
    case = down(world)
    with nothing_dispatched():
        health_watch.check_health(case["id"])
    return case | {"operation": row(case["id"]).operation_id}


def submitted(world: World) -> Case:
    case = down(world)
    with nothing_dispatched():
        operation_id = actions.submit(row(case["id"]), by="candidate")
    return case | {"operation": operation_id}


def back_after_the_move(world: World) -> Case:
    """It goes on on another machine, and the lost one is back."""
    case = about_to_move(world)
    with nothing_dispatched():
        work(world, case)
        world.settle({"id": case["id"]})
    engine_of(world).down_since.clear()
    return {"id": case["id"]}


def end_what_was_left(world: World, case: Case) -> None:
    make_orphan_due(case["id"])
    left_behind.dispatch_due()
    for orphan in open_orphans().filter(name=case["id"]):
        end.end_orphan(orphan.pk)


def has_moved(world: World, case: Case) -> bool:
    """It has the candidate's kept work, and says so once; the newer one is beside it."""
    bring_back(world, case)
    interview = row(case["id"])
    said = [entry for entry in interview.timeline if entry.what == TimelineEvent.MOVED]
    files = engine_of(world).running[interview.workspace_name]
    return (
        interview.state is Status.ACTIVE
        and interview.workspace_name == f"{interview.id}-m1"
        and interview.access_url is not None
        and interview.restoring_state is None
        and len(said) == 1
        and files[WORK[0]] == WORK[1]
        and NEWER_WORK[0] not in files
        and has_saved_what_was_left(world, case)
    )


def is_submitted(world: World, case: Case) -> bool:
    bring_back(world, case)
    interview = row(case["id"])
    return (
        interview.state is Status.COMPLETED
        and saved_files(interview)[WORK[0]] == WORK[1]
        and has_saved_what_was_left(world, case)
    )


def bring_back(world: World, case: Case) -> None:
    engine_of(world).down_since.clear()
    scan.scan_engines()
    make_orphan_due(case["id"])
    world.settle(case)


def has_saved_what_was_left(world: World, case: Case) -> bool:
    name, content = NEWER_WORK
    archives = row(case["id"]).earlier_archives
    orphan = Orphan.objects.filter(name=case["id"], why=OrphanReason.LEFT_BEHIND).latest("pk")
    return (
        [saved_in(each.key).get(name) for each in archives] == [content]
        and orphan.ended_at is not None
        and case["id"] not in world.workspaces()
    )


SCENARIOS = [
    Scenario("leave a machine", about_to_move, work, has_moved),
    Scenario("submit on a machine that is down", submitted, work, is_submitted),
    Scenario("end what was left", back_after_the_move, end_what_was_left, has_moved),
]
