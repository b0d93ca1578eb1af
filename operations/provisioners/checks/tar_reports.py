"""Read a report from a container, which the engine sends as a tar archive, within limits.

The engine sends all of a folder, also what is no report, and the holes of a sparse file as zeros:
a file of no size on its disk can be one of terabytes here.
"""

import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from operations.provisioners.checks.base import (
    MAX_REPORT_BYTES,
    MAX_REPORT_FILES,
    RunAbandonedError,
)
from operations.provisioners.docker.files import tar_stream

# The headers of one entry, with the longest path that Linux allows, and its padding.
HEADER_BYTES = 8 * 1024


@dataclass(frozen=True)
class ReportLimits:
    """What is read at most: bytes and files of the report; bytes, entries and seconds of all."""

    report_bytes: int = MAX_REPORT_BYTES
    report_files: int = MAX_REPORT_FILES
    # Runners write other files beside theirs, such as a text for each XML of Maven.
    all_bytes: int = 4 * MAX_REPORT_BYTES
    entries: int = 4 * MAX_REPORT_FILES
    seconds: float = 60.0


class TooMuchError(Exception):
    """More was sent than is read."""


def read_tar_reports(
    chunks: Iterator[bytes],
    should_stop: Callable[[], bool],
    limits: ReportLimits = ReportLimits(),
) -> tuple[tuple[bytes, ...], bool]:
    """Return the content of a report's files, and whether they are too large to be read.

    Links are not followed, and no file of a folder in the folder is read.

    Raises:
        RunAbandonedError: once `should_stop` returns True.
    """
    try:
        stream = tar_stream.TarStream(_bounded(chunks, should_stop, limits))
        return tuple(_read_files(stream, limits)), False
    except TooMuchError:
        return (), True
    except tarfile.TarError:
        return (), False


def _read_files(stream: tar_stream.TarStream, limits: ReportLimits) -> Iterator[bytes]:
    report_left, all_left, files = limits.report_bytes, limits.all_bytes, 0
    with tar_stream.open_tar(stream) as archive:
        for number, entry in enumerate(archive):
            # Before anything of it is read: also what is skipped has to be received.
            all_left -= entry.size
            if all_left < 0 or number >= limits.entries:
                raise TooMuchError
            if not _is_report(entry):
                continue
            report_left -= entry.size
            files += 1
            if report_left < 0 or files > limits.report_files:
                raise TooMuchError
            file = archive.extractfile(entry)
            yield file.read() if file is not None else b""


def _is_report(entry: tarfile.TarInfo) -> bool:
    if not entry.isreg() or entry.name.count("/") > 1:
        return False
    return "/" not in entry.name or entry.name.endswith(".xml")


def _bounded(
    chunks: Iterator[bytes], should_stop: Callable[[], bool], limits: ReportLimits
) -> Iterator[bytes]:
    """The chunks, with a bound of their own: names and headers are no part of an entry's size."""
    deadline = time.monotonic() + limits.seconds
    left = limits.all_bytes + limits.entries * HEADER_BYTES
    for chunk in chunks:
        if should_stop():
            raise RunAbandonedError
        left -= len(chunk)
        if left < 0 or time.monotonic() >= deadline:
            raise TooMuchError
        yield chunk
