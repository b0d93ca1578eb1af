"""Run all checks of a leased run, and write their results."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from interviews.challenges import library
from interviews.challenges.checks.files import checks_of
from interviews.challenges.checks.manifest import Check, InvalidChecksError
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.storage import BrokenChallengeError
from operations.archives.archive import STORAGE_ERRORS
from operations.checks import preparation, queue, results, trials
from operations.checks.models import TRIALS, CheckResult, CheckRun, RunReason, Subject
from operations.checks.queue import RunLeaseLostError
from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.checks import get_check_runner
from operations.provisioners.checks.base import CheckJob, CheckRunner, RunAbandonedError
from operations.provisioners.local.unpack import DamagedArchiveError
from operations.provisioners.local.workdirs import remove_folder
from operations.worker import handler

logger = structlog.get_logger(__name__)

MAX_OUTPUT_BYTES = 64 * 1024
RENEWAL_SECONDS = 15


class RunLease:
    """Renews the lease of a run in a thread while the `with` block works on it."""

    def __init__(self, run: CheckRun) -> None:
        self._run = run
        self._done = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="check-lease", daemon=True)

    def __enter__(self) -> "RunLease":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        return self._lost.is_set()

    def _renew(self) -> None:
        try:
            while not (self._done.wait(RENEWAL_SECONDS) or self._lost.is_set()):
                self._try_to_renew()
        finally:
            connections.close_all()

    def _try_to_renew(self) -> None:
        try:
            if not queue.renew(self._run):
                self._lost.set()
        except DatabaseError:
            # The next renewal comes before the lease is over.
            logger.exception("check_lease_not_renewed", run=str(self._run.pk))


def run_checks(run: CheckRun) -> None:
    """Do all of a run that this process has leased.

    Whatever fails, the run is ended, given back or tried again later.
    """
    with RunLease(run) as lease:
        try:
            _run_checks(run, lambda: lease.is_lost or handler.shutdown_requested.is_set())
        except RunAbandonedError:
            if not lease.is_lost:
                queue.release(run)
        except RunLeaseLostError:
            logger.warning("check_lease_lost", run=str(run.pk))
        except ImproperlyConfigured as error:
            queue.fail(run, RunReason.SETTINGS, str(error))
        except ProvisionError as error:
            queue.retry_or_fail(run, RunReason.ENGINE, error.sentence)
        except preparation.NoSolutionError:
            queue.fail(run, RunReason.NO_CHALLENGE)
        except (BrokenChallengeError, InvalidChecksError) as error:
            queue.fail(run, RunReason.DAMAGED_CHALLENGE, str(error))
        except (DamagedArchiveError, ArchiveTooLargeError) as error:
            queue.fail(run, RunReason.DAMAGED_ARCHIVE, str(error))
        except FileNotFoundError:
            queue.fail(run, RunReason.NO_ARCHIVE)
        except STORAGE_ERRORS:
            logger.exception("check_files_not_read", run=str(run.pk))
            queue.retry_or_fail(run, RunReason.STORE)
        except Exception:
            # A submission may have found a way to it: the run ends, and the next one begins.
            logger.exception("check_run_unexpected_error", run=str(run.pk))
            queue.retry_or_fail(run, RunReason.UNEXPECTED)


def _run_checks(run: CheckRun, should_stop: Callable[[], bool]) -> None:
    runner = get_check_runner(settings.PROVISIONER)
    version = library.get_version(run.challenge_id, run.version)
    files = library.read_files(version) if version is not None else StartingFiles({})
    checks = checks_of(files)
    if not checks:
        queue.fail(run, RunReason.NO_CHALLENGE)
        return
    remove_left_of(run, runner)
    expected = results.expected_tests(run)
    with preparation.prepared_folder(f"{run.attempt_prefix}archive") as folder:
        archive = preparation.archive_of(run, folder / "archive.tar.gz")
        done = [
            _run_check(run, runner, position, check, files, archive, expected, should_stop)
            for position, check in enumerate(checks)
        ]
    names = [check.name for check in checks]
    is_compared = None if run.subject in TRIALS else expected.are_known_of(names)
    queue.finish(run, done, is_compared=is_compared)
    if run.subject == Subject.SOLUTION or is_compared is False:
        # Of a run and a trial at the same time, the second one to finish compares them.
        trials.compare_earlier_runs(run.challenge_id, run.version)


def remove_left_of(run: CheckRun, runner: CheckRunner) -> None:
    """Remove what earlier attempts left, whose workers died. What is left of a later one is not
    this worker's to remove: it stood still, and another has the run."""
    for name in filter(run.is_left_by_earlier_attempt, runner.list_left()):
        runner.remove(name)
    for folder in preparation.prepared_folders():
        if run.is_left_by_earlier_attempt(folder.name):
            remove_folder(folder)


def _run_check(
    run: CheckRun,
    runner: CheckRunner,
    position: int,
    check: Check,
    files: StartingFiles,
    archive: Path | None,
    expected: results.ExpectedTests,
    should_stop: Callable[[], bool],
) -> CheckResult:
    if should_stop():
        raise RunAbandonedError
    name = f"{run.attempt_prefix}{position}"
    with preparation.prepared_folder(name) as folder:
        subject = preparation.write_subject(folder, run.subject, files, archive)
        preparation.lay_over(subject, check, files)
        job = CheckJob(
            name=name,
            folder=subject,
            command=check.command,
            report=check.report,
            seconds=check.seconds,
            memory_mb=check.memory_mb,
            max_output_bytes=MAX_OUTPUT_BYTES,
        )
        outcome = runner.run(job, should_stop)
    return results.result_of(run, position, check, outcome, expected.of(check.name))
