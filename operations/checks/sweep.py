"""Remove what killed workers left of runs: containers, processes and folders."""

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from interviews.dynamodb import now
from operations.checks import preparation
from operations.checks.models import CheckRun, RunState
from operations.provisioners.base import ProvisionError
from operations.provisioners.checks import get_check_runner
from operations.provisioners.checks.base import JOB_NAME
from operations.provisioners.local.workdirs import remove_folder

logger = structlog.get_logger(__name__)


def remove_left() -> None:
    """Remove each job whose run no worker has now. An error is logged, and the next sweep tries
    again."""
    try:
        runner = get_check_runner(settings.PROVISIONER)
        for name in _without_run(runner.list_left()):
            logger.warning("check_removed", job=name)
            runner.remove(name)
    except (ProvisionError, ImproperlyConfigured) as error:
        logger.warning("checks_not_swept", reason=str(error))
    for name in _without_run([path.name for path in preparation.prepared_folders()]):
        try:
            remove_folder(preparation.prepared_root() / name)
        except OSError as error:
            logger.warning("check_folder_not_removed", job=name, reason=str(error))


def _without_run(names: Iterable[str]) -> list[str]:
    """The names of jobs that no run has. They are listed first: a run that is leased since then
    removes what is left of it by itself."""
    listed = [name for name in names if JOB_NAME.fullmatch(name)]
    running = CheckRun.objects.filter(state=RunState.RUNNING, lease_until__gt=now())
    prefixes = tuple(run.job_prefix for run in running)
    return [name for name in listed if not (prefixes and name.startswith(prefixes))]
