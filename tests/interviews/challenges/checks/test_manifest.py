"""The checks of a challenge: their rules, and what candidates get of them."""

import pytest

from interviews.challenges import library, storage, versions
from interviews.challenges.checks.files import (
    checks_of,
    overlay_of,
    solution_of,
    starting_files,
)
from interviews.challenges.checks.manifest import (
    MANIFEST,
    MAX_CHECKS,
    Check,
    InvalidChecksError,
    parse_manifest,
)
from interviews.challenges.models import ChallengeDetails
from interviews.challenges.starting_files import StartingFiles

TOML = b"""
[[checks]]
name = "  The given  tests "
command = "python3 -m unittest"
restore = ["tests", "run.sh"]
visible = true
candidate_command = "python3 -m unittest"
report = "reports"

[[checks]]
name = "Hidden"
command = "sh run.sh"
folder = "hidden"
seconds = 5
memory_mb = 256
"""
FILES = StartingFiles(
    {
        "README.md": b"# Sum",
        "sum.py": b"",
        "tests/test_sum.py": b"# given",
        "run.sh": b"#!/bin/sh\n",
        MANIFEST: TOML,
        ".checks/hidden/tests/test_sum.py": b"# hidden",
        ".checks/hidden/run.sh": b"#!/bin/sh\n# hidden\n",
        ".checks/solution/sum.py": b"solved = True\n",
    }
)
PATHS = FILES.keys()


def test_checks_are_parsed_in_their_order() -> None:
    assert checks_of(FILES) == (
        Check(
            "The given tests",
            "python3 -m unittest",
            restored=("tests", "run.sh"),
            is_visible=True,
            candidate_command="python3 -m unittest",
            report="reports",
        ),
        Check("Hidden", "sh run.sh", folder="hidden", seconds=5, memory_mb=256),
    )


def test_a_challenge_without_a_manifest_has_no_checks() -> None:
    assert checks_of(StartingFiles({"README.md": b""})) == ()


def checks(*lines: str, name: str = "A") -> bytes:
    return "\n".join(["[[checks]]", f'name = "{name}"', 'command = "x"', *lines, ""]).encode()


def shown_command(command: str) -> bytes:
    return checks("visible = true", f'candidate_command = "{command}"')


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[[checks]", "isn't valid TOML"),
        (b"\xff", "isn't valid TOML"),
        (b"x = " + b"[" * 20_000, "isn't valid TOML"),
        (b"", "Enter 1 to 12 tables named [[checks]]."),
        (b"checks = 3", "Enter 1 to 12 tables named [[checks]]."),
        (b"checks = [3]", "Check 1: "),
        (b"check = []", "“check” isn't a field of it."),
        (checks() * (MAX_CHECKS + 1), "Enter 1 to 12 tables"),
        (b"x" * 70_000, "It is larger than 64 KB."),
        (b'[[checks]]\ncommand = "x"', "Check 1, name: This field is required."),
        (b'[[checks]]\nname = " "\ncommand = "x"', "Check 1, name: "),
        (b'[[checks]]\nname = "A"\ncommand = ""', "Check 1, command: "),
        (checks() + checks("seconds = 0", name="B"), "Check 2, seconds: Enter 1 or more."),
        (checks("seconds = 1801"), "Check 1, seconds: Enter 1800 or less."),
        (checks("seconds = true"), "Check 1, seconds: Enter a whole number."),
        (checks("memory_mb = 63"), "Check 1, memory_mb: Enter 64 or more."),
        (checks("minutes = 1"), "Check 1, minutes: There's no such field."),
        (checks('folder = "../x"'), "Check 1, folder: Enter a path"),
        (checks('folder = "/x"'), "Check 1, folder: Enter a path"),
        (checks('folder = "nothing"'), "Check 1, folder: There's no file in nothing."),
        (checks('folder = "hidden/run.sh"'), "Check 1, folder: There's no file"),
        (checks('restore = ["nothing"]'), "Check 1, restore: There's no file nothing."),
        (checks('restore = [".checks/hidden"]'), "Check 1, restore.0: Candidates never get"),
        (checks('report = ".checks"'), "Check 1, report: Candidates never get"),
        (
            checks('candidate_command = "x"'),
            "Check 1, candidate_command: Only a check with visible",
        ),
        (shown_command("""x\\ny"""), "Check 1, candidate_command: Use one line"),
        (shown_command("sh .checks/hidden/run.sh"), "Check 1, candidate_command: Candidates never"),
        (shown_command("x $CHECK_REPORT"), "candidate_command: Candidates have no $CHECK_REPORT."),
        (shown_command("x ${CHECK_REPORT}"), "candidate_command: Candidates have no"),
        (shown_command("x" * 301), "Check 1, candidate_command: "),
        (checks() + checks(name="a"), "is there twice"),
    ],
)
def test_wrong_checks_name_their_field(content: bytes, sentence: str) -> None:
    with pytest.raises(InvalidChecksError) as caught:
        parse_manifest(content, PATHS)
    assert str(caught.value).startswith(".checks/checks.toml: ")
    assert sentence in str(caught.value)


def test_candidates_get_nothing_of_the_checks() -> None:
    given = starting_files(FILES)
    assert set(given) == {"README.md", "sum.py", "tests/test_sum.py", "run.sh"}
    assert given["tests/test_sum.py"] == b"# given"


def test_a_check_lays_its_files_over_those_of_the_submission() -> None:
    visible, hidden = checks_of(FILES)
    assert overlay_of(visible, FILES) == StartingFiles(
        {"tests/test_sum.py": b"# given", "run.sh": b"#!/bin/sh\n"}, ["run.sh"]
    )
    assert overlay_of(hidden, FILES) == StartingFiles(
        {"tests/test_sum.py": b"# hidden", "run.sh": b"#!/bin/sh\n# hidden\n"}, ["run.sh"]
    )


def test_the_solution_is_laid_over_the_starting_files() -> None:
    solved = solution_of(FILES)
    assert solved is not None
    assert solved["sum.py"] == b"solved = True\n"
    assert solved.keys() == starting_files(FILES).keys()
    assert solution_of(StartingFiles({"README.md": b""})) is None


def test_a_folder_without_a_manifest_is_refused() -> None:
    """Its files would be given to candidates."""
    with pytest.raises(ValueError, match=r"no \.checks/checks\.toml"):
        storage.check_files(FILES.without([MANIFEST]))


def test_a_challenge_from_before_the_checks_keeps_its_folder() -> None:
    old = StartingFiles({"README.md": b"", ".checks/notes": b""})
    assert starting_files(old) == old


@pytest.mark.usefixtures("tables")
def test_checks_are_part_of_a_version() -> None:
    about = ChallengeDetails("Sum", "", "", 60)
    with pytest.raises(InvalidChecksError):
        versions.create_challenge("sum", about, FILES | StartingFiles({MANIFEST: b""}), by="ada")
    first = versions.create_challenge("sum", about, FILES, by="ada")
    later = StartingFiles({MANIFEST: checks(name="Later")})
    second = versions.save_version("sum", about, FILES | later, base=1, by="ada")
    assert [each.name for each in library.read_checks(first)] == ["The given tests", "Hidden"]
    assert [each.name for each in library.read_checks(second)] == ["Later"]
    assert library.read_starting_files(second) == starting_files(FILES)
    assert library.read_files(second) == FILES | later
    assert {file.path for file in second.starting_files} == set(starting_files(FILES))
