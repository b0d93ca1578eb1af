"""A challenge with checks, submissions of it, and a runner that runs nothing."""

from collections.abc import Callable
from typing import Any

from interviews.challenges import library, versions
from interviews.challenges.checks.manifest import MANIFEST
from interviews.challenges.models import Version
from interviews.challenges.starting_files import StartingFiles
from interviews.models import Interview
from operations.provisioners.checks.base import (
    CheckJob,
    CheckOutcome,
    RunAbandonedError,
)
from tests.operations.submissions.archives import archive_of, save_archive
from tests.reviewing import finish

TOML = b"""
[[checks]]
name = "Given"
command = "run given"
restore = ["count.py"]
visible = true

[[checks]]
name = "Hidden"
command = "run hidden"
folder = "hidden"
seconds = 7
memory_mb = 100
"""
CHECK_FILES = StartingFiles(
    {
        MANIFEST: TOML,
        ".checks/hidden/test_count.py": b"# hidden",
        ".checks/solution/count.py": b"# solved",
    }
)


def case(name: str, *, failure: str = "", group: str = "t") -> str:
    body = f"<failure>{failure}</failure>" if failure else ""
    return f'<testcase classname="{group}" name="{name}">{body}</testcase>'


def report(*cases: str) -> bytes:
    return f"<testsuite>{''.join(cases)}</testsuite>".encode()


def outcome(*cases: str, **changes: Any) -> CheckOutcome:
    values = {
        "exit_code": 0,
        "stopped": None,
        "output": b"ran\n",
        "reports": (report(*cases),) if cases else (),
    }
    return CheckOutcome(**{**values, **changes})


class FakeRunner:
    """A runner in memory: it records the jobs with their files, and answers what it is told to."""

    name = "fake"

    def __init__(self) -> None:
        self.outcomes: dict[str, CheckOutcome | Exception] = {}
        self.jobs: list[CheckJob] = []
        self.files: list[dict[str, bytes]] = []
        self.left: list[str] = []
        self.removed: list[str] = []
        self.before_run: Callable[[CheckJob], None] = lambda job: None

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        self.jobs.append(job)
        self.files.append(
            {
                path.relative_to(job.folder).as_posix(): path.read_bytes()
                for path in sorted(job.folder.rglob("*"))
                if path.is_file()
            }
        )
        self.before_run(job)
        if should_stop():
            raise RunAbandonedError
        found = self.outcomes.get(job.command, outcome(case("one"), case("two")))
        if isinstance(found, Exception):
            raise found
        return found

    def remove(self, name: str) -> None:
        self.removed.append(name)
        self.left = [each for each in self.left if each != name]

    def list_left(self) -> list[str]:
        return list(self.left)


def save_checks() -> Version:
    """Save version 2 of the tests' challenge, with checks."""
    current = library.get_version("word-count", None)
    assert current is not None
    files = library.read_files(current) | CHECK_FILES
    return versions.save_version("word-count", current.about, files, base=1, by="ada")


def submit(interview: Interview, files: dict[str, bytes] | None = None) -> Interview:
    """The interview after its end, with an archive."""
    save_archive(interview, archive_of(files or {"count.py": b"print(2)\n"}))
    return finish(interview)
