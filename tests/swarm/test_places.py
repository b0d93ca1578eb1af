"""Where workspaces go: all machines, until none is free."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from operations.provisioners.base import NoRoomError, Workspace
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import spec
from tests.services import wait_until
from tests.swarm.cluster import ADDRESSES, Cluster
from tests.swarm.conftest import Engines

pytestmark = pytest.mark.swarm

NUMBER = 24


@pytest.mark.timeout(300)
def test_workspaces_are_spread_over_all_machines(cluster: Cluster, engines: Engines) -> None:
    engine = engines(disk_mb=0)
    names = [f"takehome-{number}" for number in range(NUMBER)]
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda name: engine.provision(spec(name), LogLines()), names))
        machines = Counter(each.state["machine"] for each in made)
        assert machines.keys() == ADDRESSES.keys()
        assert max(machines.values()) - min(machines.values()) <= 2, machines
        assert len({each.url for each in made}) == NUMBER
        for each in made:
            wait_until(partial(engine.is_ready, each), "It does not answer.", 60)
        owned = engine.list_owned()
        assert [each.id for each in owned] == sorted(names)
        assert Counter(each.state["machine"] for each in owned) == machines
        list(threads.map(lambda each: engine.destroy(each, LogLines()), made))
    assert engine.list_owned() == []


def test_full_swarm_says_so_until_one_ends(cluster: Cluster, engines: Engines) -> None:
    # As many processors as a machine has.
    cpus = int(cluster.manager.info()["NCPU"])
    engine = engines(cpus=cpus)
    log = LogLines()
    for number in range(len(ADDRESSES)):
        engine.reserve(f"takehome-{number}", None, None, log)
    # Each by its first task, whatever was written down about it.
    for service in cluster.manager.services.list(filters={"label": "takehome.workspace"}):
        assert len(service.tasks()) == 1
    for attempt in (
        lambda: engine.reserve("takehome-9", None, None, log),
        lambda: engine.provision(spec("takehome-9"), log),
    ):
        with pytest.raises(NoRoomError) as caught:
            attempt()
        assert caught.value.sentence == (
            "No machine is free: too few free processors or too little free memory on 3 machines."
        )
    # It waits with us, and not with Swarm.
    assert [each.id for each in engine.list_owned()] == [f"takehome-{n}" for n in range(3)]
    engine.destroy(Workspace("takehome-1", None, None, {}), log)

    def has_room() -> bool:
        try:
            engine.reserve("takehome-9", None, None, log)
        except NoRoomError:
            return False
        return True

    # As soon as the machine has ended the task, for which the end waits for some seconds only.
    wait_until(has_room, "Nobody gets the place.", 60)
    workspace = engine.provision(spec("takehome-9"), log)
    wait_until(lambda: engine.is_ready(workspace), "It does not answer.", 60)


def test_constraint_that_no_machine_meets(engines: Engines) -> None:
    with pytest.raises(NoRoomError, match="SWARM_CONSTRAINTS rules out 3 machines"):
        engines("node.labels.takehome==true").reserve("takehome-1", None, None, LogLines())


def test_place_that_was_removed_by_hand_is_made_again_where_the_files_are(
    cluster: Cluster, engines: Engines
) -> None:
    workspace = engines("node.hostname==m3").provision(spec(), LogLines())
    [service] = cluster.manager.services.list(filters={"label": "takehome.workspace=takehome-1"})
    service.remove()
    engine = engines()
    wait_until(lambda: engine.is_ready(workspace), "It does not answer.", 60)
    again = engine.provision(spec(files=None), LogLines())
    assert (again.url, again.state) == (workspace.url, workspace.state)
    [service] = cluster.manager.services.list(filters={"label": "takehome.workspace=takehome-1"})
    assert service.attrs["Spec"]["Labels"]["takehome.node"] == cluster.node_id("m3")
