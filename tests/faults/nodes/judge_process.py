"""Start the judge of a platform, and ask it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from takehome_platform.local_stack.config import ROOT
from tests.e2e.conftest import Platform
from tests.faults.kills.test_processes import environment_of
from tests.faults.nodes.judge import Case, Verdict


class Judge:
    """The functions of `tests.faults.nodes.judge`, in the process that runs it."""

    def __init__(self, questions: IO[str], answers: IO[str], log: Path) -> None:
        self._questions = questions
        self._answers = answers
        self._log = log

    def prepare(self, count: int) -> list[Case]:
        return list(self._ask("prepare", count))

    def keep(self, ids: Sequence[str]) -> None:
        self._ask("keep", list(ids))

    def verdicts(self, cases: Sequence[Case]) -> list[Verdict]:
        return [(kind, sentence) for kind, sentence in self._ask("verdicts", list(cases))]

    def _ask(self, name: str, argument: Any) -> Any:
        self._questions.write(f"{json.dumps([name, argument])}\n")
        self._questions.flush()
        line = self._answers.readline()
        assert line, self._log.read_text()[-5000:]
        return json.loads(line)


@contextmanager
def running_judge(platform: Platform) -> Iterator[Judge]:
    """A judge with the environment of the platform's web process."""
    log = platform.folder / "judge.log"
    with (
        log.open("a") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nodes.judge"],
            cwd=ROOT,
            env=environment_of(platform, "web"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        # The end of the block closes its input, and with that it ends.
        yield Judge(process.stdin, process.stdout, log)
