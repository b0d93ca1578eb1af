"""Checks in a container each: of the workspaces' image, without a network, on a disk of its own."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.types import LogConfig
from docker.utils.socket import frames_iter

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
from operations.provisioners.docker import helper_container
from operations.provisioners.docker.containers import remove_container
from operations.provisioners.docker.engine import connect
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.volume import WorkspaceVolume, create_store
from operations.provisioners.docker.files.volume_access import open_volume
from operations.provisioners.docker.naming import PLATFORM_LABEL, Names, format_time
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.workspace_container import (
    TMP_FOLDER,
    ImageHome,
    container_limits,
    read_image_home,
    temporary_folders,
)

CHECK_LABEL = "takehome.check"
# Enough for an archive of 1 GB with what the command makes of it.
MAX_DISK_MB = 2_048
MAX_PIDS = 256
# `docker ps` tells when a container of a killed worker was due.
REMOVAL_ALLOWANCE = timedelta(minutes=10)


class CheckNames(Names):
    """The names of one check's parts. Their label is another, so the reaper leaves them alone."""

    @property
    def editor(self) -> str:
        prefix = "" if self.platform == "default" else self.platform
        return f"check-{prefix}{self.workspace}"

    def labels(self, **extra_labels: str) -> dict[str, str]:
        return {PLATFORM_LABEL: self.platform, CHECK_LABEL: self.workspace, **extra_labels}

    def filters(self) -> dict[str, str | list[str] | bool]:
        labels = [f"{PLATFORM_LABEL}={self.platform}", f"{CHECK_LABEL}={self.workspace}"]
        return {"label": labels}

    def check_ownership(
        self, resource: str, labels: dict[str, str] | None, step: str, name: str = ""
    ) -> None:
        labels = labels or {}
        # The labels of a workspace are never those of a check.
        shown = {PLATFORM_LABEL: labels.get(PLATFORM_LABEL, "")}
        shown["takehome.workspace"] = labels.get(CHECK_LABEL, "")
        super().check_ownership(resource, shown, step, name)


class DockerCheckRunner:
    """Runs each check in a container of one Docker engine."""

    name = "docker"

    def __init__(self, engine: DockerOptions) -> None:
        disk_mb = min(engine.disk_mb, MAX_DISK_MB) if engine.disk_mb else 0
        self._options = replace(engine, disk_mb=disk_mb)

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        """Run the job in a new container, which is removed with its disk."""
        names = self._names(job.name)
        with connect(self._options, "check") as client:
            self._remove(client, names)
            try:
                return self._run(client, names, job, should_stop)
            finally:
                self._remove(client, names)

    def remove(self, name: str) -> None:
        """Remove the container and the disk of the job."""
        names = self._names(name)
        with connect(self._options, "check") as client:
            self._remove(client, names)

    def list_left(self) -> list[str]:
        filters: dict[str, Any] = {
            "label": [f"{PLATFORM_LABEL}={self._options.platform}", CHECK_LABEL]
        }
        with connect(self._options, "check") as client:
            found = [
                *client.api.containers(all=True, filters=filters),
                *(client.api.volumes(filters=filters)["Volumes"] or []),
            ]
        return sorted({each["Labels"][CHECK_LABEL] for each in found})

    def _names(self, name: str) -> CheckNames:
        require_job_name(name)
        return CheckNames(self._options.platform, name)

    def _remove(self, client: DockerClient, names: CheckNames) -> None:
        filters = names.filters()
        for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
            remove_container(container)
        disk = WorkspaceVolume(client, self._options, names)
        volume = disk.find()
        if volume is not None:
            disk.remove(volume)

    def _run(
        self,
        client: DockerClient,
        names: CheckNames,
        job: CheckJob,
        should_stop: Callable[[], bool],
    ) -> CheckOutcome:
        image = helper_container.ensure_workspace_image(
            client, self._options.image, lambda line: None
        )
        helper_container.require_helper_image(client, self._options.helper_image)
        home = read_image_home(image, self._options.image)
        create_store(client, self._options.platform)
        ends_at = datetime.now(UTC) + timedelta(seconds=job.seconds) + REMOVAL_ALLOWANCE
        WorkspaceVolume(client, self._options, names).create(format_time(ends_at))
        report_folder = f".report-{secrets.token_hex(8)}"
        self._put_files(client, names, image, home, job, report_folder)
        report = f"{home.path}/{report_folder}/report.xml"
        container = self._create(client, names, image, home, job, report)
        began = time.monotonic()
        output, stopped = _watch(container, job, should_stop)
        seconds = time.monotonic() - began
        code = _exit_code(container)
        container.reload()
        if stopped is None and code and container.attrs["State"].get("OOMKilled"):
            stopped = StopReason.MEMORY
        place = f"{home.project}/{job.report}" if job.report else report
        reports, is_too_large = _read_reports(container, place, should_stop)
        return CheckOutcome(
            None if stopped else code, stopped, output.content, reports, is_too_large, seconds
        )

    def _put_files(
        self,
        client: DockerClient,
        names: CheckNames,
        image: Image,
        home: ImageHome,
        job: CheckJob,
        report_folder: str,
    ) -> None:
        with open_volume(client, names, image.id or "", home.path) as container:
            folders = [
                tar_stream.folder_entry(name, home.owner) for name in (TMP_FOLDER, report_folder)
            ]
            tar_stream.put_entries(container, home.path, folders)
            project = PurePosixPath(home.project).name
            tar_stream.put_local_folder(container, home.path, job.folder, project, home.owner)

    def _create(
        self,
        client: DockerClient,
        names: CheckNames,
        image: Image,
        home: ImageHome,
        job: CheckJob,
        report: str,
    ) -> Container:
        cpus = min(self._options.cpus, int(client.info()["NCPU"]))
        limits = container_limits(cpus, job.memory_mb) | {
            "pids_limit": MAX_PIDS,
            # The output is read while it is written, and none of it is kept on the engine.
            "log_config": LogConfig(type="none"),
        }
        return client.containers.create(
            image.id or "",
            entrypoint=["sh", "-c", job.command],
            name=names.editor,
            # Nothing of a workspace, nor of the platform, can be reached.
            network_mode="none",
            # Reaps orphans; its end is the end of all.
            init=True,
            volumes={names.editor: {"bind": home.path, "mode": "rw"}},
            working_dir=home.project,
            environment={
                "HOME": home.path,
                "TMPDIR": f"{home.path}/{TMP_FOLDER}",
                "LANG": "C.UTF-8",
                "CHECK_REPORT": report,
            },
            labels=names.labels(),
            tmpfs=temporary_folders(image, home, job.memory_mb),
            **limits,
        )


