"""`python -m bench.progress`: what it takes to keep the progress of a workspace, against git.

A candidate's folder of 2,000 files, all of which are kept; then one file changes before each round.
Measured are the look at the folder, and the whole turn of a worker: the look, what changed, the
pack and the list in the file store, and the rows in SQLite, which waits for the disk; once with the
list of the state before in memory, as in a worker that took the turn before, and once with that
read from the store. git gets the same tree with the same change: `git status` is a process, with
the cache that it keeps. The figures are medians in milliseconds, on the clock and of a processor.
The bar is twice git's time: on the clock for the look, which is all that the workspace notices, and
of a processor for the whole turn, which may take 200 ms besides.

With `--docker IMAGE` (and `--helper-image`) the same tree is looked at in a workspace on the Docker
engine, too: the processor's time there is that of the engine's own processes and of the container.
"""

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from bench.review import _content, _set_up, _timed, _write

FILES = 2_000
ROUNDS = 15
MAX_RATIO, MAX_PROCESSOR_MS = 2, 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--docker", metavar="IMAGE", default="")
    parser.add_argument("--helper-image", default="takehome-platform:latest")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-progress-") as folder:
        _set_up(Path(folder))
        is_fast = _measure(Path(folder), arguments.files)
        if arguments.docker:
            _measure_docker(arguments.docker, arguments.helper_image, arguments.files)
    return 0 if is_fast else 1


def _make_tree(root: Path, files: int) -> None:
    noise = random.Random(1)
    for number in range(files):
        _write(root / f"src/p{number % 50}/f{number}.py", _content(number, noise))
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "start"),
        ("status",),
    ):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)


def _measure(folder: Path, files: int) -> bool:
    from django.core.management import call_command

    from operations.progress.manifest_store import lists
    from operations.progress.models import ProgressState, ProgressWatch
    from operations.provisioners.file_look import look_at_folder

    call_command("migrate", "operations", verbosity=0)
    root = folder / "project"
    _make_tree(root, files)
    # git's own files are no work of the candidate, and it would be compared with itself.
    (root / ".git").rename(folder / "git")
    ProgressWatch.objects.create(pk="bench", due_at=datetime.now(UTC))
    begin = time.perf_counter()
    _keep(root)
    first = ProgressState.objects.get()
    print(f"{files:,} files, {first.lines:,} lines; kept for the first time: ", end="")
    print(f"{(time.perf_counter() - begin) * 1000:.0f} ms, {first.new_bytes / 1000:.0f} KB\n")
    git = ["git", f"--git-dir={folder / 'git'}", f"--work-tree={root}", "status", "--porcelain"]
    rows: dict[str, tuple[list[float], list[float]]] = {}
    # Past the margin for clocks, in which a look reads what was written a moment ago.
    time.sleep(3)
    for number in range(ROUNDS):
        since = time.time_ns()
        for name, call in (
            ("the look", lambda: list(look_at_folder(str(root), since, []).files)),  # noqa: B023
            ("the whole turn", lambda: _keep(root)),
            ("its list read", lambda: _keep(root)),
            ("git status", lambda: subprocess.run(git, check=True, capture_output=True)),
        ):
            if name != "git status":
                # Each turn has a change, and git has them all.
                changed = root / f"src/p7/f{7 + 50 * (number % 20)}.py"
                changed.write_text(f"{changed.read_text()}# {number}\n")
            if name == "its list read":
                lists.clear()
            wall, processor = _timed(call)
            walls, processors = rows.setdefault(name, ([], []))
            walls.append(wall)
            processors.append(processor)
    print(f"{'':18}{'ms':>8}{'over git':>10}{'processor ms':>14}{'over git':>10}")
    medians = {name: tuple(map(statistics.median, each)) for name, each in rows.items()}
    git_wall, git_processor = medians["git status"]
    for name, (wall, processor) in medians.items():
        print(f"{name:18}{wall:8.1f}{wall / git_wall:10.2f}", end="")
        print(f"{processor:14.1f}{processor / git_processor:10.2f}")
    states = ProgressState.objects.order_by("-number")[: 2 * ROUNDS]
    sizes = [(folder / "files" / state.key).stat().st_size for state in states]
    print(f"\nper turn: {states[0].new_bytes} bytes of contents, and ", end="")
    print(f"{statistics.mean(sizes) / 1000:.1f} KB of lists, of which ", end="")
    print(f"{sum(size > 10 * min(sizes) for size in sizes)} of {len(sizes)} are whole")
    _, turn_processor = medians["the whole turn"]
    is_fast = medians["the look"][0] <= MAX_RATIO * git_wall
    return is_fast and turn_processor <= min(MAX_PROCESSOR_MS, MAX_RATIO * git_processor)


