"""Look at a running workspace's files from a container beside it.

The container is of the platform's own image, whatever the candidate's image lacks. It has the
workspace's volume read-only, the candidate's own user number, and nothing else: no network, no
capability, and process numbers of its own, so that neither can reach the other.
"""

import io
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from operations.provisioners import file_look, regenerable
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.naming import Names
from operations.provisioners.file_look import FileLook

MEMORY = "192m"
# The platform and the workspaces come first: an idle processor is used all the same.
CPU_SHARES = 64


def _program() -> str:
    """The source of a program that needs only Python: the two modules, and a call of `main`."""
    lines = ["import sys, types"]
    for module in (regenerable, file_look):
        source = Path(str(module.__file__)).read_text()
        lines += [
            f"module = sys.modules[{module.__name__!r}] = types.ModuleType({module.__name__!r})",
            f"exec(compile({source!r}, {module.__name__!r}, 'exec'), module.__dict__)",
        ]
    return "\n".join([*lines, "module.main(sys.argv[1:])"])


PROGRAM = _program()


@contextmanager
def look_at_volume(
    client: DockerClient,
    names: Names,
    editor: Container,
    image: str,
    folder: str,
    since_ns: int,
    starting_paths: Collection[str],
) -> Iterator[FileLook]:
    """Yield a look at `folder` of the editor's volume. Its container is gone after the block.

    Raises:
        ProvisionError: if the container ends too early, at once or while the files are read.
        APIError: if the engine refuses.
    """
    remove_leftover(client, names)
    container = client.containers.create(
        image,
        [folder, str(since_ns), *file_look.relevant_paths(starting_paths)],
        entrypoint=["python3", "-I", "-c", PROGRAM],
        name=names.look,
        user=str(editor.attrs["Config"]["User"]),
        # Not by its name: the engine would make a volume that is gone.
        volumes_from=[f"{editor.id}:ro"],
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=MEMORY,
        memswap_limit=MEMORY,
        pids_limit=16,
        cpu_shares=CPU_SHARES,
        log_config=LogConfig(type="none"),
        healthcheck={"test": ["NONE"]},
        labels=names.labels(),
        # Also if this worker is killed meanwhile.
        auto_remove=True,
    )
    try:
        # Attached before it starts, as the engine keeps nothing of what it writes.
        output = container.attach(stdout=True, stderr=True, stream=True, demux=True)
        reader = _OutputReader(output)
        container.start()
        try:
            look = file_look.read_look(cast("Any", io.BufferedReader(reader, 256 * 1024)))
            with closing(look.files):
                yield look
        except EOFError as error:
            message = reader.errors.decode(errors="replace").strip().rpartition("\n")[2][-200:]
            raise ProvisionError(
                "keep", f"The files couldn't be read ({message or error})."
            ) from error
    finally:
        _remove(container)


def remove_leftover(client: DockerClient, names: Names) -> None:
    """Remove the container of a worker that was killed while it looked."""
    with suppress(NotFound):
        leftover = client.containers.get(names.look)
        names.check_ownership("container", leftover.labels, "keep", names.look)
        _remove(leftover)


def _remove(container: Container) -> None:
    try:
        container.remove(force=True, v=True)
    except NotFound:
        pass
    except APIError as error:
        # It is being removed already, with the whole workspace.
        if error.status_code != 409:
            raise


class _OutputReader(io.RawIOBase):
    """What a container writes to stdout, as a file; the end of its stderr is in `errors`."""

    def __init__(self, output: Any) -> None:
        self.errors = b""
        self._output = output
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                stdout, stderr = next(self._output)
            except StopIteration:
                return 0
            self.errors = (self.errors + (stderr or b""))[-2000:]
            self._rest = stdout or b""
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
