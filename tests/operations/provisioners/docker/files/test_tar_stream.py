"""Files to and from a container as tar streams."""

import io
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.tar_stream import TarStream


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


class RecordingContainer:
    """A container that records the modes of the files in an archive."""

    def put_archive(self, path: str, chunks: Iterator[bytes]) -> bool:
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            self.modes = {entry.name: entry.mode for entry in archive}
        return True


def test_stream_reads_across_chunks() -> None:
    stream = TarStream(iter([b"ab", b"", b"cdef"]))
    assert (stream.read(3), stream.read(9), stream.read(1)) == (b"abc", b"def", b"")
