"""A run of checks: what is laid out, run, compared and kept."""

import importlib
import io
import tarfile
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.utils.timezone import now

from interviews.challenges import library
from operations.checks import actions, cleanup, places, preparation
from operations.checks.models import CheckRun, Problem, RunState, Subject
from operations.checks.records import check_records
from operations.checks.results import stored_tests
from operations.checks.summary import CheckCount, summaries
from operations.provisioners.checks.base import StopReason
from tests.checking import case, outcome, submit
from tests.operations.checks.executor.running import run_next, run_on
from tests.operations.submissions.archives import member, packed

pytestmark = pytest.mark.django_db


def test_each_check_has_a_copy_of_the_submission_with_its_own_files(
    checked, invite, check_runner
) -> None:
    interview = submit(invite(), {"count.py": b"mine", "test_count.py": b"mine", "new.py": b"n"})
    run = run_on(interview)
    given, hidden = check_runner.files
    assert given == {"count.py": b"print(1)\n", "test_count.py": b"mine", "new.py": b"n"}
    assert hidden == {"count.py": b"mine", "test_count.py": b"# hidden", "new.py": b"n"}
    first, second = check_runner.jobs
    assert (second.command, second.seconds, second.memory_mb) == ("run hidden", 7, 100)
    assert first.name == f"{run.attempt_prefix}0"
    assert not first.folder.exists()
    assert not list(preparation.prepared_root().iterdir())


def test_the_results_are_kept(submitted, check_runner, stream) -> None:
    check_runner.outcomes["run given"] = outcome(case("one"), case("two", failure="no"))
    check_runner.outcomes["run hidden"] = outcome(
        case("three"), exit_code=1, output=b"a\x00b \x1b[31mred\xff", seconds=2.34
    )
    run = run_on(submitted)
    assert (run.state, run.passed, run.total) == (RunState.FINISHED, 2, 4)
    given, hidden = run.results.all()
    assert (given.name, given.is_visible, given.passed, given.total) == ("Given", True, 1, 2)
    assert (hidden.name, hidden.is_visible, hidden.exit_code) == ("Hidden", False, 1)
    assert (hidden.seconds, hidden.output) == (2.3, "a�b �[31mred�")
    assert [(each.name, each.outcome, each.text) for each in stored_tests(given)] == [
        ("one", "passed", ""),
        ("two", "failed", "no"),
    ]
    assert len(stream.events_named("checks")) == 3
    summary = summaries([submitted.id, "other"])
    assert list(summary) == [submitted.id]
    assert (summary[submitted.id].passed, summary[submitted.id].total) == (2, 4)
    assert summary[submitted.id].checks == (
        CheckCount("Given", 1, 2, ""),
        CheckCount("Hidden", 1, 2, Problem.EXIT_CODE),
    )
    (record,) = check_records(submitted.id)["checkRuns"]
    assert [each["name"] for each in record["checks"]] == ["Given", "Hidden"]
    assert cleanup.count_runs_of(submitted.id) == 1


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (outcome(), Problem.NO_REPORT),
        (outcome(case("one"), exit_code=None, stopped=StopReason.TIME), Problem.TIME),
        (outcome(exit_code=None, stopped=StopReason.OUTPUT), Problem.OUTPUT),
        (outcome(exit_code=None, stopped=StopReason.MEMORY), Problem.MEMORY),
        (outcome(report_is_too_large=True), Problem.LARGE_REPORT),
        (outcome(reports=(b"<x",)), Problem.INVALID_REPORT),
        (outcome(reports=(b"<!DOCTYPE x><x/>",)), Problem.ENTITIES),
        (outcome(reports=(b"<x/>",)), Problem.EMPTY),
        (outcome(*[case(f"t{n}") for n in range(2001)]), Problem.TOO_MANY),
    ],
)
def test_a_check_without_a_result_has_failed_with_its_reason(
    submitted, check_runner, found, problem
) -> None:
    check_runner.outcomes["run given"] = found
    run = run_on(submitted)
    given, hidden = run.results.all()
    assert (given.problem, given.passed, given.total) == (problem, 0, 1)
    # The other check is unharmed.
    assert (hidden.problem, hidden.passed, hidden.total) == ("", 2, 2)


def test_tests_that_the_solution_ran_are_expected(submitted, check_runner) -> None:
    skipped = '<testcase classname="t" name="four"><skipped/></testcase>'
    check_runner.outcomes["run given"] = outcome(case("one"), case("two"), case("three"), skipped)
    actions.start_trial("word-count", 2, by="ada")
    solution, starting = run_next(), run_next()
    assert solution.subject == Subject.SOLUTION
    assert solution.all_passed
    assert solution.results.get(name="Given").total == 3
    assert starting.subject == Subject.STARTING
    assert check_runner.files[0]["count.py"] == b"print(1)\n"
    assert check_runner.files[1]["count.py"] == b"# solved"
    assert check_runner.files[3]["count.py"] == b"print(1)\n"

    # The submission leaves one out, and adds one of its own.
    check_runner.outcomes["run given"] = outcome(case("mine"), case("two"), case("one"))
    given = run_on(submitted).results.get(name="Given")
    assert (given.passed, given.total) == (2, 3)
    assert [(each.name, each.outcome, each.counts) for each in stored_tests(given)] == [
        ("one", "passed", True),
        ("two", "passed", True),
        ("three", "missing", True),
        ("mine", "passed", False),
    ]
    check_runner.outcomes["run given"] = outcome()
    given = run_on(submitted).results.get(name="Given")
    assert (given.problem, given.passed, given.total) == (Problem.NO_REPORT, 0, 3)
    assert {each.outcome for each in stored_tests(given)} == {"missing"}


