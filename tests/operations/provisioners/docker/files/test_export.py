"""Packing the files of a container out of the engine's tar stream."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.provisioners.docker.files import export


class FakeContainer:
    """A container that returns one archive, in small chunks."""

    def __init__(self, content: bytes, mode: int = export.GO_MODE_DIR) -> None:
        self._content = content
        self._mode = mode
        self.requests = 0

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, int]]:
        self.requests += 1
        pieces = (self._content[at : at + 700] for at in range(0, len(self._content), 700))
        return pieces, {"mode": self._mode}


def made(*entries: tuple[str, bytes | None]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))
    return buffer.getvalue()


PROJECT = made(("project", None), ("project/a.txt", b"a" * 3000), ("project/.cache/b", b"b"))


def test_export_packs_the_content_of_the_folder(tmp_path: Path) -> None:
    container: Any = FakeContainer(PROJECT)
    assert export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t") == [
        NotSaved(".cache", NotSavedReason.REGENERABLE, 1, 1)
    ]
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert archive.getnames() == ["t/a.txt", "t-not-saved.txt"]


@pytest.mark.parametrize(
    ("paths", "left_out", "requests"),
    [
        # Everything that was assumed is right: the folder is read once.
        (["node_modules/a/x", "package.json"], "node_modules (1 file, 1 B)", 1),
        ([".venv/bin/python", ".venv/pyvenv.cfg"], ".venv/bin (1 file, 1 B)", 1),
        (["Cargo.toml", "target/x"], "target (1 file, 1 B)", 1),
        (["dist/x", "target/x"], "", 1),
        # It is not, and the folder is read again.
        (["node_modules/a/x"], "", 2),
        ([".venv/bin/x"], "", 2),
        (["build/libs/x.jar", "build.gradle"], "build (1 file, 1 B)", 2),
        (["target/x", "target/CACHEDIR.TAG"], "target (2 files, 2 B)", 2),
        (["build/CMakeCache.txt", "build/CMakeLists.txt"], "", 2),
        (["Cargo.toml", "target/Cargo.toml", "target/x"], "", 2),
    ],
)
def test_evidence_counts_wherever_it_is_in_the_stream(
    paths: list[str], left_out: str, requests: int, tmp_path: Path
) -> None:
    container: Any = FakeContainer(made(("p", None), *((f"p/{path}", b"x") for path in paths)))
    found = export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert (", ".join(map(str, found)), container.requests) == (left_out, requests)
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        names = set(archive.getnames()) - {"t-not-saved.txt"}
    folder = left_out.partition(" ")[0] or "-"
    assert names == {f"t/{path}" for path in paths if not path.startswith(f"{folder}/")}


def test_folder_with_starting_files_is_packed(tmp_path: Path) -> None:
    content = made(("p", None), ("p/pom.xml", b"x"), ("p/target/a", b"x"), ("p/target/b", b"x"))
    container: Any = FakeContainer(content)
    assert export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t", ["target/a"]) == []
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert archive.getnames() == ["t/pom.xml", "t/target/a", "t/target/b"]


def test_folder_that_would_be_too_large_is_left_out_on_late_evidence(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(export, "MAX_UNPACKED_BYTES", 2**20)
    content = made(("p", None), ("p/build/x.jar", bytes(2**21)), ("p/build.gradle", b"x"))
    container: Any = FakeContainer(content)
    [left_out] = export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert str(left_out) == "build (1 file, 2.0 MB)"


def test_folder_too_deep_for_the_engine_is_listed_once_a_branch(tmp_path: Path) -> None:
    short, deep = ("p/" + "/".join(["d" * 200] * count) for count in (17, 18))
    content = made(
        ("p", None), (short, None), (deep, None), (f"{deep}/e", None), (f"{deep}/f", b"")
    )
    container: Any = FakeContainer(content)
    [listed] = export.pack_container(container, "/home/coder/p", tmp_path / "x.tar.gz", "t")
    assert (listed.path, listed.reason) == (deep[2:], NotSavedReason.UNREADABLE)
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert f"t/{deep[2:]}/f" in archive.getnames()


@pytest.mark.parametrize("length", [600, 1536, 4608, len(PROJECT.rstrip(b"\0"))])
def test_cut_off_stream_is_an_error_and_leaves_no_archive(tmp_path: Path, length: int) -> None:
    assert length < len(PROJECT)
    container: Any = FakeContainer(PROJECT[:length])
    with pytest.raises(tarfile.ReadError):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert list(tmp_path.iterdir()) == []


def test_link_instead_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    container: Any = FakeContainer(PROJECT, mode=1 << 27)
    with pytest.raises(NotADirectoryError):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")


def test_too_large_error_names_the_total_size(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "MAX_UNPACKED_BYTES", 2**20)
    big = made(("p", None), *((f"p/{n}", bytes(2**19)) for n in range(6)))
    container: Any = FakeContainer(big)
    with pytest.raises(ArchiveTooLargeError, match=r"^3\.0 MB of files don't fit"):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")


class SparseFileContainer(FakeContainer):
    """A container with one file that claims this size and is streamed as endless zeros."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(b"")
        info = tarfile.TarInfo(name)
        info.size = size
        self._head = made(("p", None))[:512] + info.tobuf(tarfile.GNU_FORMAT)
        self.read = 0

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, int]]:
        return self._stream(), {"mode": export.GO_MODE_DIR}

    def _stream(self) -> Iterator[bytes]:
        yield self._head
        while self.read < 2**24:
            self.read += 2**20
            yield bytes(2**20)


@pytest.mark.parametrize("name", ["p/disk.img", "p/target/disk.img"])
def test_sparse_file_is_not_read(name: str, tmp_path: Path) -> None:
    container: Any = SparseFileContainer(name, 16 * 2**40)
    with pytest.raises(ArchiveTooLargeError, match=f"the largest: '{name[2:]}' 16777216.0 MB"):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert container.read <= 2**20
    assert list(tmp_path.iterdir()) == []


def test_too_many_names_are_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "MAX_NAME_BYTES", 2000)
    container: Any = FakeContainer(made(("p", None), *((f"p/{n}", b"") for n in range(15))))
    assert export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t") == []
    container = FakeContainer(made(("p", None), *((f"p/{n}", b"") for n in range(25))))
    with pytest.raises(ArchiveTooLargeError, match=r"^There are too many files"):
        export.pack_container(container, "/p", tmp_path / "y.tar.gz", "t")


def test_list_of_left_out_folders_is_bounded(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "MAX_NAME_BYTES", 2000)
    # In the engine's stream their parents have an entry each, too.
    folders = [(f"p/{n}/.cache/x", b"") for n in range(25)]
    container: Any = FakeContainer(made(("p", None), *folders[:15]))
    assert len(export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")) == 15
    container = FakeContainer(made(("p", None), *folders))
    with pytest.raises(ArchiveTooLargeError, match=r"^There are too many files"):
        export.pack_container(container, "/p", tmp_path / "y.tar.gz", "t")
