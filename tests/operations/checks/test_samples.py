"""The shipped challenges: their starting files fail their checks, and the solutions pass them."""

import shlex
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from interviews.challenges import library
from interviews.challenges.checks.files import solution_of
from interviews.challenges.starting_files import StartingFiles
from operations.checks import actions, executor, queue
from operations.checks.models import CheckRun, Subject
from operations.checks.results import stored_tests
from operations.provisioners.local.environment import tools_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tables"), pytest.mark.long]


@pytest.mark.parametrize("name", ["settlement-check", "room-booking"])
def test_candidates_can_run_what_they_are_told(name: str, tmp_path: Path) -> None:
    call_command("load_samples", stdout=StringIO())
    version = library.get_version(name, 1)
    assert version is not None
    (told,) = version.about.candidate_checks
    solution = solution_of(library.read_files(version))
    assert solution is not None

    def exit_code(given: StartingFiles, folder: Path) -> int:
        for path, content in given.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        command, tools = shlex.split(told.command), {"PATH": tools_path(tmp_path)}
        done = subprocess.run(command, cwd=folder, env=tools, capture_output=True, check=False)
        return done.returncode

    assert exit_code(library.read_starting_files(version), tmp_path / "starting") == 1
    assert exit_code(solution, tmp_path / "solution") == 0


@pytest.mark.parametrize("name", ["settlement-check", "room-booking"])
def test_a_trial_goes_as_it_should(name: str, settings) -> None:
    call_command("load_samples", stdout=StringIO())
    settings.PROVISIONER, settings.DEBUG = "local", True
    actions.start_trial(name, 1, by="ada")
    while (run := queue.acquire_run()) is not None:
        executor.run_checks(run)
    solution = CheckRun.objects.get(subject=Subject.SOLUTION)
    failed = [
        (test.title, test.text)
        for result in solution.results.all()
        for test in stored_tests(result)
        if test.outcome != "passed"
    ]
    assert failed == []
    assert solution.all_passed, [each.output for each in solution.results.all()]
    starting = CheckRun.objects.get(subject=Subject.STARTING)
    for each in starting.results.all():
        assert each.passed < each.total
        assert each.problem == ""
    # None of it is given to candidates.
    version = library.get_version(name, 1)
    assert version is not None
    given = library.read_starting_files(version)
    assert not [path for path in given if path.startswith(".checks")]
