"""How the checks of interviews went, for lists and comparisons."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from operations.checks.models import CheckResult, CheckRun, RunState, Subject


@dataclass(frozen=True)
class CheckSummary:
    """The latest finished run of an interview: `passed` of `total` tests, and those per check.

    `is_compared` is False if they were not compared with a trial of the solution.
    """

    interview_id: str
    challenge_id: str
    version: int
    passed: int
    total: int
    checks: tuple["CheckCount", ...] = field(default=())
    is_compared: bool | None = None

    @property
    def all_passed(self) -> bool:
        return self.passed == self.total


@dataclass(frozen=True)
class CheckCount:
    """One check of a run. `problem` is the code of why it has no result of its own, or ""."""

    name: str
    passed: int
    total: int
    problem: str


def summaries(interview_ids: Iterable[str]) -> dict[str, CheckSummary]:
    """Return the summary of each interview whose checks were run, in two queries."""
    ids = [each for each in interview_ids if each]
    runs = CheckRun.objects.filter(
        interview_id__in=ids, state=RunState.FINISHED, subject=Subject.SUBMISSION
    )
    columns = ("pk", "interview_id", "challenge_id", "version", "passed", "total", "is_compared")
    # Tuples, in the order of `columns`: a comparison has thousands of results.
    ordered = runs.order_by("queued_at", "pk").values_list(*columns, named=True)
    latest = {run.interview_id: run for run in ordered}
    counts: dict[object, list[CheckCount]] = {}
    results = CheckResult.objects.filter(run__in=[run.pk for run in latest.values()])
    rows = results.values_list("run_id", "name", "passed", "total", "problem")
    for run_id, name, passed, total, problem in rows:
        counts.setdefault(run_id, []).append(CheckCount(name, passed, total, problem))
    return {
        interview_id: CheckSummary(
            interview_id,
            run.challenge_id,
            run.version,
            int(run.passed or 0),
            int(run.total or 0),
            tuple(counts.get(run.pk, ())),
            run.is_compared,
        )
        for interview_id, run in latest.items()
    }
