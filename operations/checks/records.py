"""The results of checks as an export of the candidate's data has them."""

from typing import Any

from operations.checks.models import CheckResult, CheckRun


def check_records(interview_id: str) -> dict[str, Any]:
    """All runs of an interview, the oldest first, with the output of its programs."""
    runs = CheckRun.objects.filter(interview_id=interview_id).prefetch_related("results")
    return {"checkRuns": [_run(run) for run in runs.order_by("queued_at", "pk")]}


def _run(run: CheckRun) -> dict[str, Any]:
    return {
        "state": run.state,
        "reason": run.reason or None,
        "challengeVersion": run.version,
        "requestedBy": run.requested_by or None,
        "queuedAt": run.queued_at,
        "finishedAt": run.finished_at,
        "passed": run.passed,
        "total": run.total,
        "checks": [_result(each) for each in run.results.all()],
    }


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "problem": result.problem or None,
        "exitCode": result.exit_code,
        "seconds": result.seconds,
        "passed": result.passed,
        "total": result.total,
        "tests": result.tests,
        "output": result.output,
    }
