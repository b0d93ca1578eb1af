"""Deleting the runs of an interview's checks, together with the interview."""

from operations.checks.models import CheckRun


def count_runs_of(interview_id: str) -> int:
    return CheckRun.objects.filter(interview_id=interview_id).count() if interview_id else 0


def delete_runs_of(interview_id: str) -> int:
    """Delete the runs with their results, and return how many runs there were.

    A worker that has one of them finds its lease lost, and removes what it made on the engine.
    """
    if not interview_id:
        return 0
    return (
        CheckRun.objects.filter(interview_id=interview_id).delete()[1].get(CheckRun._meta.label, 0)
    )
