"""The files of a workspace: into its Pod, a look at them while it runs, and out at the end."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

from operations.provisioners import archive_writer, editor_config, health_probe, look_stream
from operations.provisioners.base import (
    Log,
    NotSaved,
    NotSavedReason,
    ProvisionError,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.file_look import FileLook, Stamp
from operations.provisioners.kubernetes.api import Api
from operations.provisioners.kubernetes.exec_stream import ExecStream, bundle, run_program
from operations.provisioners.kubernetes.pods import (
    EDITOR_PORT_VARIABLE,
    HELPER,
    PREPARE,
    PROJECT_FOLDER,
    SIDECAR,
    TMP_FOLDER,
)
from operations.provisioners.kubernetes.programs import fill, pack
from operations.provisioners.local.unpack import unpack_archive
from operations.provisioners.local.workdirs import write_starting_files
from operations.provisioners.temporary_folder import temporary_folder

SETTINGS_PATH = ".local/share/code-server/User/settings.json"
NEVER_FILLED = "The workspace's disk was never filled completely."
READ_BYTES = 256 * 1024
MAX_HEADER_BYTES = 64 * 1024 * 1024

FILL = bundle(fill, "module.main()")
LOOK = bundle(look_stream, "module.main([os.environ['HOME'] + '/' + arguments[0], *arguments[1:]])")
PACK = bundle(pack, "module.main(*arguments)")
ASK_FOR_SIGN_IN = bundle(
    health_probe,
    f"print(module.is_sign_in_refused('127.0.0.1', int(os.environ[{EDITOR_PORT_VARIABLE!r}])))",
)


@contextmanager
def packed_files(spec: WorkspaceSpec, log: Log) -> Iterator[IO[bytes]]:
    """Yield a tar archive of what a new workspace's home has.

    Raises:
        DamagedArchiveError: if the saved files cannot be read.
        OSError: if the files cannot be written here.
    """
    with temporary_folder() as temporary, tempfile.TemporaryFile() as spool:
        workdir = temporary / "workspace"
        if spec.archive is not None:
            unpack_archive(workdir, spec.archive, log)
        elif spec.files is not None and write_starting_files(workdir, spec.files, spec.executable):
            log(f"Copied {len(spec.files)} starting files into the workspace.")
        settings = json.dumps(editor_config.vs_code_settings(spec.features), indent=1).encode()
        entries = [
            tar_stream.folder_entry(TMP_FOLDER),
            *(tar_stream.folder_entry(str(path)) for path in _parents(SETTINGS_PATH)),
            tar_stream.file_entry(SETTINGS_PATH, settings),
        ]
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for entry in entries:
                tar.addfile(entry.info, BytesIO(entry.content))
            tar_stream.add_local_folder(tar, workdir / "files", PROJECT_FOLDER)
        spool.seek(0)
        yield spool


def put_files(api: Api, pod: str, files: IO[bytes], container: str = PREPARE) -> None:
    """Fill the volume of a Pod, in the container that waits for that.

    Raises:
        ApiError: if the container does not run.
        ExecFailedError: if it ended meanwhile, as it does when another worker was sooner.
    """
    with run_program(api, pod, container, FILL, []) as stream:
        shutil.copyfileobj(files, cast("Any", stream), READ_BYTES)
        stream.finish()


@contextmanager
def look_at_pod(
    api: Api, pod: str, since_ns: int, starting_paths: Collection[str], known: Collection[Stamp]
) -> Iterator[FileLook]:
    """Yield a look at the files of a running workspace, by its sidecar.

    Raises:
        ApiError: if the sidecar does not run.
        ProvisionError: if the look ends too early, at once or while the files are read.
    """
    arguments = look_stream.look_arguments(PROJECT_FOLDER, since_ns, starting_paths, known)
    with run_program(api, pod, SIDECAR, LOOK, arguments) as stream:
        try:
            look = look_stream.read_look(cast("Any", io.BufferedReader(stream, READ_BYTES)))
            with closing(look.files):
                yield look
        except EOFError as error:
            stream.finish()
            raise ProvisionError("keep", f"The files couldn't be read ({error}).") from error


def pack_files(
    api: Api, pod: str, path: Path, top: str, starting_paths: Collection[str]
) -> list[NotSaved]:
    """Write the files of a workspace to `path`, packed in a Pod that has its volume.

    Raises:
        WorkspaceGoneError: if the volume was never filled.
        ArchiveTooLargeError: if the files do not fit into an archive.
        ExecFailedError: if the Pod ends too early.
    """
    paths = look_stream.relevant_paths(starting_paths)
    with run_program(api, pod, HELPER, PACK, [PROJECT_FOLDER, top, paths]) as stream:
        reader = io.BufferedReader(stream, READ_BYTES)
        header = _read_header(reader, stream)
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        try:
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                size = _copy(reader, file, header["size"])
            if size != header["size"]:
                raise EOFError
            stream.finish()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return [
        NotSaved(name, NotSavedReason(reason), *more) for name, reason, *more in header["not_saved"]
    ]


def is_sign_in_refused(api: Api, pod: str) -> bool:
    """Ask the editor by the sidecar, which is in the same network."""
    with run_program(api, pod, SIDECAR, ASK_FOR_SIGN_IN, []) as stream:
        answer = stream.read(64)
        stream.finish()
    return bool(answer and answer.strip() == b"True")


def _read_header(reader: IO[bytes], stream: ExecStream) -> Any:
    line = reader.readline(MAX_HEADER_BYTES)
    while line == pack.PULSE:
        line = reader.readline(MAX_HEADER_BYTES)
    if not line.endswith(b"\n"):
        stream.finish()
        raise EOFError
    header = json.loads(line)
    match header.get("error"):
        case None:
            return header
        case "never filled":
            raise WorkspaceGoneError("save", NEVER_FILLED)
        case "too large":
            raise archive_writer.ArchiveTooLargeError(header["message"])
    raise ProvisionError("save", f"The files couldn't be read ({header['message']}).")


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> int:
    """Copy so many bytes, as far as they come; return how many came."""
    if size > archive_writer.MAX_PACKED_BYTES:
        raise archive_writer.ArchiveTooLargeError("The archive is too large")
    left = size
    while left and (chunk := source.read(min(left, READ_BYTES))):
        target.write(chunk)
        left -= len(chunk)
    return size - left


def _parents(name: str) -> Sequence[Path]:
    """The folders that contain the file, the outermost first."""
    return list(Path(name).parents)[-2::-1]
