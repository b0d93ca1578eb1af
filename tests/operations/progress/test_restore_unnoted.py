"""A workspace that started again, while its worker died or failed before it could say so."""

import tarfile

import pytest
from django.core.files.storage import default_storage

from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, health_watch
from operations.progress import schedule
from operations.provisioners.base import Log, ProvisionError, Workspace, WorkspaceSpec
from tests.conftest import fresh, run_until_idle
from tests.fakes import FakeProvisioner
from tests.operations.progress.conftest import keep_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_health_checks")]


class AnswersTooLate(FakeProvisioner):
    """It starts lost workspaces again, but says that it did not."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        workspace = super().provision(spec, log)
        if spec.archive is not None:
            raise ProvisionError("start", "The engine didn't respond in time.")
        return workspace

    def lose(self, interview: Interview) -> None:
        self.running.pop(interview.workspace_name)
        self.disks.pop(interview.workspace_name)


@pytest.fixture
def engine(use_engine) -> AnswersTooLate:
    engine = AnswersTooLate()
    use_engine(engine)
    return engine


@pytest.fixture
def unnoted(engine: AnswersTooLate, take_home: Interview) -> Interview:
    """It runs with the first state, and its row does not say so."""
    actions.activate(take_home, by="candidate")
    interview = run_until_idle(fresh(take_home))
    schedule.dispatch_due()
    engine.running[interview.workspace_name]["work.py"] = b"early"
    keep_now(interview)
    engine.lose(interview)
    health_watch.check_health(interview.id)
    interview = run_until_idle(fresh(interview))
    assert (interview.state, interview.restoring_state) == (Status.ACTIVE, 1)
    assert interview.workspace_name in engine.running
    return interview


def restored_events(interview: Interview) -> list[TimelineEntry]:
    return [event for event in interview.timeline if event.what == TimelineEvent.RESTORED]


def saved_at_the_end(interview: Interview) -> list[bytes]:
    """The contents of the archive that its end has left."""
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    interview = run_until_idle(fresh(interview))
    assert interview.state is Status.COMPLETED
    assert len(restored_events(interview)) == 1
    with (
        default_storage.open(interview.history_s3_key) as file,
        tarfile.open(fileobj=file) as saved,
    ):
        return [content.read() for member in saved if (content := saved.extractfile(member))]


def test_a_health_check_notes_it_and_the_clock_goes_on(unnoted) -> None:
    health_watch.check_health(unnoted.id)
    interview = fresh(unnoted)
    assert interview.restoring_state is None
    assert (interview.problem, interview.paused_at) == (None, None)
    health_watch.check_health(unnoted.id)
    assert len(restored_events(fresh(unnoted))) == 1


@pytest.mark.parametrize("is_checked", [True, False])
def test_its_end_saves_what_is_in_it(unnoted, engine, is_checked: bool) -> None:
    if is_checked:
        health_watch.check_health(unnoted.id)
    engine.running[unnoted.workspace_name]["work.py"] = b"hours of work"
    keep_now(unnoted)
    engine.running[unnoted.workspace_name]["work.py"] = b"the last minute"
    assert b"the last minute" in saved_at_the_end(unnoted)


def test_if_it_is_lost_again_its_end_saves_the_newest_state(unnoted, engine) -> None:
    engine.running[unnoted.workspace_name]["work.py"] = b"hours of work"
    keep_now(unnoted)
    engine.lose(unnoted)
    assert b"hours of work" in saved_at_the_end(unnoted)


def test_if_it_is_lost_again_it_starts_with_the_newest_state(unnoted, engine, monkeypatch) -> None:
    engine.running[unnoted.workspace_name]["work.py"] = b"hours of work"
    keep_now(unnoted)
    engine.lose(unnoted)
    monkeypatch.setattr(AnswersTooLate, "provision", FakeProvisioner.provision)
    monkeypatch.setattr(health_watch, "_failed_recently", lambda operation: False)
    health_watch.check_health(unnoted.id)
    interview = run_until_idle(fresh(unnoted))
    assert interview.state is Status.ACTIVE
    assert interview.restoring_state is None
    assert b"hours of work" in engine.running[unnoted.workspace_name].values()