class _Engine:
    """Looks at a folder, as the local engine does."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def look_at_files(
        self,
        workspace: object,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Any] = (),
    ) -> Iterator[Any]:
        from operations.provisioners.file_look import look_at_folder

        yield look_at_folder(str(self._root), since_ns, starting_paths, known)


def _keep(root: Path) -> None:
    """A turn as a worker takes it, but for the interview's row and the challenge's."""
    from operations.progress.keep.state import StateKeeper
    from operations.progress.models import ProgressWatch

    ProgressWatch.objects.update(claim="bench")
    watch, engine, now = ProgressWatch.objects.get(), _Engine(root), datetime.now(UTC)
    StateKeeper(_interview(), engine, watch, "bench", now).run()  # type: ignore[arg-type]


@cache
def _interview() -> Any:
    from interviews.models import Interview
    from operations.submissions.starting import StartingVersion

    mock.patch.object(StartingVersion, "of", return_value=None).start()
    return Interview("bench", challenge="bench", ready_at=datetime.now(UTC))


def _measure_docker(image: str, helper_image: str, files: int) -> None:
    from operations.provisioners.base import Workspace, WorkspaceSpec
    from operations.provisioners.docker.options import DockerOptions
    from operations.provisioners.docker.provisioner import DockerProvisioner

    noise = random.Random(1)
    engine = DockerProvisioner(
        DockerOptions(
            host="unix:///var/run/docker.sock",
            image=image,
            helper_image=helper_image,
            url="http://127.0.0.1:{port}/",
            platform=f"bench-{os.getpid()}-",
            disk_mb=512,
            memory_mb=1024,
            cpus=1,
        )
    )
    spec = WorkspaceSpec(
        workspace_name="bench",
        password="bench-bench-bench",
        files={f"src/p{n % 50}/f{n}.py": _content(n, noise) for n in range(files)},
        ends_at=datetime.now(UTC) + timedelta(hours=1),
    )
    workspace: Workspace = engine.provision(spec, lambda line: None)
    try:
        walls, processors = [], []
        for _ in range(ROUNDS):
            time.sleep(2.2)
            before = _engine_seconds()
            begin = time.perf_counter()
            with engine.look_at_files(workspace, time.time_ns(), []) as look:
                assert len(list(look.files)) == files
            walls.append((time.perf_counter() - begin) * 1000)
            processors.append((_engine_seconds() - before) * 1000)
        print(f"\non Docker: a look takes {statistics.median(walls):.0f} ms, and ", end="")
        print(f"{statistics.median(processors):.0f} ms of a processor")
    finally:
        engine.destroy(workspace, lambda line: None)


def _engine_seconds() -> float:
    """The processor's time of the engine's processes, and of those that they waited for."""
    import psutil

    total = 0.0
    for process in psutil.process_iter(["name", "cpu_times"]):
        if process.info["name"] in ("dockerd", "containerd", "containerd-shim-runc-v2"):
            times = process.info["cpu_times"]
            total += times.user + times.system + times.children_user + times.children_system
    return total


if __name__ == "__main__":
    raise SystemExit(main())
