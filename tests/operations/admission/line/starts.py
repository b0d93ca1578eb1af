"""Starts that end or fail."""

from interviews.lifecycle import EndReason
from operations import actions
from tests.conftest import fresh, run_until_idle


def end(interview) -> None:
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)
