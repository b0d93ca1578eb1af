"""A machine dies, or is cut off the network, under a running test: it goes on on another one."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, health_watch
from operations.progress import schedule
from operations.reaper import end, left_behind, scan
from operations.reaper.models import Orphan, OrphanReason, open_orphans
from operations.worker import runner
from tests.conformance.swarm import SwarmAdapter
from tests.conftest import fresh, operation_of
from tests.operations.conftest import immediate_health_checks
from tests.operations.progress.conftest import keep_now
from tests.orphans import make_due, saved_in
from tests.services import wait_until
from tests.swarm.cluster import Cluster, run
from tests.swarm.conftest import Engines

__all__ = ["immediate_health_checks"]
pytestmark = [
    pytest.mark.swarm,
    pytest.mark.timeout(400),
    pytest.mark.django_db,
    pytest.mark.usefixtures("immediate_health_checks"),
]


def do_what_is_due(interview: Interview) -> None:
    """As the periodic tasks and a worker do."""
    if fresh(interview).state is Status.ACTIVE:
        health_watch.check_health(interview.id)
    operation = operation_of(interview)
    if operation.is_unfinished:
        runner.run_operation(operation.id)
    left_behind.dispatch_due()
    for orphan in open_orphans():
        make_due(orphan)
        end.end_orphan(orphan.pk)


def is_running(interview: Interview, name: str) -> bool:
    do_what_is_due(interview)
    row = fresh(interview)
    return row.state is Status.ACTIVE and row.workspace_name == name and row.paused_at is None


@pytest.mark.parametrize("is_dead", [True, False], ids=["dead", "cut off"])
def test_running_test_goes_on_elsewhere(
    cluster: Cluster,
    engines: Engines,
    take_home: Interview,
    use_engine: Callable[..., Any],
    tmp_path: Any,
    is_dead: bool,
) -> None:
    # The manager is never taken away, and so has no workspace.
    engine = use_engine(engines("node.hostname!=m1"))
    candidate = SwarmAdapter(cluster, engine._options.machine, tmp_path)
    actions.activate(take_home, by="candidate")
    name = take_home.id
    wait_until(partial(is_running, take_home, name), "It does not start.", 60)
    candidate.write(name, {"work.py": b"kept"})
    schedule.dispatch_due()
    assert len(keep_now(take_home)) == 1
    candidate.write(name, {"work.py": b"newer"})
    row = fresh(take_home)
    machine = row.workspace_state["machine"]
    node = cluster.node_id(machine)

    run("kill" if is_dead else "cut", machine)
    moved = f"{name}-m1"
    wait_until(partial(is_running, take_home, moved), "It does not go on elsewhere.", 180)
    row = fresh(take_home)
    assert row.workspace_state["machine"] not in (machine, "m1")
    assert candidate.read(moved).files["work.py"] == b"kept"
    do_what_is_due(take_home)
    [orphan] = open_orphans()
    assert (orphan.why, orphan.name) == (OrphanReason.LEFT_BEHIND, name)
    assert orphan.problem.startswith(f"The machine {machine}, which has the workspace's files, is")
    assert [each.id for each in engine.list_owned()] == [name, moved]
    scan.scan_engines()
    assert [each.name for each in open_orphans()] == [name]

    if is_dead:
        cluster.start_machine(machine)
    else:
        run("mend", machine)
    wait_until(lambda: cluster.state_of(node) == "ready", "It does not come back.", 120)
    cluster.await_agents()

    def is_ended() -> bool:
        do_what_is_due(take_home)
        return not open_orphans().exists()

    wait_until(is_ended, "What was left on the machine is not ended.", 60)
    assert [each.id for each in engine.list_owned()] == [moved]
    row = fresh(take_home)
    [left] = row.earlier_archives
    assert left.is_left_behind and saved_in(left.key)["work.py"] == b"newer"
    assert Orphan.objects.get().saved_bytes == left.bytes
    assert candidate.read(moved).files["work.py"] == b"kept"
