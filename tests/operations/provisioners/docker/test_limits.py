"""The privileges and limits of a workspace on a real Docker engine."""

import shutil
import time
from pathlib import Path

import pytest
from docker import DockerClient

from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
    editor,
    run_inside,
    spec,
    start_workspace,
)

pytestmark = pytest.mark.docker


def test_workspace_has_no_privileges(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    start_workspace(engine)
    container = editor(client, options)
    status = "print(*[line.split()[1] for line in open('/proc/self/status') if line[:3] == 'Cap'])"
    assert set(run_inside(container, status).split()) == {"0" * 16}

    def refused(program: str) -> str:
        return run_inside(
            container, f"import os, socket\ntry: {program}\nexcept OSError as e: print(e.strerror)"
        )

    assert refused("os.kill(1, 9)") == "Operation not permitted"
    assert refused("open('/proc/1/environ')") == "Permission denied"
    assert refused("open('/etc/new', 'w')") in ("Permission denied", "Read-only file system")
    assert refused("open('/var/lib/new', 'w')") in ("Permission denied", "Read-only file system")
    assert refused("open('/var/run/docker.sock')") == "No such file or directory"
    assert refused("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)") == "Operation not permitted"
    assert refused("os.setuid(0)") == "Operation not permitted"
    rlimits = (
        "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))"
    )
    assert run_inside(container, rlimits) == "(16384, 16384) (0, 0)"
    limits = container.attrs["HostConfig"]
    assert (limits["NanoCpus"], limits["Memory"], limits["MemorySwap"], limits["PidsLimit"]) == (
        10**9,
        256 * 2**20,
        256 * 2**20,
        1024,
    )


def test_limits_of_the_challenge_override_the_defaults(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    start_workspace(engine, spec(cpus=0.5, memory_mb=128))
    limits = editor(client, options).attrs["HostConfig"]
    assert (limits["NanoCpus"], limits["Memory"]) == (5 * 10**8, 128 * 2**20)


def test_full_disk_affects_no_other_workspace(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace, neighbour = start_workspace(engine), start_workspace(engine, spec("takehome-2"))
    fill = """
import errno, sys
size = 0
with open(sys.argv[1], 'wb', buffering=0) as file:
    while True:
        try:
            size += file.write(bytes(2**20))
        except OSError as error:
            print(errno.errorcode[error.errno], size // 2**20)
            break
        assert size < 2**30
"""
    free = shutil.disk_usage("/").free
    said, size = run_inside(editor(client, options), fill, "/home/coder/project/big").split()
    assert (said, 20 < int(size) < 32) == ("ENOSPC", True)
    said, size = run_inside(editor(client, options), fill, "/tmp/big").split()
    assert (said, size) == ("ENOSPC", "64")
    assert free - shutil.disk_usage("/").free < 2**30
    write = "open('new', 'wb').write(bytes(2**20)); print('written')"
    assert run_inside(editor(client, options, "takehome-2"), write) == "written"
    assert engine.is_ready(workspace) and engine.is_ready(neighbour)
    # A full disk can be exported, and the workspace can be restarted.
    run_inside(editor(client, options), "import os; os.remove('/tmp/big')")
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    start_workspace(engine, spec(files=None))


BOMB = """
import os, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        pass
"""


BURN = """
import os, time
end = time.monotonic() + 20
for _ in range(8):
    os.fork()
while time.monotonic() < end:
    pass
"""


EAT = """
import time
held, end = [], time.monotonic() + 20
while time.monotonic() < end:
    held.append(bytearray(2**24))
"""


@pytest.mark.parametrize("load", [BOMB, BURN, EAT], ids=["fork bomb", "processors", "memory"])
def test_overloaded_workspace_affects_neither_its_neighbour_nor_the_platform(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    load: str,
    tmp_path: Path,
) -> None:
    workspace, neighbour = start_workspace(engine), start_workspace(engine, spec("takehome-2"))
    editor(client, options).exec_run(["python3", "-c", load], detach=True)
    slowest = 0.0
    until = time.monotonic() + 10
    while time.monotonic() < until:
        began = time.monotonic()
        assert engine.is_ready(neighbour)
        assert len(engine.list_owned()) == 2
        slowest = max(slowest, time.monotonic() - began)
    print(f"slowest answer {slowest:.2f} s")  # noqa: T201 - shown with -s
    assert slowest < 8
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    engine.destroy(workspace, LogLines())
    assert engine.is_ready(neighbour)
