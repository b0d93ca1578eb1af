"""What a workspace reaches of the swarm: nothing."""

import pytest

from operations.provisioners.docker import naming
from operations.provisioners.docker.options import EDITOR_PORT
from operations.provisioners.swarm.agents import AGENT_PORT
from tests.conformance.docker import CONNECT
from tests.operations.provisioners.docker.conftest import run_inside
from tests.swarm.cluster import ADDRESSES, Cluster, accepts
from tests.swarm.conftest import Engines
from tests.swarm.test_machines import started

pytestmark = pytest.mark.swarm

MANAGER_PORT, GOSSIP_PORT = 2377, 7946


def test_workspace_reaches_no_part_of_the_swarm(cluster: Cluster, engines: Engines) -> None:
    engine = engines("node.hostname==m2")
    own = started(engine, "takehome-1")
    beside = started(engine, "takehome-2")
    elsewhere = started(engines("node.hostname==m3"), "takehome-3")
    platform = engine._options.platform
    editor = cluster.engines["m2"].containers.get(naming.names_of(platform, own.id).editor)
    sidecar = cluster.engines["m2"].containers.get(naming.names_of(platform, beside.id).sidecar)
    [network] = sidecar.attrs["NetworkSettings"]["Networks"].values()

    published = [
        (ADDRESSES[each.state["machine"]], each.state["port"]) for each in (beside, elsewhere)
    ]
    agents = [(address, AGENT_PORT) for address in cluster.agents().values()]
    swarm = [(address, GOSSIP_PORT) for address in ADDRESSES.values()]
    swarm.append((ADDRESSES["m1"], MANAGER_PORT))
    # Whatever there is, as a worker sees it.
    for address, port in (*published, *agents, *swarm):
        assert accepts(address, port), (address, port)
    for address, port in (*published, *agents, *swarm, (network["IPAddress"], EDITOR_PORT)):
        assert run_inside(editor, CONNECT, address, str(port)) == "closed", (address, port)
