"""Read a JUnit XML report of unknown origin, within limits.

pytest, node's test runner, go-junit-report, Maven and most others write the format. A document type
is refused, and with it every entity: https://docs.python.org/3/library/xml.html#xml-security.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from junitparser import Error, Failure, Skipped, TestCase

MAX_TESTS = 2_000
MAX_NAME = 300
MAX_TEXT = 4_000
# Of all texts of a report together.
MAX_ALL_TEXTS = 256 * 1024
SHORT_TEXT = 200
# Of all names together, with their groups: they cannot be cut, as tests are compared by them.
MAX_ALL_NAMES = 512_000
# node's runner writes "test" for each, and tells tests apart by the suites around them.
NO_CLASSES = ("", "test")


class Outcome(StrEnum):
    """How a test ended. The value is stored."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    # The reference solution's report has it, and this one does not.
    MISSING = "missing"


class ReportProblem(StrEnum):
    """Why a report has no result. The value is stored."""

    INVALID = "invalid_report"
    ENTITIES = "entities_in_report"
    TOO_MANY = "too_many_tests"
    EMPTY = "empty_report"
    LARGE = "large_report"


class InvalidReportError(Exception):
    def __init__(self, problem: ReportProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class TestResult:
    """One test: its group is a class, a module, a file, or the suites that it is in, the outermost
    first. `text` says why it failed."""

    __test__ = False  # of pytest

    group: str
    name: str
    outcome: Outcome
    seconds: float | None = None
    text: str = ""
    # False for a test that the reference solution's report does not have.
    counts: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.group, self.name

    @property
    def title(self) -> str:
        return f"{self.group} › {self.name}" if self.group else self.name


def read_report(contents: Iterable[bytes]) -> list[TestResult]:
    """Return the tests of a report, which may be several files, in their order.

    A test that is there twice has failed if one of them has.

    Raises:
        InvalidReportError: if it cannot be read, has entities, no tests, more than MAX_TESTS, or
            more than MAX_ALL_NAMES.
    """
    tests: dict[tuple[str, str], TestResult] = {}
    left, names_left = MAX_ALL_TEXTS, MAX_ALL_NAMES
    for content in contents:
        for case, suites in _cases(content):
            result = _result(case, suites, MAX_TEXT if left > 0 else SHORT_TEXT)
            left -= len(result.text)
            names_left -= len(result.group) + len(result.name)
            if names_left < 0:
                raise InvalidReportError(ReportProblem.LARGE)
            known = tests.get(result.key)
            if known is None or known.outcome is Outcome.PASSED:
                tests[result.key] = result
            if len(tests) > MAX_TESTS:
                raise InvalidReportError(ReportProblem.TOO_MANY)
    if not tests:
        raise InvalidReportError(ReportProblem.EMPTY)
    return list(tests.values())


def _cases(content: bytes) -> Iterable[tuple[Element, str]]:
    """Yield each test with the names of the suites around it, "" if these are no groups."""
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise InvalidReportError(ReportProblem.ENTITIES) from None
    except (ParseError, ValueError, LookupError):
        # LookupError: an encoding that Python does not know.
        raise InvalidReportError(ReportProblem.INVALID) from None
    number = 0
    # Not recursive: a report may be as deep as it is long.
    left = [(root, "")]
    while left:
        element, suites = left.pop()
        if element.tag == "testcase":
            number += 1
            if number > MAX_TESTS:
                raise InvalidReportError(ReportProblem.TOO_MANY)
            yield element, suites
        elif element.tag == "testsuite" and not _is_whole_run(element):
            suites = _line(" › ".join(filter(None, (suites, _line(element.get("name"))))))
        left += [(child, suites) for child in reversed(element)]


def _is_whole_run(suite: Element) -> bool:
    """Whether it is no group: pytest and Go write one suite for a whole run, with its time.

    Since version 24 Node writes a time for each group, too; it alone says how many are disabled.
    """
    return suite.get("timestamp") is not None and suite.get("disabled") is None


def _result(element: Element, suites: str, max_text: int) -> TestResult:
    case = TestCase.fromelem(element)  # type: ignore[no-untyped-call]
    results = case.result or []
    failure = next((each for each in results if isinstance(each, Failure | Error)), None)
    group = _line(case.classname)
    outcome = Outcome.PASSED
    if failure is not None:
        outcome = Outcome.FAILED
    elif any(isinstance(each, Skipped) for each in results):
        outcome = Outcome.SKIPPED
    return TestResult(
        group=(suites if group in NO_CLASSES else "") or group,
        name=_line(case.name) or "?",
        outcome=outcome,
        seconds=_seconds(element.get("time")),
        text="" if failure is None else _failure_text(failure, max_text),
    )


def _failure_text(failure: Any, limit: int) -> str:
    # Cut first: it may be all of a report's megabytes.
    message = printable(cut(failure.message or "", limit))
    details = printable(cut(failure.text or "", limit))
    # Most runners repeat the message in the details.
    text = details if message.strip() and message.strip() in details else f"{message}\n{details}"
    return cut(text.strip(), limit)


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float((value or "").replace(",", ""))
    except ValueError:
        return None
    return round(seconds, 3) if 0 <= seconds < 10**6 else None


def _line(text: str | None) -> str:
    return " ".join(printable(cut(text or "", MAX_NAME)).split())


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def printable(text: str) -> str:
    """The text without what a database refuses, or what changes how the rest of it is shown."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else "�"
        for char in text.replace("\r\n", "\n")
    )
