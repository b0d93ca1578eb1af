"""What a fuzzer calls with bytes: everything that reads input from outside, and what must hold.

A target returns, whatever it is given; an exception that the called function does not document, or
a broken promise, is a find. `make fuzz` runs them for an hour, `test_targets.py` for a moment.
"""

import csv
import gzip
import io
import json
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from interviews.challenges.storage import MAX_FILE_BYTES
from interviews.challenges.uploads import InvalidUploadError, read_zip
from interviews.local_time import (
    AmbiguousTimeError,
    InvalidLocalTimeError,
    find_zone,
    local_to_utc,
)
from interviews.pagination.cursors import InvalidCursorError, decode_cursor, encode_cursor
from operations.bulk_import.csv_file import (
    FORMULA_START,
    UnreadableFileError,
    parse_csv,
    write_csv,
)
from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.local.unpack import DamagedArchiveError, unpack_archive
from operations.sse.subscription import parse_cursor, read_entry
from operations.webhooks.address_check import SendError, check_url

Target = Callable[[bytes], None]


def fuzz_upload(data: bytes) -> None:
    """A zip of a challenge: its files stay inside, and are bounded."""
    for part in (False, True):
        with suppress(InvalidUploadError):
            for path, content in read_zip(io.BytesIO(data), part=part).files.items():
                pure = PurePosixPath(path)
                assert not pure.is_absolute(), path
                assert ".." not in pure.parts, path
                assert "\0" not in path, path
                assert len(content) <= MAX_FILE_BYTES


def fuzz_archive(data: bytes) -> None:
    """Saved files, packed or not: nothing is written or linked outside of the workspace."""
    for content in (data, gzip.compress(data, 0)):
        root = Path(tempfile.mkdtemp(prefix="fuzz-"))
        try:
            folder, archive = root / "workspace", root / "files.tar.gz"
            folder.mkdir()
            archive.write_bytes(content)
            with suppress(DamagedArchiveError, ArchiveTooLargeError):
                unpack_archive(folder, archive, lambda _: None)
            assert {path.name for path in root.iterdir()} == {"workspace", "files.tar.gz"}
            for path in folder.rglob("*"):
                assert path.resolve().is_relative_to(folder.resolve()), path
        finally:
            shutil.rmtree(root, ignore_errors=True)


def fuzz_csv(data: bytes) -> None:
    """A table of candidates: read or refused, and written back without a formula."""
    with suppress(UnreadableFileError):
        table = parse_csv(data, lambda name: name.strip().casefold() in ("name", "email"))
        cells = [record.cells for record in table.records]
        written = b"".join(write_csv([table.head, *cells])).decode("utf-8-sig")
        for row in csv.reader(io.StringIO(written, newline="")):
            assert not any(FORMULA_START.search(cell) for cell in row), row


def fuzz_wall_clock(data: bytes) -> None:
    """A local time and a zone: the instant is that time in that zone, or there is an error."""
    local, _, zone = data.decode("utf-8", "replace").partition(" ")
    for second in (None, False, True):
        with suppress(InvalidLocalTimeError, AmbiguousTimeError):
            at = local_to_utc(local, zone, second)
            shown = at.astimezone(ZoneInfo(find_zone(zone) or "")).replace(tzinfo=None, fold=0)
            assert shown == datetime.fromisoformat(local).replace(microsecond=0, fold=0)


def fuzz_cursor(data: bytes) -> None:
    """The cursor of a list: what can be decoded can be encoded again."""
    with suppress(InvalidCursorError):
        value = decode_cursor(data.decode("utf-8", "replace"))
        assert json.dumps(decode_cursor(encode_cursor(value))) == json.dumps(value)


def fuzz_event_id(data: bytes) -> None:
    """The id of an event from a browser, and an entry of the stream."""
    text = data.decode("latin-1")
    if cursor := parse_cursor(text):
        first, _, last = text.partition("-")
        assert cursor == (int(first), int(last))
    name, _, content = data.partition(b"\n")
    with suppress(ValueError, KeyError):
        event = read_entry(b"1-1", {b"name": name, b"data": content, b"interviewId": b"takehome-1"})
        assert event.frame.count(b"\n\n") == 1


def fuzz_webhook_url(data: bytes) -> None:
    """An address to send to: refused, or one of http without credentials."""
    with suppress(SendError):
        host, port = check_url(data.decode("utf-8", "replace"))
        assert host
        assert 0 < port < 65536


TARGETS: dict[str, Target] = {
    name.removeprefix("fuzz_"): function
    for name, function in list(globals().items())
    if name.startswith("fuzz_")
}


def seeds(name: str) -> list[bytes]:
    """Valid input, from which a fuzzer starts."""
    return {
        "upload": [_zip({"README.md": b"# Task\n", "a/b.py": b"print(1)\n"}), _zip({})],
        "archive": [_tar({"top/README.md": b"# Task\n", "top/a/b.py": b""}), _tar({})],
        "csv": [b"name,email\nAda,ada@example.com\n", "Name;E-Mail\r\nZoë;\r\n".encode("cp1252")],
        "wall_clock": [b"2026-03-29T02:30 Europe/Berlin", b"2026-10-25T02:30 Europe/Berlin"],
        "cursor": [encode_cursor({"a": ["2026-01-01", "takehome-1"]}).encode()],
        "event_id": [b"1700000000000-0", b'interview\n{"interviewId":"takehome-1"}'],
        "webhook_url": [b"https://example.com:8443/hook?x=1", b"http://[::1]/"],
    }[name]


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