def _watch(
    container: Container, job: CheckJob, should_stop: Callable[[], bool]
) -> tuple[BoundedOutput, StopReason | None]:
    """Start the container, and kill it if it takes too long or writes too much."""
    output = BoundedOutput(job.max_output_bytes)
    with _attached(container, output) as is_over:
        container.start()
        deadline = time.monotonic() + job.seconds
        while not is_over.wait(WATCH_SECONDS):
            reason = None
            if output.is_exceeded:
                reason = StopReason.OUTPUT
            elif time.monotonic() >= deadline:
                reason = StopReason.TIME
            if reason is not None or should_stop():
                _kill(container)
                if reason is None:
                    raise RunAbandonedError
                return output, reason
    return output, StopReason.OUTPUT if output.is_exceeded else None


@contextmanager
def _attached(container: Container, output: BoundedOutput) -> Iterator[threading.Event]:
    """Read the container's output in a thread; the event is set at its end."""
    is_over = threading.Event()
    stream = container.attach_socket(params={"stdout": 1, "stderr": 1, "stream": 1})

    def read() -> None:
        # The connection breaks when the container is removed.
        with suppress(OSError, ValueError):
            for _, chunk in frames_iter(stream, tty=False):
                output.add(chunk)
        is_over.set()

    reader = threading.Thread(target=read, name="check-output", daemon=True)
    reader.start()
    try:
        yield is_over
    except BaseException:
        _kill(container)
        raise
    finally:
        # The container has ended, or was killed: its output ends.
        reader.join(30)
        # docker-py keeps the response with the socket, and closes neither.
        for part in (getattr(stream, name, None) for name in ("_sock", "_response")):
            if part is not None:
                part.close()
        stream.close()


def _kill(container: Container) -> None:
    try:
        container.kill()
    except NotFound:
        pass
    except APIError as error:
        # It ended by itself meanwhile.
        if error.status_code != 409:
            raise


def _exit_code(container: Container) -> int:
    return int(container.wait()["StatusCode"])


def _read_reports(
    container: Container, place: str, should_stop: Callable[[], bool]
) -> tuple[tuple[bytes, ...], bool]:
    """Return the content of a report's files, and whether they are too large to be read.

    Raises:
        RunAbandonedError: once `should_stop` returns True.
    """
    try:
        chunks, _ = container.get_archive(place)
    except NotFound:
        return (), False
    try:
        return read_tar_reports(chunks, should_stop)
    finally:
        # Closes the connection, on which the rest of a large folder would still come.
        chunks.close()  # type: ignore[attr-defined]
