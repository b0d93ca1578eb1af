"""The workspace that a handler passes to an engine."""

from operations import actions
from operations.worker.handler import workspace_of
from tests.conftest import fresh


def test_workspace_ends_with_its_interview_after_an_extension(running):
    before = workspace_of(fresh(running)).ends_at
    assert before == fresh(running).auto_destroy_at
    actions.extend(fresh(running), 30, by="staff")
    assert workspace_of(fresh(running)).ends_at == fresh(running).auto_destroy_at > before
