"""A file is read from the access point before it, whichever version made the index."""

import gzip
import io
import random
import sqlite3
import struct
import zlib
from contextlib import closing
from itertools import pairwise

import indexed_gzip
import pytest

from operations.submissions import entries
from operations.submissions.entries import ArchiveScan
from operations.submissions.index import build_index
from operations.submissions.index.database import BrokenIndexError
from operations.submissions.submission import BrokenArchiveError, Submission
from tests.operations.submissions.archives import archive_of

NOISE = random.Random(1)
# Numbers are packed to half of their size, and by Huffman codes: points are within a byte, too.
LINES = 6_000
FILES = {
    f"f{number}": b"%d\n" * LINES % struct.unpack(f"{LINES}I", NOISE.randbytes(4 * LINES))
    for number in range(60)
}
ARCHIVE = archive_of(FILES)


@pytest.fixture
def stored(settings, tmp_path):
    """Call it with an archive: the path of its index, beside it in the file store."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }

    def make(archive=ARCHIVE):
        (tmp_path / "a.tar.gz").write_bytes(archive)
        index = tmp_path / "a.index"
        index.unlink(missing_ok=True)
        build_index(io.BytesIO(archive), index, None)
        return index

    return make


def change(index, *statements):
    with closing(sqlite3.connect(index)) as database:
        for statement, *values in statements:
            database.execute(statement, values)
        database.commit()


def contents(names=FILES):
    """The contents of these files, each read by a process that has read no other."""
    found = {}
    for name in names:
        with Submission.open("a.tar.gz", "a.index") as submission:
            file = submission.file(name.encode())
            found[name] = submission.content(file, file.size)
    return found


def points_of(index):
    with closing(sqlite3.connect(index)) as database:
        return database.execute("SELECT offset, bits, window FROM access_point").fetchall()


def test_each_file_is_read_from_the_point_before_it(stored):
    points = points_of(stored())
    assert len(points) > len(b"".join(FILES.values())) / entries.SPACING_BYTES - 2
    assert len({bits for _, bits, _ in points}) > 1
    assert contents() == FILES
    # All that another process may have read before makes no difference.
    names = [NOISE.choice(list(FILES)) for _ in range(100)]
    with Submission.open("a.tar.gz", "a.index") as submission:
        for name in names:
            file = submission.file(name.encode())
            assert submission.content(file, NOISE.randrange(file.size)) in FILES[name]
            assert b"".join(submission.chunks(file)) == FILES[name]


def test_no_window_but_that_of_the_point_is_read(stored):
    index = stored()
    with Submission.open("a.tar.gz", "a.index") as submission:
        place = submission.file(b"f40").offset
    change(index, ("UPDATE access_point SET window = x'00' WHERE offset > ?", place))
    change(
        index,
        (
            "UPDATE access_point SET window = x'00' WHERE offset <"
            " (SELECT max(offset) FROM access_point WHERE offset <= ?)",
            place,
        ),
    )
    assert contents(["f40"])["f40"] == FILES["f40"]
    with Submission.open("a.tar.gz", "a.index") as submission:
        near, far = map(submission.file, (b"f40", b"f59"))
        submission.content(near, near.size)
        # From the point of the other file it could be read, slowly.
        with pytest.raises(BrokenIndexError):
            submission.content(far, far.size)


def test_windows_are_packed(stored):
    packed = sum(len(window) for *_, window in points_of(stored()) if window)
    assert packed < len(ARCHIVE) / 12


def test_streams_one_after_the_other_are_read(stored):
    tar = gzip.decompress(ARCHIVE)
    cuts = [0, 5, 700_000, 700_000, 2_000_003, len(tar)]
    parts = [gzip.compress(tar[a:b]) for a, b in pairwise(cuts)]
    index = stored(b"".join(parts))
    assert None in [window for *_, window in points_of(index)]
    assert contents() == FILES


def test_index_of_an_earlier_version_is_read(stored):
    index = stored()
    scan = ArchiveScan(io.BytesIO(ARCHIVE))
    list(scan.entries())
    exported = index.with_name("points")
    scan.export_gzip_index(exported)
    change(
        index,
        ("DROP TABLE access_point",),
        ("UPDATE gzip_index SET data = ?", exported.read_bytes()),
    )
    assert contents() == FILES


def test_earlier_version_reads_the_index(stored):
    """While releases run beside each other, and after a release is taken back."""
    index = stored()
    with closing(sqlite3.connect(index)) as database:
        (exported,) = database.execute("SELECT data FROM gzip_index").fetchone()
    with Submission.open("a.tar.gz", "a.index") as submission:
        file = submission.file(b"f40")
    with indexed_gzip.IndexedGzipFile(fileobj=io.BytesIO(ARCHIVE)) as opened:
        opened.import_index(fileobj=io.BytesIO(exported))
        opened.seek(file.offset)
        assert opened.read(file.size) == FILES["f40"]


WINDOWS = {
    "empty": b"",
    "no zlib": b"no zlib",
    "short": zlib.compress(b"x" * 32_767),
    "long": zlib.compress(b"x" * 32_769),
    "a bomb": zlib.compress(b"x" * 2**26),
    "cut off": zlib.compress(b"x" * 32_768)[:-1],
}


@pytest.mark.parametrize("window", WINDOWS)
def test_damaged_window_is_a_damaged_index(stored, window):
    change(stored(), ("UPDATE access_point SET window = ?", WINDOWS[window]))
    with pytest.raises(BrokenIndexError):
        contents(["f40"])


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE access_point SET packed_offset = -1",
        "UPDATE access_point SET bits = 256",
        "UPDATE access_point SET bits = 'x'",
        "UPDATE access_point SET window = 'x'",
        "UPDATE gzip_index SET data = x''",
        "UPDATE gzip_index SET data = substr(data, 1, 34)",
        "UPDATE gzip_index SET data = x'00' || substr(data, 2)",
        "UPDATE gzip_index SET data = substr(data, 1, 31) || x'ffffffff'",
        "UPDATE gzip_index SET data = 7",
        "DELETE FROM gzip_index",
        "DROP TABLE access_point",
    ],
)
def test_damaged_points_are_a_damaged_index(stored, damage):
    """It is made again; the archive would be told to be damaged, which it is not."""
    change(stored(), (damage,))
    with pytest.raises(BrokenIndexError):
        contents(["f40"])


@pytest.mark.parametrize(
    "damage",
    [
        "bits = 200",
        "bits = bits + 1",
        "packed_offset = packed_offset + 1",
        "packed_offset = 0",
        f"packed_offset = {len(ARCHIVE)}",
        f"packed_offset = {2**62}",
        f"packed_offset = {2**63 - 1}",
        "window = NULL",
    ],
)
def test_points_of_another_archive_are_found_out(stored, damage):
    change(stored(), (f"UPDATE access_point SET {damage}",))
    with pytest.raises(BrokenArchiveError):
        contents(["f40"])


def test_index_of_a_small_archive_has_no_points(stored):
    index = stored(archive_of({"a.py": b"1", "b.py": b"2"}))
    assert points_of(index) == []
    assert contents(["a.py", "b.py"]) == {"a.py": b"1", "b.py": b"2"}
