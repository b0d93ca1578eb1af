"""Zip files as uploads, and what is read of them."""

import io
import zipfile
from collections.abc import Iterable
from typing import IO

import pytest

from interviews.challenges import uploads
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.uploads import InvalidUploadError

README = {"README.md": b"# Task\n"}


def read_zip(file: IO[bytes]) -> StartingFiles:
    return uploads.read_zip(file).files


def read_files(files: Iterable[tuple[str, IO[bytes]]]) -> StartingFiles:
    return uploads.read_files(files).files


def zipped(
    files: dict[str, bytes] | list[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_DEFLATED,
    mode: int = 0,
) -> io.BytesIO:
    """Make an archive; a list may repeat an entry. `mode` is the mode of the entry "odd"."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if name.endswith("odd"):
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return made


def patched(made: io.BytesIO, old: bytes, new: bytes) -> io.BytesIO:
    """Overwrite a name in the archive with one that zipfile would not write."""
    assert len(old) == len(new)
    assert made.getvalue().count(old) == 2
    return io.BytesIO(made.getvalue().replace(old, new))


def refusal(file: io.BytesIO) -> str:
    with pytest.raises(InvalidUploadError) as caught:
        read_zip(file)
    return str(caught.value)
