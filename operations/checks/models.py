"""The tables of checks: a run is queued, then leased by a worker, and then it has results."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

MAX_INTERVIEW_ID = 100
MAX_USERNAME = 150


class Subject(models.TextChoices):
    """What a run is about."""

    SUBMISSION = "submission", _("Submission")
    # A state that was kept while the candidate worked (`operations.progress`).
    STATE = "state", _("Kept state")
    # A trial of a version's checks: these must fail …
    STARTING = "starting", _("Starting files")
    # … and this must pass.
    SOLUTION = "solution", _("Reference solution")


TRIALS = (Subject.SOLUTION, Subject.STARTING)


class RunState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    # The platform could not run the checks; `reason` says why.
    FAILED = "failed", _("Couldn't run")


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class RunReason(models.TextChoices):
    """Why the platform could not run the checks."""

    ENGINE = "engine", _("The engine failed.")
    STORE = "store", _("The file store isn't responding.")
    NO_ARCHIVE = "no_archive", _("The saved files are missing from the store.")
    DAMAGED_ARCHIVE = "damaged_archive", _("The saved files are damaged or too large.")
    NO_CHALLENGE = "no_challenge", _("This version of the challenge has no checks any more.")
    DAMAGED_CHALLENGE = "damaged_challenge", _("The files of the challenge are damaged.")
    INTERRUPTED = "interrupted", _("The worker stopped during each attempt.")
    SETTINGS = "settings", _("The settings don't allow it.")
    # The log has the error.
    UNEXPECTED = "unexpected", _("The platform failed unexpectedly.")


class Problem(models.TextChoices):
    """Why a check has failed whatever it reported; all of its tests then count as not run."""

    TIME = "time", _("It took too long and was ended.")
    MEMORY = "memory", _("It used more memory than allowed.")
    OUTPUT = "output", _("It wrote too much output and was ended.")
    NO_REPORT = "no_report", _("It wrote no report.")
    LARGE_REPORT = "large_report", _("Its report is too large.")
    INVALID_REPORT = "invalid_report", _("Its report isn't valid JUnit XML.")
    ENTITIES = "entities_in_report", _("Its report has a document type, which isn't read.")
    TOO_MANY = "too_many_tests", _("Its report has too many tests.")
    EMPTY = "empty_report", _("Its report has no tests.")
    # The one of these that keeps what was reported: one test more has failed.
    EXIT_CODE = (
        "exit_code",
        _("Every test passed, but the command failed: that's one more failure."),
    )


class CheckRun(models.Model):
    """All checks of one version, run on one subject. The row is the queue entry.

    `slot` is a place among CHECKS_AT_ONCE, and taken by one row at a time; a worker that dies has
    it for as long as its lease lasts. `lease_token` is that of the attempt: only its holder
    writes results.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=10, choices=Subject)
    # Empty in trials.
    interview_id = models.CharField(max_length=MAX_INTERVIEW_ID, blank=True, db_index=True)
    archive_key = models.CharField(max_length=500, blank=True)
    # The number of the kept state, if the run is about one.
    progress_state = models.PositiveIntegerField(null=True)
    challenge_id = models.CharField(max_length=64)
    # The version whose checks are run, which may be newer than that of the interview.
    version = models.PositiveIntegerField()
    requested_by = models.CharField(max_length=MAX_USERNAME, blank=True)
    # One for all runs that were started together.
    batch = models.UUIDField(null=True, db_index=True)
    # Of the run that is queued though nobody asks for it: one for each archive.
    automatic_key = models.CharField(max_length=500, null=True, unique=True)

    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    reason = models.CharField(max_length=20, choices=RunReason, blank=True)
    # A sentence of the engine, in English.
    detail = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    # Not before this, after a failed attempt.
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    slot = models.PositiveSmallIntegerField(null=True, unique=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    # Tests of all checks, once it is finished.
    passed = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(null=True)
    # False if a check had no tests of a trial of the solution to be compared with: what its report
    # has is all. None in trials, and in runs of before.
    is_compared = models.BooleanField(null=True)

    objects: ClassVar[models.Manager["CheckRun"]] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ("-queued_at", "-pk")
        indexes = [
            models.Index(fields=("state", "due_at"), name="check_run_queue"),
            models.Index(fields=("challenge_id", "version"), name="check_run_version"),
        ]
        constraints = [
            # Whoever asks twice in the same instant, or for all submissions and for one of them.
            models.UniqueConstraint(
                F("subject"),
                F("interview_id"),
                F("archive_key"),
                F("challenge_id"),
                F("version"),
                # Nulls differ from each other in an index, and states are counted from 1.
                Coalesce("progress_state", 0),
                condition=Q(state__in=UNFINISHED),
                name="one_unfinished_check_run",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def is_finished(self) -> bool:
        return self.state == RunState.FINISHED

    @property
    def all_passed(self) -> bool:
        return self.is_finished and bool(self.total) and self.passed == self.total

    @property
    def job_prefix(self) -> str:
        """What the names of its jobs on the engine begin with."""
        return f"{self.pk.hex[:24]}-"

    @property
    def attempt_prefix(self) -> str:
        """The same for those of this attempt: one that comes back late has names of its own."""
        return f"{self.job_prefix}{self.attempts}-"

    def is_left_by_earlier_attempt(self, job: str) -> bool:
        """Whether a worker that had this run before left a job or a folder of this name."""
        if not job.startswith(self.job_prefix):
            return False
        attempt, separator, _ = job.removeprefix(self.job_prefix).partition("-")
        # Names of before had no attempt.
        return not separator or not attempt.isdecimal() or int(attempt) < self.attempts


class CheckResult(models.Model):
    """What came of one check of a run."""

    run = models.ForeignKey(CheckRun, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    is_visible = models.BooleanField()
    problem = models.CharField(max_length=20, choices=Problem, blank=True)
    # None if it was ended.
    exit_code = models.IntegerField(null=True)
    seconds = models.FloatField()
    # The beginning of stdout and stderr.
    output = models.TextField(blank=True)
    # `group`, `name`, `outcome`, `seconds`, `text` and `counts` of each test (`report.TestResult`).
    tests = models.JSONField(default=list)
    passed = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["CheckResult"]] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("run", "position"), name="one_result_of_a_check_each")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.name}: {self.passed}/{self.total}"
