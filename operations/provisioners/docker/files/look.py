"""Look at a running workspace's files from a container beside it.

The container is of the platform's own image, whatever the candidate's image lacks. It has the
workspace's volume read-only, the candidate's own user number, and nothing else: no network, no
capability, and process numbers of its own, so that neither can reach the other.
"""

import io
import struct
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from operations.provisioners import file_look, look_stream, regenerable
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.containers import remove_container
from operations.provisioners.docker.naming import Names
from operations.provisioners.file_look import FileLook, Stamp

READ_BYTES = 256 * 1024
HEADER = struct.Struct(">BxxxL")
STDOUT = 1
NO_RESPONSE = "The Docker engine didn't respond in time."
MEMORY = "192m"
# The platform and the workspaces come first: an idle processor is used all the same.
CPU_SHARES = 64


def _program() -> str:
    """The source of a program that needs only Python: the modules, and a call of `main`."""
    lines = ["import sys, types"]
    for module in (regenerable, file_look, look_stream):
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
    known: Collection[Stamp],
) -> Iterator[FileLook]:
    """Yield a look at `folder` of the editor's volume. Its container is gone after the block.

    Raises:
        ProvisionError: if the container ends too early, at once or while the files are read.
        APIError: if the engine refuses.
    """
    remove_leftover(client, names)
    container = client.containers.create(
        image,
        look_stream.look_arguments(folder, since_ns, starting_paths, known),
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
        with _attached(client, container) as output:
            container.start()
            try:
                look = look_stream.read_look(cast("Any", io.BufferedReader(output, READ_BYTES)))
                with closing(look.files):
                    yield look
            except EOFError as error:
                message = output.errors.decode(errors="replace").strip().rpartition("\n")[2]
                raise ProvisionError(
                    "keep", f"The files couldn't be read ({message[-200:] or error})."
                ) from error
            except TimeoutError as error:
                raise ProvisionError("keep", NO_RESPONSE) from error
    finally:
        remove_container(container)


@contextmanager
def _attached(client: DockerClient, container: Container) -> Iterator["_Output"]:
    """Yield what the container will write; each read has the timeout of the client."""
    connection = client.api.attach_socket(
        container.id or "", {"stdout": 1, "stderr": 1, "stream": 1}
    )
    try:
        yield _Output(connection)
    finally:
        # docker-py keeps the response there; to close the connection alone leaves its socket open.
        getattr(connection, "_response", connection).close()


def remove_leftover(client: DockerClient, names: Names) -> None:
    """Remove the container of a worker that was killed while it looked."""
    with suppress(NotFound):
        leftover = client.containers.get(names.look)
        names.check_ownership("container", leftover.labels, "keep", names.look)
        remove_container(leftover)


class _Output(io.RawIOBase):
    """What a container writes to stdout, as a file; the end of its stderr is in `errors`.

    The engine puts a header before each part: its stream, three zeros and its length
    (https://docs.docker.com/reference/api/engine/, "Attach to a container").
    """

    def __init__(self, connection: Any) -> None:
        self.errors = b""
        self._connection = connection
        self._received = b""
        # Of the current part.
        self._stream = 0
        self._left = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if not self._left and not self._begin_part():
                return 0
            if not self._received and not self._receive():
                return 0
            part = self._received[: min(self._left, len(buffer))]
            self._received = self._received[len(part) :]
            self._left -= len(part)
            if self._stream == STDOUT:
                buffer[: len(part)] = part
                return len(part)
            self.errors = (self.errors + part)[-2000:]

    def _begin_part(self) -> bool:
        """Read the next header; return False at the end."""
        while not self._left:
            while len(self._received) < HEADER.size:
                if not self._receive():
                    return False
            self._stream, self._left = HEADER.unpack_from(self._received)
            self._received = self._received[HEADER.size :]
        return True

    def _receive(self) -> bool:
        has_recv = hasattr(self._connection, "recv")
        read = self._connection.recv if has_recv else self._connection.read
        received = read(READ_BYTES)
        self._received += received or b""
        return bool(received)
