"""What an engine is told of a workspace."""

from operations import actions
from operations.worker.handler import workspace_of
from tests.conftest import fresh


def test_a_workspace_ends_when_its_interview_does_also_after_more_time(running):
    before = workspace_of(fresh(running)).ends_at
    assert before == fresh(running).auto_destroy_at
    actions.extend(fresh(running), 30, by="staff")
    assert workspace_of(fresh(running)).ends_at == fresh(running).auto_destroy_at > before
