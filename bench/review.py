"""`python -m bench.review`: what it takes to open a submission, against git on the same tree.

A candidate's folder of 20,000 files is packed as a provisioner does, with a challenge of 1,000
starting files, of which some were changed and deleted. Measured are the index (once, after the
end), the pages as a request makes them (without the network and without signing in), and the bytes
that they read of archive and index. git gets the same tree: the starting files are committed, and
the rest is there; it is a process, with the cache that `git status` keeps. The figures are medians
in milliseconds, on the clock and of a processor, in turns with git's. The bar is twice git's, in
both: the processor's say more on a machine that is busy. A file is another one in each turn, as
the place of one in the archive decides how much is unpacked for it.

Below them are the same pages from an object store (moto's, in this process, so without a network),
with an index that is fetched for each page, as before `index_cache`, and with one that is kept,
and how often the store is asked: over a network each time costs more than all else.
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILES, STARTING, CHANGED, DELETED = 20_000, 1_000, 100, 50
ROUNDS = 25


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--files", type=int, default=FILES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-review-") as folder:
        _set_up(Path(folder))
        return _measure(Path(folder), arguments.files)


def _set_up(folder: Path) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="takehome_platform.settings",
        DEBUG="true",
        SECRET_KEY="not-a-secret-" * 4,
        DATA_DIR=str(folder),
        FILES_BUCKET="",
        DATABASE_URL="",
    )
    import django

    django.setup()


def _content(number: int, noise: random.Random) -> bytes:
    lines = [f"def f{number}_{line}():\n    return {noise.random()}\n" for line in range(60)]
    return "\n".join(lines).encode()


def _make_tree(root: Path, files: int) -> dict[str, bytes]:
    """Write the candidate's tree, in git as it was at the start; return the starting files."""
    noise = random.Random(1)
    starting = {f"start{n % 20}/f{n}.py": _content(n, noise) for n in range(STARTING)}
    for name, content in starting.items():
        _write(root / name, content)
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "start"),
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    names = list(starting)
    for name in names[:CHANGED]:
        _write(root / name, starting[name].replace(b"return 0.", b"return 1 + 0.", 9))
    for name in names[CHANGED : CHANGED + DELETED]:
        (root / name).unlink()
    for number in range(files - STARTING + DELETED):
        _write(root / f"src/p{number % 200}/g{number}.py", _content(number, noise))
    return starting


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _measure(folder: Path, files: int) -> int:
    from operations.provisioners.local.archive import pack_folder
    from operations.submissions.index import build_index
    from operations.submissions.starting import StartingFile

    root = folder / "project"
    starting = _make_tree(root, files)
    archive = folder / "files" / "a.tar.gz"
    archive.parent.mkdir()
    shutil.move(root / ".git", folder / "git")
    pack_folder(root, archive, "project")
    shutil.move(folder / "git", root / ".git")
    described = {
        name.encode(): StartingFile(len(content), hashlib.sha256(content).digest(), False)
        for name, content in starting.items()
    }
    index = archive.with_name("a.index")
    with archive.open("rb") as file:
        begin = time.perf_counter()
        build_index(file, index, described)
        seconds = time.perf_counter() - begin
    packed, indexed = archive.stat().st_size, index.stat().st_size
    print(f"{files:,} files, {packed / 1e6:.1f} MB packed")
    print(f"index: {seconds:.1f} s once, {indexed / 1e6:.1f} MB ({indexed / packed:.0%} of that)\n")
    pages = _Pages(starting)
    names = list(starting)[:CHANGED]
    rows: list[tuple[str, Callable[[str], object], list[str]]] = [
        ("open the submission", pages.tree, ["status", "--porcelain", "-uall"]),
        ("all files", pages.all_files, ["ls-files", "-co"]),
        ("a difference", pages.difference, ["diff", "--", "{name}"]),
        ("all that differs", pages.changes, ["diff", "--name-status"]),
    ]
    print(
        f"{'':22}{'ms':>8}{'git':>7}{'ratio':>7}{'CPU ms':>9}{'git':>7}{'ratio':>7}{'KB read':>9}"
    )
    worst = 0.0
    for label, page, command in rows:
        ours, git = [], []
        for name in _turns(names):
            ours.append(_timed(lambda: page(name)))  # noqa: B023
            git.append(_timed(lambda: _git(root, [each.format(name=name) for each in command])))  # noqa: B023
        print(f"{label:22}", end="")
        # The first is left out: templates are parsed, and git writes its cache.
        for place, width in ((0, 8), (1, 9)):
            mine, theirs = (
                statistics.median(each[place] for each in times[1:]) for times in (ours, git)
            )
            worst = max(worst, mine / theirs)
            print(f"{mine:{width}.1f}{theirs:7.1f}{mine / theirs:7.2f}", end="")
        print(f"{pages.read_bytes(lambda: page(names[-1])) / 1000:9.0f}")  # noqa: B023
    _measure_object_store(archive.parent, names[0], [row[:2] for row in rows])
    return 0 if worst <= 2 else 1


