"""The table server is slow, refuses, or answers nothing, while tests begin, run and end.

A proxy between it and the processes of a platform makes the faults that a server on the same
machine never has, and that DynamoDB and the network before it do.
"""

from collections.abc import Iterator

import pytest

from tests.faults.nodes.platform import Nodes, running_nodes
from tests.faults.nodes.table_proxy import (
    Fault,
    answer_lost,
    is_conditional,
    no_write_answered,
    refused,
    slow,
)
from tests.faults.outages import Staff, fail_and_recover, staff_of

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with running_nodes(tmp_path_factory.mktemp("platform")) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def staff(nodes: Nodes) -> Iterator[Staff]:
    with staff_of(nodes) as staff:
        yield staff


THROTTLED = ((400, "ProvisionedThroughputExceededException"), (400, "ThrottlingException"))
BROKEN = ((500, "InternalServerError"),)
# A client asks three times.
FAULTS: dict[str, Fault] = {
    "tables slow": slow(1.5),
    "tables refuse at random": refused(*THROTTLED, *BROKEN, share=0.7),
    "tables are away": refused((503, "ServiceUnavailable")),
    "tables refuse conditions": refused(
        (400, "ConditionalCheckFailedException"), share=0.5, picks=is_conditional
    ),
    "tables' answers lost": answer_lost(share=0.7),
    "tables answer no write": no_write_answered(),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.timeout(600)
def test_tables_that_fail_lose_and_leak_nothing(name: str, nodes: Nodes, staff: Staff) -> None:
    # A condition that does not hold says that somebody else was first.
    refusals = (503, 409) if "conditions" in name else (503,)
    fault = nodes.tables.failing(FAULTS[name])
    fail_and_recover(name, nodes, staff, fault, refusals=refusals)
