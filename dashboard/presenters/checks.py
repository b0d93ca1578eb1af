"""The checks of a submission and of a challenge, as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interviews.challenges import library
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations.checks.actions import checks_version
from operations.checks.models import TRIALS, CheckResult, CheckRun, Problem, RunState, Subject
from operations.checks.report import Outcome, TestResult
from operations.checks.results import stored_tests
from operations.progress.models import ProgressState

MAX_HISTORY = 30
MAX_STATES = 100

OUTCOMES = {
    Outcome.PASSED: gettext_lazy("Passed"),
    Outcome.FAILED: gettext_lazy("Failed"),
    Outcome.SKIPPED: gettext_lazy("Skipped"),
    Outcome.MISSING: gettext_lazy("Did not run"),
}
TONES = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.MISSING: "bad"}


def passed_words(passed: int, total: int) -> str:
    return ngettext(
        "%(passed)s of %(total)s test passed", "%(passed)s of %(total)s tests passed", total
    ) % {"passed": passed, "total": total}


@dataclass(frozen=True)
class TestLine:
    """One test of a check."""

    __test__ = False  # of pytest

    test: TestResult

    @property
    def words(self) -> str:
        if not self.test.counts:
            return _("%(outcome)s, not counted") % {"outcome": OUTCOMES[self.test.outcome]}
        return str(OUTCOMES[self.test.outcome])

    @property
    def tone(self) -> str:
        return TONES.get(self.test.outcome, "muted") if self.test.counts else "muted"


@dataclass(frozen=True)
class ResultView:
    """What came of one check."""

    result: CheckResult

    @property
    def words(self) -> str:
        if self.result.problem and not self.result.tests:
            # It is unknown how many tests there are: the totals have one.
            return _("Failed, counted as one test")
        return passed_words(self.result.passed, self.result.total)

    @property
    def tone(self) -> str:
        return "good" if self.result.passed == self.result.total else "bad"

    @property
    def exit_words(self) -> str:
        code = self.result.exit_code
        return "" if code in (None, 0) else _("Exit code %(code)s") % {"code": code}

    @property
    def shows_seconds(self) -> bool:
        """Whether the report says of any test how long it took."""
        return any(line.test.seconds is not None for line in self.tests)

    @cached_property
    def tests(self) -> list[TestLine]:
        """Those that did not pass first; a command that failed by itself is one of them."""
        lines = [TestLine(test) for test in stored_tests(self.result)]
        if self.result.problem == Problem.EXIT_CODE:
            # It is in the totals, and so it has a row.
            lines.append(TestLine(TestResult("", _("The command itself"), Outcome.FAILED)))
        return sorted(lines, key=lambda line: (not line.test.counts, line.tone != "bad"))


@dataclass(frozen=True)
class RunView:
    """A run with its results, or a line of the history."""

    run: CheckRun

    @property
    def words(self) -> str:
        """Such as "3 of 5 tests passed", or how far the run is."""
        if not self.run.is_finished:
            return str(RunState(self.run.state).label)
        return passed_words(int(self.run.passed or 0), int(self.run.total or 0))

    @property
    def tone(self) -> str:
        if self.run.is_unfinished:
            return "muted"
        return "good" if self.run.all_passed else "bad"

    @property
    def subject(self) -> str:
        label = str(Subject(self.run.subject).label)
        return f"{label} {self.run.progress_state}" if self.run.progress_state else label

    @property
    def reason(self) -> str:
        return str(self.run.get_reason_display()) if self.run.reason else ""

    @property
    def is_as_meant(self) -> bool | None:
        """Of a trial: whether the solution passed, or the starting files failed."""
        if not self.run.is_finished or self.run.subject not in TRIALS:
            return None
        return self.run.all_passed == (self.run.subject == Subject.SOLUTION)

    @cached_property
    def results(self) -> list[ResultView]:
        return [ResultView(each) for each in self.run.results.all()]


@dataclass(frozen=True)
class InterviewChecks:
    """The checks of one interview: the runs newest first, and whether they may be run."""

    interview: Interview
    runs: Sequence[RunView]

    @property
    def latest(self) -> RunView | None:
        """The newest of a submission that is finished, or else the newest."""
        runs = [each for each in self.runs if each.run.subject == Subject.SUBMISSION]
        finished = (each for each in runs if each.run.is_finished)
        return next(finished, runs[0] if runs else None)

    @property
    def unfinished(self) -> RunView | None:
        return next((each for each in self.runs if each.run.is_unfinished), None)

    @property
    def has_files(self) -> bool:
        return self.interview.state in FINAL and bool(self.interview.history_s3_key)

    @cached_property
    def versions(self) -> list[int]:
        """The versions whose checks may be run: the interview's own, and the current one."""
        if not self.has_files:
            return []
        own = checks_version(self.interview)
        current = library.get_version(self.interview.challenge, None)
        found = [each for each in (own, current) if each is not None and each.has_checks]
        return list(dict.fromkeys(int(each.number) for each in found if each.number is not None))

    @cached_property
    def states(self) -> list[ProgressState]:
        """The newest states of its progress, which may be checked, too."""
        if not self.versions:
            return []
        states = ProgressState.objects.filter(interview_id=self.interview.id)
        return list(states.order_by("-number")[:MAX_STATES])

    def run_of(self, run_id: str) -> RunView | None:
        """The run of this id, or the latest without one."""
        if not run_id:
            return self.latest
        return next((each for each in self.runs if str(each.run.pk) == run_id), None)


def has_checks(interview: Interview) -> bool:
    """True if checks were run on the interview's files, or may be."""
    is_run = CheckRun.objects.filter(interview_id=interview.id).exists()
    return is_run or bool(InterviewChecks(interview, ()).versions)


def interview_checks(interview: Interview) -> InterviewChecks:
    runs = CheckRun.objects.filter(interview_id=interview.id)[:MAX_HISTORY]
    return InterviewChecks(interview, [RunView(run) for run in runs])
