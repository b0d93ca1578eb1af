"""The container that a candidate works in: its image, limits, files and password."""

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from pathlib import PurePosixPath
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.types import LogConfig

from operations.provisioners import editor_config
from operations.provisioners.base import Log, ProvisionError, WorkspaceSpec
from operations.provisioners.docker.errors import engine_message
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.volume import VolumeGoneError
from operations.provisioners.docker.files.volume_access import open_volume
from operations.provisioners.docker.naming import ENDS_AT_LABEL, Names, format_time
from operations.provisioners.docker.options import EDITOR_PORT, DockerOptions
from operations.provisioners.local.unpack import unpack_archive
from operations.provisioners.local.workdirs import write_starting_files
from operations.provisioners.temporary_folder import temporary_folder

HEALTH_PATH = "/healthz"
PROJECT_FOLDER = "project"
CONFIG_PATH = ".config/code-server/config.yaml"
SETTINGS_PATH = ".local/share/code-server/User/settings.json"
TMP_FOLDER = ".tmp"
# Written after all other files: if it exists, the files are complete.
COMPLETE_MARKER = ".takehome"

MEGABYTE = 1024 * 1024
MAX_PIDS = 1024
# /tmp is in memory and counts against the memory limit, so it gets at most this fraction of it and
# at most this many MiB.
TMP_MEMORY_DIVISOR, MAX_TMP_MB = 4, 256
LOG_CONFIG = LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"})


@dataclass(frozen=True)
class ImageHome:
    """The home folder in a workspace image, and its owner (user id, group id)."""

    path: str
    owner: tuple[int, int]

    @property
    def project(self) -> str:
        return f"{self.path}/{PROJECT_FOLDER}"


def read_image_home(image: Image, name: str) -> ImageHome:
    """Read the home folder and its owner from the image's WORKDIR and USER.

    Raises:
        ProvisionError: if the image cannot be used for workspaces.
    """
    config = image.attrs.get("Config") or {}
    user, _, group = str(config.get("User") or "").partition(":")
    if not (user.isdecimal() and int(user) > 0 and (not group or group.isdecimal())):
        raise ProvisionError(
            "start",
            f"The image {name} must set its user as a number other than 0 (USER 1000). "
            "Workspaces don't run as root.",
        )
    path = str(config.get("WorkingDir") or "")
    if PurePosixPath(path).parent == PurePosixPath("/") or not path.startswith("/"):
        raise ProvisionError(
            "start", f"The image {name} must have its user's home as WORKDIR, such as /home/coder."
        )
    return ImageHome(path.rstrip("/"), (int(user), int(group or user)))


