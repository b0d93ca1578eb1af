"""Checks in a Pod each: of the workspaces' image, without a network, on a disk of its own."""

import secrets
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from urllib3.exceptions import HTTPError

from operations.provisioners.checks.base import (
    WATCH_SECONDS,
    BoundedOutput,
    CheckJob,
    CheckOutcome,
    RunAbandonedError,
    StopReason,
    require_job_name,
)
from operations.provisioners.checks.tar_reports import read_tar_reports
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.kubernetes import files, manifests, naming, pods, states, waiting
from operations.provisioners.kubernetes.api import Api, Kind, connect
from operations.provisioners.kubernetes.check_pod import CHECK, check_pod
from operations.provisioners.kubernetes.errors import ApiError, ExecFailedError
from operations.provisioners.kubernetes.exec_stream import bundle, run_program
from operations.provisioners.kubernetes.naming import CHECK_LABEL, CheckNames
from operations.provisioners.kubernetes.options import KubernetesOptions
from operations.provisioners.kubernetes.programs import report as report_program

SEND_REPORT = bundle(report_program, "module.main(*arguments)")
READ_BYTES = 32 * 1024
# So long the API may take to say how a command ended whose output is over.
END_SECONDS = 60.0


class KubernetesCheckRunner:
    """Runs each check in a Pod of the workspaces' namespace."""

    name = "kubernetes"

    def __init__(self, options: KubernetesOptions) -> None:
        self._options = options

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        """Run the job in a new Pod, which is removed with its disk."""
        names = self._names(job.name)
        with connect(self._options, "check") as api:
            self._remove(api, names)
            try:
                return self._run(api, names, job, should_stop)
            finally:
                self._remove(api, names)

    def remove(self, name: str) -> None:
        """Remove the Pod of the job."""
        names = self._names(name)
        with connect(self._options, "check") as api:
            self._remove(api, names)

    def list_left(self) -> list[str]:
        selector = naming.platform_selector(self._options.platform, CHECK_LABEL)
        with connect(self._options, "check") as api:
            return sorted(naming.name_of(pod) for pod in api.list_all(Kind.POD, selector))

    def _names(self, name: str) -> CheckNames:
        require_job_name(name)
        return CheckNames(self._options.platform, name)

    def _remove(self, api: Api, names: CheckNames) -> None:
        waiting.remove_pod(api, names, names.base, "check")
        # The Pod owns it, so that the cluster removes it if this process ends here.
        api.delete(Kind.POLICY, names.base)

    def _run(
        self, api: Api, names: CheckNames, job: CheckJob, should_stop: Callable[[], bool]
    ) -> CheckOutcome:
        options = self._options
        own_report = f".report-{secrets.token_hex(8)}/report.xml"
        pod = api.create(Kind.POD, check_pod(options, names, job, f"{options.home}/{own_report}"))
        # The command waits for its files, and so for the rules of its network.
        api.create(Kind.POLICY, manifests.closed_policy(names, owner=pod))
        waiting.await_container(api, options, names.base, pods.PREPARE, "check")
        with _packed(job.folder, str(Path(own_report).parent)) as archive:
            files.put_files(api, names.base, archive)
        waiting.await_container(api, options, names.base, CHECK, "check", may_fail=True)
        began = time.monotonic()
        output, stopped = _watch(api, names.base, job, should_stop)
        seconds = time.monotonic() - began
        code = None
        if stopped is None:
            ended = _await_end(api, names.base)
            code = int(ended.get("exitCode", 1))
            if ended.get("reason") == "OOMKilled":
                code, stopped = None, StopReason.MEMORY
        place = f"{pods.PROJECT_FOLDER}/{job.report}" if job.report else own_report
        reports, is_too_large = _read_reports(api, names.base, place, should_stop)
        return CheckOutcome(code, stopped, output.content, reports, is_too_large, seconds)


@contextmanager
def _packed(folder: Path, report_folder: str) -> Iterator[Any]:
    """Yield a tar archive of what the command's home has."""
    with tempfile.TemporaryFile() as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in (pods.TMP_FOLDER, report_folder):
                tar.addfile(tar_stream.folder_entry(name).info)
            tar_stream.add_local_folder(tar, folder, pods.PROJECT_FOLDER)
        spool.seek(0)
        yield spool


def _watch(
    api: Api, pod: str, job: CheckJob, should_stop: Callable[[], bool]
) -> tuple[BoundedOutput, StopReason | None]:
    """Read the command's output, until it ends, takes too long or writes too much."""
    output = BoundedOutput(job.max_output_bytes)
    with _read_output(api, pod, output) as is_over:
        deadline = time.monotonic() + job.seconds
        while not is_over.wait(WATCH_SECONDS):
            if time.monotonic() >= deadline:
                return output, StopReason.TIME
            if should_stop():
                raise RunAbandonedError
    return output, StopReason.OUTPUT if output.is_exceeded else None


@contextmanager
def _read_output(api: Api, pod: str, output: BoundedOutput) -> Iterator[threading.Event]:
    """Read the output in a thread; the event is set at its end, or once there is too much.

    The thread also opens it, as the API may not respond before the command writes.
    """
    is_over, opened, errors = threading.Event(), list[Any](), list[ApiError]()

    def read() -> None:
        # The connection is closed below, or ends with the Pod.
        with suppress(OSError, ValueError, HTTPError):
            try:
                response = api.read_log(pod, CHECK)
            except ApiError as error:
                errors.append(error)
                is_over.set()
                return
            opened.append(response)
            while not output.is_exceeded and (chunk := response.read1(READ_BYTES)):
                output.add(chunk)
        is_over.set()

    reader = threading.Thread(target=read, name="check-output", daemon=True)
    reader.start()
    try:
        yield is_over
    finally:
        for response in opened:
            # An error says that the connection has ended already.
            with suppress(OSError, HTTPError, RuntimeError, ValueError):
                response.shutdown()
            reader.join(30)
            response.close()
    if errors:
        raise errors[0]


def _await_end(api: Api, pod: str) -> dict[str, Any]:
    """Return how the command ended."""
    ended: dict[str, Any] = {}

    def is_over() -> bool:
        found = api.read(Kind.POD, pod)
        state = states.container_state(found, CHECK) if found is not None else {}
        ended.update(state.get("terminated") or {})
        return found is None or bool(ended)

    waiting.await_condition(is_over, END_SECONDS)
    return ended


def _read_reports(
    api: Api, pod: str, place: str, should_stop: Callable[[], bool]
) -> tuple[tuple[bytes, ...], bool]:
    """Return the content of a report's files, and whether they are too large to be read.

    Raises:
        RunAbandonedError: once `should_stop` returns True.
    """
    try:
        with run_program(api, pod, pods.HELPER, SEND_REPORT, [place]) as stream:
            chunks = iter(lambda: stream.read(READ_BYTES) or b"", b"")
            return read_tar_reports(chunks, should_stop)
    except (ApiError, ExecFailedError):
        # It was evicted, for a disk that it filled.
        return (), False
