"""What the scenarios of automated checks need: a runner in memory, and what a run must come to."""

from collections import Counter
from collections.abc import Callable, Iterable

from operations.checks.models import CheckRun, RunState
from operations.provisioners.checks.base import CheckJob, CheckOutcome
from operations.webhooks.models import CHECKS_FINISHED, Delivery
from tests.checking import FakeRunner, case, outcome
from tests.faults.kills.invariants import require
from tests.faults.kills.world import Case, World


class MemoryRunner(FakeRunner):
    """A runner in memory, on which the jobs of a killed worker stay until somebody removes them."""

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        self.left.append(job.name)
        ended = self.wait(job, should_stop)
        self.remove(job.name)
        return ended

    def wait(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        """The program of the job runs."""
        super().run(job, should_stop)
        return outcome(case("a"))


def check(world: World, of: Case, checks: int) -> None:
    """Check that each run of the case's challenge has its end once, and nothing else is left of it.

    Raises:
        BrokenError: if it is not so.
    """
    runs = list(CheckRun.objects.filter(challenge_id=of["challenge"]))
    for run in runs:
        require(run.state == RunState.FINISHED, "lost", f"{run}: {run.reason} {run.detail}")
        require((run.passed, run.total) == (checks, checks), "lost", f"{run.passed}/{run.total}")
        positions = sorted(run.results.values_list("position", flat=True))
        require(positions == list(range(checks)), "lost", f"{run} has the results {positions}")
        held = run.slot, run.lease_token, run.lease_until
        require(held == (None, None, None), "leaked", f"{run} is leased: {held}")
        left = sorted(name for name in world.left_of_checks() if name.startswith(run.job_prefix))
        require(not left, "leaked", f"{run}, and {left} is there")
    _check_messages(runs, of)


def _check_messages(runs: Iterable[CheckRun], of: Case) -> None:
    """One message about each run of a submission."""
    if "webhook" not in of:
        return
    # The webhook may hear of other cases' as well.
    ids = [of[name] for name in ("id", "other") if name in of]
    rows = Delivery.objects.filter(
        webhook_id=of["webhook"], event=CHECKS_FINISHED, interview_id__in=ids
    )
    told = Counter(each for each in rows.values_list("interview_id", flat=True))
    ended = Counter(run.interview_id for run in runs if run.interview_id)
    require(told >= ended, "lost", f"messages {told} about runs {ended}")
    require(told == ended, "doubled", f"messages {told} about runs {ended}")