@dataclass(frozen=True)
class EditorContainer:
    """Prepares the volume of one workspace and starts its editor."""

    client: DockerClient
    options: DockerOptions
    names: Names
    image: Image
    home: ImageHome

    def put_files(self, spec: WorkspaceSpec, log: Log) -> None:
        """Fill a new disk with the saved files, or with the challenge's starting files."""
        owner = self.home.owner
        home_entries: list[tar_stream.TarEntry] = [
            tar_stream.folder_entry(TMP_FOLDER, owner),
            *_parent_folders(SETTINGS_PATH, owner),
            tar_stream.file_entry(
                SETTINGS_PATH, _json(editor_config.vs_code_settings(spec.features)), owner
            ),
        ]
        with (
            temporary_folder() as temporary,
            open_volume(self.client, self.names, self._image_id, self.home.path) as container,
        ):
            workdir = temporary / "workspace"
            if spec.archive is not None:
                unpack_archive(workdir, spec.archive, log)
            elif spec.files is not None and write_starting_files(
                workdir, spec.files, spec.executable
            ):
                log(f"Copied {len(spec.files)} starting files into the workspace.")
            tar_stream.put_entries(container, self.home.path, home_entries)
            tar_stream.put_local_folder(
                container, self.home.path, workdir / "files", PROJECT_FOLDER, owner
            )
            marker = tar_stream.file_entry(COMPLETE_MARKER, b"")
            tar_stream.put_entries(container, self.home.path, [marker])

    def has_files(self) -> bool:
        """Return whether an earlier `put_files` succeeded.

        Raises:
            VolumeGoneError: if the volume has no usable disk.
        """
        try:
            with open_volume(self.client, self.names, self._image_id, self.home.path) as container:
                return is_filled(container, self.home.path)
        except APIError as error:
            if "failed to mount" not in engine_message(error):
                raise
            raise VolumeGoneError from error

    def put_password(self, password: str) -> None:
        """Write the password's hash to a file that only the candidate's own programs can read."""
        config = _json(editor_config.code_server_config(f"0.0.0.0:{EDITOR_PORT}", password))
        with open_volume(self.client, self.names, self._image_id, self.home.path) as container:
            # An unchanged file is not written again, because the disk may be full.
            if _read_file_or_none(container, f"{self.home.path}/{CONFIG_PATH}") != config:
                entries = [
                    *_parent_folders(CONFIG_PATH, self.home.owner),
                    tar_stream.file_entry(CONFIG_PATH, config, self.home.owner),
                ]
                tar_stream.put_entries(container, self.home.path, entries)

    def start(self, spec: WorkspaceSpec, sidecar: Container, log: Log) -> Container:
        """Create and start the editor's container in the namespaces of the sidecar."""
        memory_mb = spec.memory_mb or self.options.memory_mb
        container = self.client.containers.create(
            self._image_id,
            name=self.names.editor,
            network_mode=f"container:{sidecar.id}",
            pid_mode=f"container:{sidecar.id}",
            volumes={self.names.editor: {"bind": self.home.path, "mode": "rw"}},
            working_dir=self.home.project,
            environment={
                "HOME": self.home.path,
                "TMPDIR": f"{self.home.path}/{TMP_FOLDER}",
                "TAKEHOME_INTERNET": "on" if self.options.internet else "off",
            }
            | editor_config.cookie_suffix(self.names.workspace)
            | editor_config.gallery(spec.features),
            labels=self.names.labels(**{ENDS_AT_LABEL: format_time(spec.ends_at)}),
            **container_limits(self._cpus(spec, log), memory_mb),
            tmpfs=temporary_folders(self.image, self.home, memory_mb),
        )
        container.start()
        return container

    @property
    def _image_id(self) -> str:
        return self.image.id or ""

    def _cpus(self, spec: WorkspaceSpec, log: Log) -> float:
        requested = spec.cpus or self.options.cpus
        available = int(self.client.info()["NCPU"])
        if requested > available:
            log(f"The workspace may use {available} processors. The engine has no more.")
        return min(requested, available)


def temporary_folders(image: Image, home: ImageHome, memory_mb: int) -> dict[str, str]:
    """Return the writable folders besides home: the image itself is mounted read-only."""
    declared = (image.attrs.get("Config") or {}).get("Volumes") or {}
    mounts = dict.fromkeys(("/run", "/var/tmp", *declared), "size=16m,mode=1777")  # noqa: S108
    tmp_mb = min(MAX_TMP_MB, memory_mb // TMP_MEMORY_DIVISOR)
    mounts["/tmp"] = f"size={tmp_mb}m,mode=1777,exec"  # noqa: S108
    mounts.pop(home.path, None)
    return mounts


def container_limits(cpus: float, memory_mb: int) -> dict[str, Any]:
    """Return the container's resource limits and security options."""
    return {
        "nano_cpus": int(cpus * 1_000_000_000),
        # The platform has priority when processors are short.
        "cpu_shares": 512,
        "mem_limit": memory_mb * MEGABYTE,
        # Memory plus swap: the same value means no swap.
        "memswap_limit": memory_mb * MEGABYTE,
        "oom_score_adj": 500,
        "pids_limit": MAX_PIDS,
        "ulimits": [
            {"Name": "nofile", "Soft": 16_384, "Hard": 16_384},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "log_config": LOG_CONFIG,
        # Disables the image's own check: the platform probes from outside.
        "healthcheck": {"test": ["NONE"]},
    }


def _parent_folders(name: str, owner: tuple[int, int]) -> list[tar_stream.TarEntry]:
    """Return the folders that contain the file, the outermost first."""
    parents = [str(path) for path in PurePosixPath(name).parents][-2::-1]
    return [tar_stream.folder_entry(path, owner) for path in parents]


def _json(content: Mapping[str, Any]) -> bytes:
    return dumps(content, indent=1).encode()


def is_filled(container: Container, home: str) -> bool:
    """Return whether a `put_files` succeeded on the volume that is at `home` in this container."""
    return _read_file_or_none(container, f"{home}/{COMPLETE_MARKER}") is not None


def _read_file_or_none(container: Container, path: str) -> bytes | None:
    try:
        return tar_stream.read_file(container, path)
    except (NotFound, tarfile.TarError):
        return None
