"""Uploads that are read: their files, modes and names."""

import io
import stat
import unicodedata
import zipfile

import pytest

from interviews.challenges import uploads
from tests.interviews.challenges.uploads.zips import (
    README,
    patched,
    read_files,
    read_zip,
    refusal,
    zipped,
)


def test_zip_is_read() -> None:
    files = README | {"src/main.py": b"print(1)\n", "data/empty.txt": b"", "a b'$(id).bin": b"\0"}
    assert read_zip(zipped(files)) == files


def test_single_top_folder_is_removed_once() -> None:
    files = README | {"src/main.py": b"1"}
    assert read_zip(zipped({f"task/{path}": text for path, text in files.items()})) == files
    assert refusal(zipped({"a/b/README.md": b"x"})) == (
        "There's no README.md with the task at the top of the upload. Move b/README.md to the top."
    )


def zip_entry(name: str, mode: int, system: int = uploads.CREATED_ON_UNIX) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = system
    # Without a mode zipfile would write 0600, unless another attribute is set: DOS's "archive".
    info.external_attr = (stat.S_IFREG | mode) << 16 if mode else 0x20
    return info


def executable(*entries: tuple[zipfile.ZipInfo, bytes]) -> set[str]:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zip_entry("top/README.md", 0o644), b"x")
        for info, content in entries:
            archive.writestr(info, content)
    return set(read_zip(made).executable)


def test_owners_execute_bit_of_a_unix_zip_counts_and_not_the_content() -> None:
    assert executable(
        (zip_entry("top/run.sh", 0o755), b"#!/bin/sh\n"),
        (zip_entry("top/bin/tool", 0o700), b"\x7fELF"),
        (zip_entry("top/example.sh", 0o644), b"#!/bin/sh\n"),
        (zip_entry("top/odd", 0o611), b"x"),
    ) == {"run.sh", "bin/tool"}


@pytest.mark.parametrize("info", [zip_entry("top/run.sh", 0), zip_entry("top/run.sh", 0o644, 0)])
def test_shebang_counts_in_a_zip_without_modes(info: zipfile.ZipInfo) -> None:
    plain = zip_entry("top/notes.txt", 0)
    assert executable((info, b"#!/bin/sh\n"), (plain, b" #!")) == {"run.sh"}


def test_shebang_counts_in_single_files() -> None:
    files = read_files(
        [(name, io.BytesIO(text)) for name, text in (README | {"run.sh": b"#!/bin/sh\n"}).items()]
    )
    assert files.executable == {"run.sh"}


def test_files_of_other_tools_are_ignored() -> None:
    left = {
        "task/.DS_Store": b"x",
        "task/src/Thumbs.db": b"x",
        "task/.git/config": b"x",
        "__MACOSX/task/._README.md": b"x",
        "task/.gitignore": b"node_modules\n",
        "task/README.md": b"x",
    }
    assert read_zip(zipped(left)) == {".gitignore": b"node_modules\n", "README.md": b"x"}


@pytest.mark.parametrize(
    "name", ["解答.py", "решение/ответ.txt", "עברית.md", "naïve.txt", "🦊.txt"]
)
def test_names_in_any_script_are_kept(name: str) -> None:
    assert set(read_zip(zipped(README | {name: b"x"}))) == {"README.md", name}


def test_names_are_normalized() -> None:
    name = "näıve/é.txt"
    apart = unicodedata.normalize("NFD", name)
    assert apart != name
    assert set(read_zip(zipped(README | {apart: b"x"}))) == {"README.md", name}
    assert set(read_files([("README.md", io.BytesIO(b"x")), (apart, io.BytesIO())])) == {
        "README.md",
        name,
    }


def test_names_of_macos_are_read_as_utf_8() -> None:
    made = patched(zipped(README | {"x" * 12: b"x"}), b"x" * 12, "ответ.".encode() + b"t")
    assert set(read_zip(made)) == {"README.md", "ответ.t"}


def test_names_of_old_tools_are_read_as_cp437() -> None:
    made = patched(zipped(README | {"caf#.txt": b"x"}), b"caf#.txt", b"caf\x82.txt")
    assert set(read_zip(made)) == {"README.md", "café.txt"}
