"""JUnit XML as test runners write it, and as nobody should."""

import pytest

from operations.checks import report
from operations.checks.models import Problem
from operations.checks.report import (
    MAX_ALL_TEXTS,
    MAX_NAME,
    MAX_TESTS,
    MAX_TEXT,
    InvalidReportError,
    Outcome,
    ReportProblem,
    TestResult,
    printable,
    read_report,
)

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1"
 tests="4" time="0.02" timestamp="2026-11-29T18:00:00" hostname="h">
<testcase classname="tests.test_sum.TestSum" name="test_one" time="0.001" />
<testcase classname="tests.test_sum.TestSum" name="test_two" time="0.002"><failure
 message="assert 1 == 2">def test_two():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_sum" name="test_three" time="0.0"><skipped type="pytest.skip"
 message="not here">why</skipped></testcase>
<testcase classname="" name="tests/test_more.py" time="0"><error message="collection failure">No
 module</error></testcase></testsuite></testsuites>"""

NODE = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testsuite name="bookings" time="0.01" disabled="0" errors="0" tests="2" failures="1" skipped="0">
    <testcase name="are kept" time="0.005" classname="test"/>
    <testcase name="never overlap" time="1,234.5" classname="test">
      <failure type="testCodeFailure" message="Expected values to be equal">[Error: no]</failure>
    </testcase>
  </testsuite>
  <testcase name="starts" time="x" classname="test"/>
</testsuites>"""


def test_a_report_of_pytest() -> None:
    first, second, third, fourth = read_report([PYTEST])
    assert first == TestResult("tests.test_sum.TestSum", "test_one", Outcome.PASSED, 0.001)
    assert second.outcome is Outcome.FAILED
    # The details have the message, so it is there once.
    assert second.text.startswith("def test_two():")
    assert third.outcome is Outcome.SKIPPED
    assert (fourth.outcome, fourth.title) == (Outcome.FAILED, "tests/test_more.py")
    assert fourth.text == "collection failure\nNo\n module"


def test_a_report_of_node() -> None:
    one, two, three = read_report([NODE])
    assert (one.name, one.outcome, one.seconds) == ("are kept", Outcome.PASSED, 0.005)
    assert (two.outcome, two.seconds) == (Outcome.FAILED, 1234.5)
    assert two.text == "Expected values to be equal\n[Error: no]"
    assert (three.outcome, three.seconds) == (Outcome.PASSED, None)
    assert [each.group for each in (one, two, three)] == ["bookings", "bookings", "test"]


NESTED = b"""<testsuites>
<testsuite name="outer" time="0.02" disabled="0" errors="0" tests="2" failures="0" skipped="0">
  <testsuite name="inner" time="0.01" disabled="0" errors="0" tests="1" failures="0" skipped="0">
    <testcase name="one" time="0.009" classname="test"/>
  </testsuite>
  <testcase name="one" time="0.001" classname="test"><failure message="no"/></testcase>
</testsuite>
<testsuite name="parent" time="0.01" disabled="0" errors="0" tests="1" failures="0" skipped="0">
  <testcase name="one" time="0.001" classname="test"/>
</testsuite>
<testcase name="one" time="0.001" classname="test"/>
</testsuites>"""


# Since version 24 it writes a time for each suite.
OF_NODE_24 = NESTED.replace(b' skipped="0"', b' skipped="0" timestamp="2026-11-29T18:00:00.1Z"')


@pytest.mark.parametrize("content", [NESTED, OF_NODE_24])
def test_tests_of_node_are_told_apart_by_their_suites(content: bytes) -> None:
    """It gives all of them the same class."""
    assert [(each.title, each.outcome) for each in read_report([content])] == [
        ("outer › inner › one", "passed"),
        ("outer › one", "failed"),
        ("parent › one", "passed"),
        ("test › one", "passed"),
    ]


GO = b"""<testsuites>
<testsuite name="example.org/sum/test" tests="1" timestamp="2026-11-29T18:00:00Z">
<testcase name="TestSum" classname="test" time="0.1"/></testsuite></testsuites>"""
MAVEN = b"""<testsuite name="org.example.SumTest" time="0.1" tests="1">
<testcase name="adds" classname="org.example.SumTest" time="0.1"/></testsuite>"""


@pytest.mark.parametrize(
    ("content", "title"),
    [(GO, "test › TestSum"), (MAVEN, "org.example.SumTest › adds")],
)
def test_a_suite_that_is_no_group_of_its_own_is_left_out(content: bytes, title: str) -> None:
    assert [each.title for each in read_report([content])] == [title]