@pytest.mark.parametrize("exit_code", [1, 139])
def test_a_check_whose_command_fails_has_not_passed(submitted, check_runner, exit_code) -> None:
    """A submission can write the report, and then be ended before the runner does."""
    check_runner.outcomes["run given"] = outcome(case("forged"), exit_code=exit_code)
    run = run_on(submitted)
    given = run.results.get(name="Given")
    assert (given.problem, given.passed, given.total) == (Problem.EXIT_CODE, 1, 2)
    assert not run.all_passed
    # A test that failed is the reason.
    check_runner.outcomes["run given"] = outcome(case("a"), case("b", failure="no"), exit_code=1)
    given = run_on(submitted).results.get(name="Given")
    assert (given.problem, given.passed, given.total) == ("", 1, 2)


def test_a_run_says_whether_it_was_compared(submitted, check_runner) -> None:
    assert run_on(submitted).is_compared is False
    actions.start_trial("word-count", 2, by="ada")
    assert [run_next().is_compared, run_next().is_compared] == [None, None]
    assert run_on(submitted).is_compared is True
    assert summaries([submitted.id])[submitted.id].is_compared is True


def test_a_run_is_not_compared_if_a_check_of_the_trial_had_no_result(
    submitted, check_runner
) -> None:
    check_runner.outcomes["run hidden"] = outcome()
    actions.start_trial("word-count", 2, by="ada")
    run_next()
    run_next()
    assert run_on(submitted).is_compared is False


def test_a_trial_whose_tests_had_no_suites_is_removed(submitted, check_runner) -> None:
    """Submissions that have the same tests by other names would have failed."""
    check_runner.outcomes["run given"] = outcome(case("one", group="test"))
    actions.start_trial("word-count", 2, by="ada")
    actions.run_again(submitted, by="ada")
    places.run_until_none_is_due()
    new = CheckRun.objects.create(
        subject=Subject.SOLUTION, challenge_id="b", version=1, queued_at=now(), due_at=now()
    )
    migration = importlib.import_module("operations.migrations.0028_trials_by_suite")
    migration.delete_trials(apps, None)
    left = CheckRun.objects.exclude(pk=new.pk).values_list("subject", flat=True)
    assert set(left) == {Subject.STARTING, Subject.SUBMISSION}


def test_links_of_a_submission_lead_nothing_out(checked, invite, check_runner, files) -> None:
    """The check's files take the places of links, and what these point to stays as it is."""
    content = packed(
        member("p/real.py", b"real"),
        member("p/count.py", type=tarfile.SYMTYPE, linkname="real.py"),
        member("p/sub/x.py", b"x"),
        member("p/test_count.py", type=tarfile.SYMTYPE, linkname="sub"),
    )
    interview = submit(invite())
    default_storage.delete(interview.history_s3_key)
    default_storage.save(interview.history_s3_key, io.BytesIO(content))
    run_on(interview)
    given, hidden = check_runner.files
    assert given["count.py"] == b"print(1)\n"
    assert given["real.py"] == b"real"
    assert hidden["test_count.py"] == b"# hidden"
    assert hidden["sub/x.py"] == b"x"


def test_a_folder_of_links_above_a_checks_file_is_replaced(tmp_path, checked) -> None:
    check = library.read_checks(checked)[1]
    version_files = library.read_files(checked)
    version_files |= type(version_files)({".checks/hidden/a/b/test.py": b"#"})
    (tmp_path / "outside").mkdir()
    work = tmp_path / "work"
    (work / "a").mkdir(parents=True)
    (work / "a" / "b").symlink_to(tmp_path / "outside")
    preparation.lay_over(work, check, version_files)
    assert (work / "a" / "b" / "test.py").read_bytes() == b"#"
    assert not list((tmp_path / "outside").iterdir())


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_report_that_is_there_already_is_removed(tmp_path, checked, kind) -> None:
    check = replace(library.read_checks(checked)[0], report="out/report.xml")
    place = tmp_path / "out" / "report.xml"
    place.parent.mkdir()
    if kind == "file":
        place.write_text("<forged/>")
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("elsewhere.xml")
    preparation.lay_over(tmp_path, check, library.read_files(checked))
    assert not place.is_symlink()
    assert not place.exists()
