"""A look at a workspace's files: what it lists, and what it reads."""

import os
import socket
import stat
import threading
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

from operations.provisioners import file_look
from operations.provisioners.file_look import (
    SeenFile,
    TooManyFilesError,
    Unread,
    look_at_folder,
)
from operations.provisioners.look_stream import relevant_paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def write(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def look(folder: Path, since_ns: int = 0, starting: Iterable[str] = ()) -> dict[bytes, SeenFile]:
    found = look_at_folder(str(folder), since_ns, list(starting))
    return {file.path: file for file in found.files}


def test_a_first_look_reads_names_in_any_bytes_modes_and_links(folder: Path) -> None:
    write(folder / "run.sh", b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    odd = b"a\nb/caf\xe9 '\"$(id).txt"
    write(Path(os.fsdecode(os.fsencode(folder) + b"/" + odd)), b"latin")
    (folder / "link").symlink_to("/etc/passwd")
    found = look(folder)
    assert set(found) == {b"run.sh", odd, b"link"}
    assert (found[b"run.sh"].content, found[b"run.sh"].mode) == (b"#!/bin/sh\n", 0o755)
    assert found[odd].content == b"latin"
    link = found[b"link"]
    assert (link.is_link, link.target, link.content) == (True, b"/etc/passwd", None)


def test_a_later_look_reads_only_what_changed_since(folder: Path) -> None:
    for name in ("old", "same-size-and-time", "moved"):
        write(folder / name)
    first = look(folder)
    changed_at = max(file.ctime_ns for file in first.values()) + 1
    # Later than the margin, so that the first writes do not count.
    since = changed_at + file_look.CLOCK_MARGIN_NS
    assert all(file.content is None for file in look(folder, since).values())
    assert {file.inode for file in look(folder, since).values()} == {
        file.inode for file in first.values()
    }
    path = folder / "same-size-and-time"
    before = path.stat()
    path.write_bytes(b"y")
    # What a program can set back, it sets back.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = look(folder, path.stat().st_ctime_ns + file_look.CLOCK_MARGIN_NS)
    assert found[b"same-size-and-time"].content == b"y"
    assert found[b"same-size-and-time"].mtime_ns == before.st_mtime_ns


def test_it_leaves_out_what_an_export_leaves_out(folder: Path) -> None:
    for name in ("package.json", "node_modules/a/x.js", "build/mine", "kept/.cache/x", ".git/HEAD"):
        write(folder / name)
    paths = set(look(folder, starting=["kept/.cache/x"]))
    assert paths == {b"package.json", b"build/mine", b"kept/.cache/x", b".git/HEAD"}
    # What a container is told is enough for the same decision.
    assert relevant_paths(["kept/.cache/x", "src/main.py"]) == ["kept/.cache/x"]


def test_pipes_and_sockets_neither_hold_it_up_nor_are_listed(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
        write(folder / "file")
        assert set(look(folder)) == {b"file"}


def test_a_large_file_is_listed_with_its_size_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_look, "MAX_FILE_BYTES", 10)
    write(folder / "large", bytes(11))
    write(folder / "small", bytes(10))
    found = look(folder)
    large = found[b"large"]
    assert (large.size, large.content, large.unread) == (11, None, Unread.LARGE)
    assert found[b"small"].content == bytes(10)


def test_a_look_that_has_read_enough_leaves_the_rest_to_the_next_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_look, "MAX_READ_BYTES", 15)
    for number in range(3):
        write(folder / str(number), bytes(10))
    found = look(folder).values()
    assert sorted(str(file.unread) for file in found) == ["None", "later", "later"]


@pytest.mark.parametrize("room", [0, 10])
def test_known_files_come_last_and_are_never_left_to_the_next_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    for name in ("known", "sub/known"):
        write(folder / name, bytes(10))
    known = [(file.inode, file.ctime_ns, file.size) for file in look(folder).values()]
    for number in range(5):
        write(folder / str(number), bytes(10))
    monkeypatch.setattr(file_look, "MAX_READ_BYTES", 50 + room)
    found = {file.path: file for file in look_at_folder(str(folder), 0, [], known).files}
    assert len(found) == 7
    assert {file.unread for file in found.values()} == {None}
    unread = {path for path, file in found.items() if file.content is None}
    assert len(unread) == 2 - room // 10
    assert unread <= {b"known", b"sub/known"}


def test_a_file_that_is_written_while_it_is_read_is_left_to_the_next_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "file", b"before")
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        (folder / "file").write_bytes(b"written meanwhile")
        return status

    monkeypatch.setattr("operations.provisioners.file_look.os.fstat", fstat)
    seen = look(folder)[b"file"]
    assert (seen.content, seen.unread) == (None, Unread.TORN)


def test_files_that_change_and_vanish_do_not_end_it(folder: Path) -> None:
    for number in range(300):
        write(folder / f"{number % 7}" / str(number), b"0")
    is_over = threading.Event()

    def change() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            path = folder / f"{number % 7}" / str(number % 300)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(bytes(number % 5000))
            if number % 3 == 0:
                path.unlink()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(20):
            for seen in look(folder).values():
                assert seen.content is None or len(seen.content) == seen.size
    finally:
        is_over.set()
        thread.join()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_listed(folder: Path) -> None:
    write(folder / "secret")
    (folder / "secret").chmod(0)
    assert look(folder)[b"secret"].unread is Unread.UNREADABLE


def test_folders_without_end_are_read_to_a_depth(folder: Path) -> None:
    deep = folder
    for _ in range(file_look.MAX_DEPTH + 20):
        deep = deep / "d"
        deep.mkdir()
        (deep / "f").touch()
    before = psutil.Process().num_fds()
    assert len(look(folder)) == file_look.MAX_DEPTH
    assert psutil.Process().num_fds() == before


def test_too_many_files_are_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_look, "MAX_ENTRIES", 2)
    for number in range(3):
        write(folder / str(number))
    with pytest.raises(TooManyFilesError):
        look(folder)


def test_a_link_instead_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OSError):
        look(tmp_path / "link")


def test_modes_are_plain(folder: Path) -> None:
    write(folder / "a")
    (folder / "a").chmod(0o4755)
    assert look(folder)[b"a"].mode == stat.S_IMODE(0o755)
