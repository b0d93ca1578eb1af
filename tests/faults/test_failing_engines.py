"""A test is lived through on an engine that fails: no file is lost, and nothing is left."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from interviews.lifecycle import EndReason, Status
from operations import actions
from operations.worker import provision
from tests.fakes import FakeProvisioner
from tests.faults.engines import FailingEngine, every_engine
from tests.faults.kills import invariants
from tests.faults.kills.test_in_process import world
from tests.faults.kills.world import Case, InProcess, row

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]
ENGINES = every_engine()


@pytest.mark.parametrize("name", ENGINES)
def test_engine_that_fails_loses_and_leaks_nothing(
    name: str,
    world: InProcess,
    use_engine: Callable[..., FailingEngine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeProvisioner, "patience", timedelta(0))
    monkeypatch.setattr(provision, "BRIEF_WAIT", timedelta(0))
    engine = world.engine = use_engine(ENGINES[name]())
    end(world, engine, start(world, engine))
    assert engine.running == {}
    assert engine.disks == {}


def start(world: InProcess, engine: FailingEngine) -> Case:
    """As often as it takes; the candidate tries again after an error."""
    interview = world.invite()
    case = {"id": interview.id}
    actions.activate(interview, by="candidate")
    for _ in range(2):
        world.settle(case)
        invariants.check(world, case)
        if row(interview.id).state is Status.ERROR:
            engine.mend()
            actions.retry(row(interview.id), by="candidate")
    world.settle(case)
    invariants.check(world, case)
    assert row(interview.id).state is Status.ACTIVE
    assert str(row(interview.id).access_url).endswith(f"/{interview.id}/"), "another's workspace"
    return case


def end(world: InProcess, engine: FailingEngine, case: Case) -> None:
    interview = row(case["id"])
    world.write_work(interview)
    actions.end(interview, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    if not world.does_settle(case):
        interview = row(interview.id)
        assert interview.state is Status.DESTROYING
        assert interview.problem
        # Either place has the files, until the end.
        assert interview.is_saved or engine.running[interview.workspace_name]
        engine.mend()
    world.settle(case)
    assert row(interview.id).state is Status.COMPLETED
    invariants.check(world, case)
