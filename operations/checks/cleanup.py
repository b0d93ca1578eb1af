"""Deleting the runs of an interview's checks, together with the interview; and old trials."""

from operations.checks.models import TRIALS, CheckRun, RunState

# Of a version, for each subject: those that finished, and those that could not run.
KEPT_TRIALS = 5


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


def delete_old_trials(challenge_id: str, version: int) -> None:
    """Delete the trials of a version but for the newest, with their results.

    Trials that could not run push out none that finished: submissions are compared with the newest
    of these. The automatic one stays: it says that there was one.
    """
    trials = CheckRun.objects.filter(
        challenge_id=challenge_id, version=version, automatic_key=None
    ).order_by("-queued_at", "-pk")
    for subject in TRIALS:
        for state in (RunState.FINISHED, RunState.FAILED):
            ended = trials.filter(subject=subject, state=state).values_list("pk", flat=True)
            CheckRun.objects.filter(pk__in=list(ended[KEPT_TRIALS:])).delete()
