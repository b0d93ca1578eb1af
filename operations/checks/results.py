"""What comes of the outcome of a check: its tests, how many passed, and of how many."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from interviews.challenges.checks.manifest import Check
from operations.checks.models import CheckResult, CheckRun, Problem, RunState, Subject
from operations.checks.report import (
    InvalidReportError,
    Outcome,
    TestResult,
    printable,
    read_report,
)
from operations.provisioners.checks.base import CheckOutcome, StopReason

TestKey = tuple[str, str]

_STOPPED = {
    StopReason.TIME: Problem.TIME,
    StopReason.MEMORY: Problem.MEMORY,
    StopReason.OUTPUT: Problem.OUTPUT,
}


class ExpectedTests:
    """The tests that the reference solution ran, by the check's name; none before its trial."""

    def __init__(self, by_check: dict[str, list[TestKey]]) -> None:
        self._by_check = by_check

    def __bool__(self) -> bool:
        return bool(self._by_check)

    def are_known_of(self, names: Iterable[str]) -> bool:
        """Whether there are some for each check of these names."""
        return all(map(self.of, names))

    def of(self, name: str) -> list[TestKey] | None:
        """Those of the check of this name."""
        return self._by_check.get(name)


def expected_tests(run: CheckRun) -> ExpectedTests:
    """Return the tests of the latest trial of the same version with its reference solution.

    A test that the solution itself skips is not expected of anybody.
    """
    if run.subject == Subject.SOLUTION:
        return ExpectedTests({})
    return expected_tests_of(run.challenge_id, run.version)


def expected_tests_of(challenge_id: str, version: int) -> ExpectedTests:
    """Return those of a version, as `expected_tests`."""
    trial = CheckRun.objects.filter(
        challenge_id=challenge_id,
        version=version,
        subject=Subject.SOLUTION,
        state=RunState.FINISHED,
    ).first()
    if trial is None:
        return ExpectedTests({})
    return ExpectedTests(
        {
            result.name: [
                (test["group"], test["name"])
                for test in result.tests
                if test["outcome"] != Outcome.SKIPPED
            ]
            for result in trial.results.all()
            if not result.problem
        }
    )


def result_of(
    run: CheckRun,
    position: int,
    check: Check,
    outcome: CheckOutcome,
    expected: Sequence[TestKey] | None,
) -> CheckResult:
    """Return the unsaved result of a check."""
    tests, problem = _tests_of(outcome)
    if run.subject == Subject.SOLUTION:
        # What the solution skips is expected of nobody.
        tests = [replace(test, counts=test.outcome is not Outcome.SKIPPED) for test in tests]
    elif expected:
        tests = _compared(tests, expected)
    result = CheckResult(
        run=run,
        position=position,
        name=check.name,
        is_visible=check.is_visible,
        problem=problem,
        exit_code=outcome.exit_code,
        seconds=round(outcome.seconds, 1),
        output=printable(outcome.output.decode(errors="replace")),
    )
    _count(result, tests)
    return result


def compare(result: CheckResult, expected: Sequence[TestKey]) -> None:
    """Change the result of a check to what it would be if these tests had been expected before."""
    reported = [each for each in stored_tests(result) if each.outcome is not Outcome.MISSING]
    if result.problem == Problem.EXIT_CODE:
        result.problem = ""
    _count(result, _compared(reported, expected))


def _count(result: CheckResult, tests: Sequence[TestResult]) -> None:
    """Write the tests into the result, and how many of those that count have passed."""
    counted = [test for test in tests if test.counts]
    result.tests = [_stored(test) for test in tests]
    result.passed = sum(test.outcome is Outcome.PASSED for test in counted)
    # A check that has nothing to show is one that failed.
    result.total = len(counted) or 1
    if result.passed == result.total and result.exit_code != 0:
        # A runner fails if one of its tests does: a report like this is not all that happened.
        result.problem, result.total = Problem.EXIT_CODE, result.total + 1


def stored_tests(result: CheckResult) -> list[TestResult]:
    """Return the stored tests of a result."""
    return [TestResult(**{**test, "outcome": Outcome(test["outcome"])}) for test in result.tests]


def _tests_of(outcome: CheckOutcome) -> tuple[list[TestResult], str]:
    if outcome.stopped is not None:
        # What it reported before is left out: the command did not come to its end.
        return [], _STOPPED[outcome.stopped]
    if outcome.report_is_too_large:
        return [], Problem.LARGE_REPORT
    if not outcome.reports:
        return [], Problem.NO_REPORT
    try:
        return read_report(outcome.reports), ""
    except InvalidReportError as error:
        return [], Problem(error.problem.value)


def _compared(tests: Sequence[TestResult], expected: Sequence[TestKey]) -> list[TestResult]:
    """Return the expected tests, in their order, and then others, which do not count."""
    by_key = {test.key: test for test in tests}
    wanted = [by_key.get(key) or TestResult(*key, outcome=Outcome.MISSING) for key in expected]
    known = set(expected)
    others = [replace(test, counts=False) for test in tests if test.key not in known]
    return [*wanted, *others]


def _stored(test: TestResult) -> dict[str, Any]:
    return asdict(test) | {"outcome": test.outcome.value}
