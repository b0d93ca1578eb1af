"""Checks in containers: every run ends, sees no network, and leaves nothing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from operations.provisioners.checks.base import CheckJob, RunAbandonedError, StopReason
from operations.provisioners.checks.container import DockerCheckRunner
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.checks import jobs
from tests.operations.provisioners.checks.jobs import ATTACKS, Attack
from tests.operations.provisioners.docker.conftest import client, images, own_options
from tests.services import wait_until

pytestmark = pytest.mark.docker
__all__ = ["client", "images"]


@pytest.fixture
def options(images: None, client: DockerClient) -> Iterator[DockerOptions]:
    with own_options(client) as options:
        yield options


@pytest.fixture
def runner(options: DockerOptions) -> DockerCheckRunner:
    return DockerCheckRunner(options)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_every_run_ends_and_leaves_nothing(
    runner: DockerCheckRunner, options: DockerOptions, tmp_path: Path, attack: Attack
) -> None:
    outcome = jobs.attack(runner, tmp_path / "work", attack)
    assert attack.is_fine(outcome), outcome
    assert runner.list_left() == []
    # The reaper of workspaces never sees it.
    assert DockerProvisioner(options).list_owned() == []


REACHES = """
import os, socket
print(sorted(os.listdir("/sys/class/net")))
try:
    socket.create_connection(("1.1.1.1", 53), 2)
except OSError as error:
    print("unreachable")
print(os.getuid(), open("/proc/self/status").read().split("CapEff:")[1].split()[0])
try:
    open("/usr/written", "w")
except OSError:
    print("read-only")
"""


def test_a_check_has_no_network_and_no_rights(runner: DockerCheckRunner, tmp_path: Path) -> None:
    outcome = jobs.run(runner, tmp_path / "work", "python3 reach.py", {"reach.py": REACHES})
    assert outcome.output.decode().split("\n")[:4] == [
        "['lo']",
        "unreachable",
        "1000 0000000000000000",
        "read-only",
    ]


def test_a_check_cannot_take_more_memory(runner: DockerCheckRunner, tmp_path: Path) -> None:
    outcome = jobs.run(
        runner, tmp_path / "work", "python3 -c 'bytearray(500_000_000)'", memory_mb=128
    )
    assert (outcome.stopped, outcome.exit_code) == (StopReason.MEMORY, None)


def test_a_check_cannot_fill_the_engines_disk(runner: DockerCheckRunner, tmp_path: Path) -> None:
    outcome = jobs.run(runner, tmp_path / "work", "head -c 100000000 /dev/zero >big")
    assert outcome.exit_code != 0
    assert b"No space left" in outcome.output


@pytest.mark.parametrize("place", ["report.xml", "out/a", "out/deep/a.xml"])
def test_a_sparse_file_is_not_received(
    runner: DockerCheckRunner, tmp_path: Path, place: str
) -> None:
    """The engine would send its holes as zeros, for which no time limit of the command counts."""
    command = f"mkdir -p out/deep && truncate -s 1G {place}"
    report = place.partition("/")[0]
    outcome = jobs.run(runner, tmp_path / "work", command, report=report)
    assert (outcome.exit_code, outcome.report_is_too_large, outcome.reports) == (0, True, ())


FORK_BOMB = """
import os, time
count = 0
try:
    while count < 2000:
        if os.fork() == 0:
            time.sleep(600)
        count += 1
except OSError:
    pass
print(count, flush=True)
"""


def test_forks_without_end_are_bounded(runner: DockerCheckRunner, tmp_path: Path) -> None:
    outcome = jobs.run(runner, tmp_path / "work", "python3 bomb.py", {"bomb.py": FORK_BOMB})
    assert 50 < int(outcome.output) < 256
    after = jobs.run(runner, tmp_path / "next", jobs.WRITE_REPORT)
    assert (after.exit_code, len(after.reports)) == (0, 1)


def test_a_run_is_abandoned(runner: DockerCheckRunner, tmp_path: Path) -> None:
    with pytest.raises(RunAbandonedError):
        jobs.run(runner, tmp_path / "work", "sleep 600", should_stop=lambda: True)
    assert runner.list_left() == []


def test_what_a_killed_worker_left_is_removed(
    runner: DockerCheckRunner, client: DockerClient, tmp_path: Path
) -> None:
    """It dies (kill -9) while the check runs: the container goes on until somebody removes it."""
    names = runner._names("run-1")
    # Other tests have runs of this name on the engine, too, each on a platform of its own.
    filters = names.filters()
    # Helpers that fill its disk have the same label, and end at once.
    own = filters | {"name": names.editor}
    worker = os.fork()
    if worker == 0:
        try:
            jobs.run(runner, tmp_path / "work", "echo began; sleep 600", seconds=600)
        finally:
            os._exit(1)
    try:
        wait_until(
            lambda: client.containers.list(filters=own | {"status": "running"}),
            "the check did not start",
            seconds=60,
        )
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    assert runner.list_left() == ["run-1"]
    [container] = client.containers.list(all=True, filters=filters)
    assert container.status == "running"
    runner.remove("run-1")
    assert runner.list_left() == []
    assert client.containers.list(all=True, filters=filters) == []
    assert client.volumes.list(filters=filters) == []


def test_a_name_that_is_none_is_refused(runner: DockerCheckRunner, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="isn't a valid name"):
        CheckJob("../x", tmp_path, "true", "", 1, 64, 1)
    with pytest.raises(ValueError, match="isn't a valid name"):
        runner.remove("../x")
