"""The checks of a version of a challenge, with their trial, as its page shows them."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.presenters.checks import RunView
from interviews.challenges import library
from interviews.challenges.checks.manifest import FOLDER, Check, InvalidChecksError
from interviews.challenges.models import Version
from interviews.challenges.storage import BrokenChallengeError
from operations.archives.archive import STORAGE_ERRORS
from operations.checks.models import TRIALS, UNFINISHED, CheckRun, RunState
from operations.checks.results import ExpectedTests, expected_tests_of
from operations.checks.trials import has_solution


@dataclass(frozen=True)
class CheckLine:
    """A check as its author wrote it. `laid_over` are its own files, by the path they get.

    `expected` are the tests that the reference solution ran; None before its trial.
    """

    check: Check
    laid_over: list[str]
    expected: list[str] | None


@dataclass(frozen=True)
class Progress:
    """How far the runs are that were started for all submissions together."""

    total: int
    done: int
    failed: int

    @property
    def is_over(self) -> bool:
        return self.done == self.total

    @property
    def words(self) -> str:
        return ngettext(
            "%(done)s of %(total)s submission checked",
            "%(done)s of %(total)s submissions checked",
            self.total,
        ) % {"done": self.done, "total": self.total}


@dataclass(frozen=True)
class ChallengeChecks:
    """The checks of one version of a challenge, with their trial."""

    version: Version

    @property
    def checks(self) -> tuple[Check, ...]:
        """None of them if they cannot be read; `problem` says why."""
        return self._read[0]

    @property
    def lines(self) -> list[CheckLine]:
        return [self._line(each) for each in self.checks]

    @property
    def problem(self) -> str:
        """Why the checks cannot be used, such as the field that is wrong; or ""."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[tuple[Check, ...], str]:
        try:
            return library.read_checks(self.version), ""
        except InvalidChecksError as error:
            return (), str(error)
        except (BrokenChallengeError, *STORAGE_ERRORS):
            return (), _("The checks can't be read.")

    @cached_property
    def _expected(self) -> ExpectedTests:
        if self.version.number is None:
            return ExpectedTests({})
        return expected_tests_of(self.version.challenge_id, int(self.version.number))

    def _line(self, check: Check) -> CheckLine:
        folder = f"{FOLDER}/{check.folder}/"
        paths = [each.path for each in self.version.files] if check.folder else []
        tests = self._expected.of(check.name)
        return CheckLine(
            check,
            [path.removeprefix(folder) for path in paths if path.startswith(folder)],
            None if tests is None else [" › ".join(filter(None, test)) for test in tests],
        )

    @property
    def has_solution(self) -> bool:
        return has_solution(self.version)

    @cached_property
    def trial(self) -> list[RunView]:
        """The newest run on the solution, and on the starting files."""
        if self.version.number is None:
            return []
        found = [
            CheckRun.objects.filter(
                challenge_id=self.version.challenge_id,
                version=int(self.version.number),
                subject=subject,
            ).first()
            for subject in TRIALS
        ]
        return [RunView(run) for run in found if run is not None]

    @cached_property
    def progress(self) -> Progress | None:
        """Of the newest batch of this challenge."""
        runs = CheckRun.objects.filter(challenge_id=self.version.challenge_id)
        newest = runs.filter(batch__isnull=False).first()
        if newest is None:
            return None
        counts = dict(
            runs.filter(batch=newest.batch)
            .order_by()
            .values_list("state")
            .annotate(n=Count("pk"))
            .values_list("state", "n")
        )
        total = sum(counts.values())
        waiting = sum(counts.get(state, 0) for state in UNFINISHED)
        return Progress(total, total - waiting, counts.get(RunState.FAILED, 0))