def _measure_object_store(
    folder: Path, name: str, pages: list[tuple[str, Callable[[str], object]]]
) -> None:
    from django.core.files.base import File
    from django.core.files.storage import default_storage, storages
    from django.test import override_settings
    from moto import mock_aws

    from operations.submissions.index_cache import indexes

    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench")
    options = {"bucket_name": "bench", "region_name": "us-east-1"}
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    sizes: list[int] = []

    def count(http_response: Any, **_: object) -> None:
        sizes.append(int(http_response.headers.get("content-length", 0)))

    def count_head(**_: object) -> None:
        sizes.append(0)

    columns = f"{'asked':>7}{'KB':>7}"
    print(f"\n{'from an object store':22}{'ms':>8}{columns}{'kept ms':>9}{columns}")
    with mock_aws(), override_settings(STORAGES={"default": backend}):
        store: Any = storages["default"]
        client = store.connection.meta.client
        client.create_bucket(Bucket="bench")
        client.meta.events.register("after-call.s3.GetObject", count)
        client.meta.events.register("after-call.s3.HeadObject", count_head)
        for key in ("a.tar.gz", "a.index"):
            with (folder / key).open("rb") as file:
                default_storage.save(key, File(file))
        for label, page in pages:
            print(f"{label:22}", end="")
            for is_kept, width in ((False, 8), (True, 9)):
                times = []
                for _ in range(ROUNDS):
                    if not is_kept:
                        indexes.clear()
                    sizes.clear()
                    times.append(_timed(lambda: page(name))[0])  # noqa: B023
                median = statistics.median(times)
                print(f"{median:{width}.1f}{len(sizes):7}{sum(sizes) / 1000:7.0f}", end="")
            print()


class _Pages:
    """The pages as a request makes them, from the open of the index to the HTML."""

    def __init__(self, starting: dict[str, bytes]) -> None:
        from interviews.models import Interview

        self._interview = Interview("bench", challenge="bench")
        self._starting: Any = _Starting(starting)

    def tree(self, _name: str = "") -> str:
        return self._tree(lists_all=False)

    def all_files(self, _name: str = "") -> str:
        return self._tree(lists_all=True)

    def _tree(self, *, lists_all: bool) -> str:
        from django.template.loader import render_to_string

        from dashboard.presenters.submissions.tree import build_tree

        with self._open() as submission:
            addresses = self._addresses(lists_all=lists_all)
            folder = submission.folder(b"")
            assert folder is not None
            node = build_tree(submission, addresses, folder)
            context = {"node": node, "addresses": addresses, "summary": submission.summary()}
            return render_to_string("dashboard/submissions/_summary.html", context) + (
                render_to_string("dashboard/submissions/_folder.html", context)
            )

    def changes(self, _name: str = "") -> int:
        with self._open() as submission:
            return len(submission.changed_files(limit=500))

    def difference(self, name: str) -> str:
        from django.template.loader import render_to_string

        from dashboard.presenters.submissions.difference_page import difference_of

        with self._open() as submission:
            file = submission.file(name.encode())
            assert file is not None
            body = difference_of(
                submission, file, self._starting, is_side_by_side=False, ignores_space=False
            )
            assert body.added
            return render_to_string("dashboard/submissions/_one_column.html", {"body": body})

    def read_bytes(self, page: Callable[[], object]) -> int:
        """The bytes that the page reads of archive and index, as the kernel counts them."""
        before = _read_of_process()
        page()
        return _read_of_process() - before

    @staticmethod
    def _open() -> Any:
        from operations.submissions.submission import Submission

        return Submission.open("a.tar.gz", "a.index")

    def _addresses(self, *, lists_all: bool) -> Any:
        from dashboard.presenters.submissions.addresses import Addresses

        return Addresses(self._interview, 0, lists_all)


class _Starting:
    """Stands for a version whose files are in the store."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def content(self, path: bytes) -> bytes:
        return self._files[path.decode()]


def _read_of_process() -> int:
    fields = dict(
        line.split(": ") for line in Path("/proc/self/io").read_text().strip().split("\n")
    )
    return int(fields["rchar"])


def _git(root: Path, command: list[str]) -> None:
    subprocess.run(["git", *command], cwd=root, check=True, stdout=subprocess.DEVNULL)


def _turns(names: list[str]) -> list[str]:
    """The file of each turn, from all of the archive, and one more to begin with."""
    return [names[0], *names[:: max(1, len(names) // ROUNDS)]]


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """The milliseconds on the clock, and those of a processor."""
    wall, processor = time.perf_counter(), _processor_seconds()
    run()
    return (time.perf_counter() - wall) * 1000, (_processor_seconds() - processor) * 1000


def _processor_seconds() -> float:
    """Of this process, and of those that it started."""
    # os.times() counts in hundredths of a second, which is as much as git takes.
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
