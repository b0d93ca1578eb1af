"""Files to and from a container as tar streams."""

import io
import stat
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.tar_stream import TarStream
from operations.provisioners.local.workdirs import remove_folder


def test_unreadable_files_keep_their_modes(tmp_path: Path) -> None:
    """A candidate may make files unreadable, and the test may be reopened."""
    source = tmp_path / "files"
    (source / "closed").mkdir(parents=True)
    (source / "closed" / "secret.txt").write_text("kept")
    (source / "closed" / "secret.txt").chmod(0)
    (source / "closed").chmod(0o100)
    container = RecordingContainer()
    tar_stream.put_local_folder(cast("Any", container), "/home", source, "project", (1000, 1000))
    assert container.modes == {
        "project": 0o755,
        "project/closed": 0o100,
        "project/closed/secret.txt": 0,
    }
    # The platform reads them here, and it is not root.
    assert stat.S_IMODE((source / "closed").stat().st_mode) == 0o500
    assert stat.S_IMODE((source / "closed" / "secret.txt").stat().st_mode) == 0o400


def test_folders_may_be_deeper_than_functions_may_call(tmp_path: Path) -> None:
    """A candidate's may, up to the longest path of the system."""
    deepest = tmp_path / "files"
    deepest.mkdir()
    for _ in range(sys.getrecursionlimit() + 50):
        deepest /= "d"
        deepest.mkdir()
    (deepest / "end.txt").write_text("end")
    container = RecordingContainer()
    try:
        tar_stream.put_local_folder(
            cast("Any", container), "/home", tmp_path / "files", "project", (1000, 1000)
        )
    finally:
        remove_folder(tmp_path / "files")
    assert max(container.modes, key=len).endswith("d/end.txt")


def test_a_folder_is_put_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "files"
    (source / "b").mkdir(parents=True)
    (source / "b" / "one.txt").write_text("one")
    (source / "b" / "same.txt").hardlink_to(source / "b" / "one.txt")
    (source / "a.txt").write_text("a")
    (source / "link").symlink_to("b")
    container = RecordingContainer()
    tar_stream.put_local_folder(cast("Any", container), "/home", source, "project", (1000, 1000))
    # Each folder before its content.
    assert list(container.modes) == [
        "project",
        "project/a.txt",
        "project/b",
        "project/b/one.txt",
        "project/b/same.txt",
        "project/link",
    ]
    assert container.links == {"project/b/same.txt": "project/b/one.txt", "project/link": "b"}


class RecordingContainer:
    """A container that records the modes of the files in an archive, and its links."""

    def put_archive(self, path: str, chunks: Iterator[bytes]) -> bool:
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            entries = archive.getmembers()
        self.modes = {entry.name: entry.mode for entry in entries}
        self.links = {entry.name: entry.linkname for entry in entries if entry.linkname}
        return True


def test_stream_reads_across_chunks() -> None:
    stream = TarStream(iter([b"ab", b"", b"cdef"]))
    assert (stream.read(3), stream.read(9), stream.read(1)) == (b"abc", b"def", b"")


class Holes:
    """A container whose file has so many bytes, all of them zeros."""

    def __init__(self, size: int) -> None:
        entry = tarfile.TarInfo("marker")
        entry.size = size
        self.parts = [entry.tobuf(), *[bytes(65_536)] * (size // 65_536), bytes(1024)]
        self.sent = 0

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        def send() -> Iterator[bytes]:
            for part in self.parts:
                self.sent += len(part)
                yield part

        return send(), {}


def test_of_a_huge_file_no_more_is_received_than_is_read() -> None:
    """A candidate may have put it where the platform looks for a marker or a setting."""
    huge = Holes(64 * tar_stream.MAX_FILE_BYTES)
    content = tar_stream.read_file(cast("Any", huge), "/home/marker")
    assert content == bytes(tar_stream.MAX_FILE_BYTES)
    assert huge.sent < 2 * tar_stream.MAX_FILE_BYTES
    small = Holes(65_536)
    assert tar_stream.read_file(cast("Any", small), "/home/marker") == bytes(65_536)
    assert small.sent == sum(map(len, small.parts))