def test_names_of_suites_are_bounded() -> None:
    deep = b'<testsuite name="suite">' * 50_000 + b'<testcase name="a"/>' + b"</testsuite>" * 50_000
    (result,) = read_report([deep])
    assert len(result.group) == MAX_NAME


def suite(*cases: str) -> bytes:
    return f"<testsuite name='s'>{''.join(cases)}</testsuite>".encode()


def test_a_report_may_be_several_files() -> None:
    names = [each.name for each in read_report([suite('<testcase name="a"/>'), PYTEST])]
    assert names == ["a", "test_one", "test_two", "test_three", "tests/test_more.py"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_test_that_is_there_twice_fails_if_one_does(order: int) -> None:
    passed, failed = '<testcase name="a"/>', '<testcase name="a"><failure/></testcase>'
    (result,) = read_report([suite(*[passed, failed][::order])])
    assert result.outcome is Outcome.FAILED


LAUGHS = b"""<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY l3 "&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;">]><testsuite><testcase name="&l3;"/></testsuite>"""
FILE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="&f;"/></testsuite>"""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", ReportProblem.INVALID),
        (b"no XML", ReportProblem.INVALID),
        (suite('<testcase name="a"/>')[:-5], ReportProblem.INVALID),
        (b'<?xml version="1.0" encoding="x-none"?><testsuite/>', ReportProblem.INVALID),
        (b"<testsuite>\xff\xfe</testsuite>", ReportProblem.INVALID),
        (LAUGHS, ReportProblem.ENTITIES),
        (FILE, ReportProblem.ENTITIES),
        (b"<!DOCTYPE html><testsuite/>", ReportProblem.ENTITIES),
        (suite(), ReportProblem.EMPTY),
        (b"<html/>", ReportProblem.EMPTY),
        (suite(*[f'<testcase name="{n}"/>' for n in range(MAX_TESTS + 1)]), ReportProblem.TOO_MANY),
        (suite('<testcase name="a"/>' * 200_000), ReportProblem.TOO_MANY),
        (b"<a>" * 100_000, ReportProblem.INVALID),
        (b"<a>" * 500_000 + b"</a>" * 500_000, ReportProblem.EMPTY),
    ],
    ids=range(14),
)
def test_a_report_that_is_none_is_named(content: bytes, problem: ReportProblem) -> None:
    with pytest.raises(InvalidReportError) as caught:
        read_report([content])
    assert caught.value.problem is problem


def test_no_report_at_all_is_empty() -> None:
    with pytest.raises(InvalidReportError) as caught:
        read_report([])
    assert caught.value.problem is ReportProblem.EMPTY


def test_names_and_texts_are_bounded() -> None:
    long = "x" * 100_000
    case = f'<testcase name="{long}"><failure message="{long}">{long}</failure></testcase>'
    (result,) = read_report([suite(case)])
    assert len(result.name) == MAX_NAME
    assert len(result.text) == MAX_TEXT

    case = '<testcase name="{}"><failure>{}</failure></testcase>'
    results = read_report([suite(*[case.format(n, "x" * 3_000) for n in range(1_000)])])
    assert sum(len(each.text) for each in results) < MAX_ALL_TEXTS * 2


def test_characters_that_hide_others_are_replaced() -> None:
    (result,) = read_report([suite('<testcase name="a&#8238;b"/>')])
    assert result.name == "a�b"
    assert printable("a\x00b\x1b[31m\r\nc\td\ud800") == "a�b�[31m\nc\td�"


def test_only_the_beginning_of_a_large_text_is_looked_at() -> None:
    text = "\N{RIGHT-TO-LEFT OVERRIDE}" * 1_700_000
    (result,) = read_report([suite(f'<testcase name="a"><failure>{text}</failure></testcase>')])
    assert len(result.text) == MAX_TEXT


def test_the_names_of_all_tests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are kept as they are: tests are compared by them."""
    monkeypatch.setattr(report, "MAX_ALL_NAMES", 20)
    cases = '<testcase classname="abcd" name="efghij"/><testcase classname="abcd" name="efghi{}"/>'
    assert len(read_report([f"<s>{cases.format('k')}</s>".encode()])) == 2
    with pytest.raises(InvalidReportError) as caught:
        read_report([f"<s>{cases.format('kl')}</s>".encode()])
    assert Problem(caught.value.problem.value) is Problem.LARGE_REPORT
