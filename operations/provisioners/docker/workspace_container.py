"""The container that a candidate works in: what it is made of, what it may use, what is put in."""

import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from pathlib import Path, PurePosixPath
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.types import LogConfig

from operations.provisioners import editor_config
from operations.provisioners.base import Log, ProvisionError, Spec
from operations.provisioners.docker import tar_stream
from operations.provisioners.docker.errors import said
from operations.provisioners.docker.naming import ENDS_AT, Names, shown_time
from operations.provisioners.docker.network import PORT
from operations.provisioners.docker.options import Options
from operations.provisioners.docker.volume import VolumeGoneError
from operations.provisioners.docker.volume_access import opened
from operations.provisioners.local.unpack import unpack
from operations.provisioners.local.workdirs import seed

HEALTH = "/healthz"
PROJECT = "project"
CONFIG = ".config/code-server/config.yaml"
SETTINGS = ".local/share/code-server/User/settings.json"
TEMPORARY = ".tmp"
# Put after the files: where it is they are whole.
MARK = ".takehome"

MEGABYTE = 1024 * 1024
PIDS = 1024
# /tmp is in memory and counted as such: at most this part of what there is, and this many MB.
TMP_SHARE, TMP_MB = 4, 256
LOG = LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"})


@dataclass(frozen=True)
class Home:
    """Whose home it is within an image, and where."""

    path: str
    owner: tuple[int, int]

    @property
    def project(self) -> str:
        return f"{self.path}/{PROJECT}"


def home_of(image: Image, name: str) -> Home:
    """As the image's USER and WORKDIR say. ProvisionError: it cannot be a workspace."""
    config = image.attrs.get("Config") or {}
    user, _, group = str(config.get("User") or "").partition(":")
    if not (user.isdecimal() and int(user) > 0 and (not group or group.isdecimal())):
        raise ProvisionError(
            "start",
            f"The image {name} must name its user as a number that is not 0 (USER 1000): "
            "workspaces do not run as root.",
        )
    path = str(config.get("WorkingDir") or "")
    if PurePosixPath(path).parent == PurePosixPath("/") or not path.startswith("/"):
        raise ProvisionError(
            "start", f"The image {name} must have its user's home as WORKDIR, such as /home/coder."
        )
    return Home(path.rstrip("/"), (int(user), int(group or user)))


@dataclass(frozen=True)
class Editor:
    """The editor of one workspace on one engine."""

    client: DockerClient
    options: Options
    names: Names
    image: Image
    home: Home

    def put_files(self, spec: Spec, log: Log) -> None:
        """Fill a new disk: with the files that were saved, or with the challenge's."""
        top: list[tar_stream.Entry] = [
            tar_stream.folder(TEMPORARY, self.home.owner),
            *_folders(SETTINGS, self.home.owner),
            tar_stream.file(SETTINGS, _json(editor_config.VS_CODE), self.home.owner),
        ]
        with (
            tempfile.TemporaryDirectory(prefix="takehome-") as folder,
            opened(self.client, self.names, self.image.id or "", self.home.path) as container,
        ):
            here = Path(folder) / "workspace"
            if spec.archive is not None:
                unpack(here, spec.archive, log)
            elif spec.files is not None and seed(here, spec.files):
                log(f"Put {len(spec.files)} starting files into the workspace.")
            tar_stream.put(container, self.home.path, top)
            tar_stream.put_folder(
                container, self.home.path, here / "files", PROJECT, self.home.owner
            )
            tar_stream.put(container, self.home.path, [tar_stream.file(MARK, b"")])

    def has_files(self) -> bool:
        """Whether put_files came to its end once. Raises Gone: it is no disk yet."""
        try:
            with opened(self.client, self.names, self.image.id or "", self.home.path) as container:
                return _content(container, f"{self.home.path}/{MARK}") is not None
        except APIError as error:
            if "failed to mount" not in said(error):
                raise
            raise VolumeGoneError from error

    def put_password(self, password: str) -> None:
        """As a hash, in a file that only the candidate's own programs can read."""
        wanted = _json(editor_config.options(f"0.0.0.0:{PORT}", password))
        with opened(self.client, self.names, self.image.id or "", self.home.path) as container:
            # On a disk that is full nothing is written that is there already.
            if _content(container, f"{self.home.path}/{CONFIG}") != wanted:
                entries = [
                    *_folders(CONFIG, self.home.owner),
                    tar_stream.file(CONFIG, wanted, self.home.owner),
                ]
                tar_stream.put(container, self.home.path, entries)

    def start(self, spec: Spec, gate: Container, log: Log) -> Container:
        """Make and start it behind the gate."""
        memory_mb = spec.memory_mb or self.options.memory_mb
        container = self.client.containers.create(
            self.image.id or "",
            name=self.names.editor,
            network_mode=f"container:{gate.id}",
            pid_mode=f"container:{gate.id}",
            volumes={self.names.editor: {"bind": self.home.path, "mode": "rw"}},
            working_dir=self.home.project,
            environment={
                "HOME": self.home.path,
                "TMPDIR": f"{self.home.path}/{TEMPORARY}",
                "TAKEHOME_INTERNET": "on" if self.options.internet else "off",
            },
            labels=self.names.labels(**{ENDS_AT: shown_time(spec.ends_at)}),
            **_held(self._cpus(spec, log), memory_mb),
            tmpfs=self._in_memory(memory_mb),
        )
        container.start()
        return container

    def _cpus(self, spec: Spec, log: Log) -> float:
        wanted = spec.cpus or self.options.cpus
        here = int(self.client.info()["NCPU"])
        if wanted > here:
            log(f"The workspace may use {here} processors: the engine's machine has no more.")
        return min(wanted, here)

    def _in_memory(self, memory_mb: int) -> dict[str, str]:
        """Where else something may be written: the image itself is read-only."""
        declared = (self.image.attrs.get("Config") or {}).get("Volumes") or {}
        places = dict.fromkeys(("/run", "/var/tmp", *declared), "size=16m,mode=1777")  # noqa: S108
        places["/tmp"] = f"size={min(TMP_MB, memory_mb // TMP_SHARE)}m,mode=1777,exec"  # noqa: S108
        places.pop(self.home.path, None)
        return places


def _held(cpus: float, memory_mb: int) -> dict[str, Any]:
    """What the container may use, and may not do."""
    return {
        "nano_cpus": int(cpus * 1_000_000_000),
        # Where processors are short, the platform goes first.
        "cpu_shares": 512,
        "mem_limit": memory_mb * MEGABYTE,
        # The same: no swap besides.
        "memswap_limit": memory_mb * MEGABYTE,
        "oom_score_adj": 500,
        "pids_limit": PIDS,
        "ulimits": [
            {"Name": "nofile", "Soft": 16_384, "Hard": 16_384},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "log_config": LOG,
        # Of the image: the platform asks by itself, and from outside.
        "healthcheck": {"test": ["NONE"]},
    }


def _folders(name: str, owner: tuple[int, int]) -> list[tar_stream.Entry]:
    """Those that a file lies in, the outermost first."""
    above = [str(path) for path in PurePosixPath(name).parents][-2::-1]
    return [tar_stream.folder(path, owner) for path in above]


def _json(content: Mapping[str, Any]) -> bytes:
    return dumps(content, indent=1).encode()


def _content(container: Container, path: str) -> bytes | None:
    try:
        return tar_stream.content(container, path)
    except (NotFound, tarfile.TarError):
        return None
