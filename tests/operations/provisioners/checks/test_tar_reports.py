"""What a container sends as its report is read within limits, whatever a submission made of it."""

import tarfile
from collections.abc import Iterator

import pytest

from operations.provisioners.checks.base import RunAbandonedError
from operations.provisioners.checks.tar_reports import ReportLimits, read_tar_reports

LIMITS = ReportLimits(report_bytes=2_000, report_files=2, all_bytes=8_000, entries=6)
FOLDER = ("report.xml/", None)


class Sent:
    """An archive that is made while it is read, as an engine does; `size` is what was taken."""

    def __init__(self, *entries: tuple[str, int | None]) -> None:
        self._entries = entries
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks():
            self.size += len(chunk)
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        for name, size in self._entries:
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if size is None else tarfile.REGTYPE
            info.size = size or 0
            header = info.tobuf(tarfile.GNU_FORMAT)
            for at in range(0, len(header), tarfile.BLOCKSIZE):
                yield header[at : at + tarfile.BLOCKSIZE]
            padded = -(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
            for at in range(0, padded, tarfile.BLOCKSIZE):
                yield bytes(min(tarfile.BLOCKSIZE, padded - at))
        yield bytes(tarfile.RECORDSIZE)


def read(sent: Sent, limits: ReportLimits = LIMITS) -> tuple[tuple[bytes, ...], bool]:
    return read_tar_reports(iter(sent), lambda: False, limits)


def test_a_file_or_the_files_of_a_folder_are_read() -> None:
    assert read(Sent(("report.xml", 3))) == ((bytes(3),), False)
    folder = Sent(FOLDER, ("report.xml/a.xml", 2), ("report.xml/a.txt", 2_500))
    assert read(folder) == ((bytes(2),), False)


@pytest.mark.parametrize(
    "name", ["report.xml/a", "report.xml/deep/a.xml", "report.xml/a.xml", "report.xml"]
)
def test_nothing_of_a_file_of_gigabytes_is_received(name: str) -> None:
    """Sparse files are sent as zeros."""
    sent = Sent(FOLDER, (name, 2**36))
    assert read(sent) == ((), True)
    # The archive is read ahead by a record.
    assert sent.size <= 2 * tarfile.RECORDSIZE


def test_what_is_skipped_counts_too() -> None:
    sent = Sent(FOLDER, *((f"report.xml/{n}.txt", 2_500) for n in range(4)))
    assert read(sent) == ((), True)
    assert read(Sent(FOLDER, *((f"report.xml/{n}.txt", 2_500) for n in range(3)))) == ((), False)


def test_a_report_that_is_too_large() -> None:
    assert read(Sent(FOLDER, ("report.xml/a.xml", 1_000), ("report.xml/b.xml", 1_000)))[1] is False
    assert read(Sent(FOLDER, ("report.xml/a.xml", 1_000), ("report.xml/b.xml", 1_001)))[1] is True


def test_too_many_files() -> None:
    assert read(Sent(FOLDER, *((f"report.xml/{n}.xml", 1) for n in range(2))))[1] is False
    assert read(Sent(FOLDER, *((f"report.xml/{n}.xml", 1) for n in range(3))))[1] is True


def test_too_many_entries() -> None:
    assert read(Sent(FOLDER, *((f"report.xml/{n}", 0) for n in range(5))))[1] is False
    assert read(Sent(FOLDER, *((f"report.xml/{n}", 0) for n in range(6))))[1] is True


def test_long_names_are_bounded_too() -> None:
    """A name is a part of the header, which has no size of its own."""
    sent = Sent(FOLDER, (f"report.xml/{'x' * 200_000}", 0))
    assert read(sent) == ((), True)
    assert sent.size < 100_000


def test_it_has_a_deadline() -> None:
    late = ReportLimits(seconds=0)
    assert read(Sent(("report.xml", 3)), late) == ((), True)


def test_it_stops_with_the_worker() -> None:
    sent = Sent(("report.xml", 1_000))
    with pytest.raises(RunAbandonedError):
        read_tar_reports(iter(sent), lambda: sent.size > tarfile.BLOCKSIZE)


def test_an_archive_that_is_cut_off_is_no_report() -> None:
    assert read_tar_reports(iter([b"no archive" * 100]), lambda: False) == ((), False)
