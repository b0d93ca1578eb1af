"""A look at a workspace's files as it travels from a container."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from operations.provisioners import file_look
from operations.provisioners.docker.files.look import PROGRAM
from operations.provisioners.file_look import TooManyFilesError, look_at_folder
from operations.provisioners.look_stream import (
    look_arguments,
    read_look,
    write_look,
)
from tests.operations.provisioners.test_file_look import folder, look, write

__all__ = ["folder"]


def test_the_program_for_containers_needs_only_python(folder: Path) -> None:
    write(folder / "src/a.py", b"print(1)\n" * 1000)
    write(folder / ".cache/made")
    write(folder / "kept/.cache/x")
    # As many known ones as there may be, one of which is there.
    status = (folder / "src/a.py").stat()
    known = [(number, number, number) for number in range(file_look.MAX_ENTRIES)]
    known.append((status.st_ino, status.st_ctime_ns, status.st_size))
    arguments = look_arguments(str(folder), 0, ["kept/.cache/x"], known)
    assert max(map(len, arguments)) < 128 * 1024
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, *arguments]
    output = subprocess.run(command, capture_output=True, check=True, cwd="/").stdout
    travelled = read_look(io.BytesIO(output))
    assert {file.path: file for file in travelled.files} == look(folder, starting=["kept/.cache/x"])
    assert travelled.started_ns > 0


@pytest.mark.parametrize("missing", [1, 8, 21, 30])
def test_a_look_that_is_cut_off_is_an_error(folder: Path, missing: int) -> None:
    write(folder / "a", b"content")
    stream = io.BytesIO()
    write_look(lambda: look_at_folder(str(folder), 0, []), stream)
    contents: list[bytes | None] = []
    cut = read_look(io.BytesIO(stream.getvalue()[:-missing]))
    with pytest.raises(EOFError):
        contents.extend(file.content for file in cut.files)
    assert contents in ([], [b"content"]), "half a file is none"


@pytest.mark.parametrize("line", [b"[]\n", b'{"record": "start"}\n', b"{}\n", b"nonsense\n"])
def test_what_is_no_look_is_an_error(line: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_look(io.BytesIO(line))


def test_too_many_files_are_an_error_at_the_other_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_look, "MAX_ENTRIES", 2)
    for number in range(3):
        write(folder / str(number))
    stream = io.BytesIO()
    write_look(lambda: look_at_folder(str(folder), 0, []), stream)
    with pytest.raises(TooManyFilesError):
        list(read_look(io.BytesIO(stream.getvalue())).files)
