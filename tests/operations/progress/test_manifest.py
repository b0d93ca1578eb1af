"""The stored list of files, and the lines of texts."""

import zlib

import pytest

from operations.progress.lines import changed_lines, count_lines
from operations.progress.manifest import KeptContent, KeptFile, Manifest
from operations.progress.manifest_store import (
    BrokenManifestError,
    from_bytes,
    read_manifest,
    to_bytes,
)
from operations.progress.packs import BrokenPackError, PackWriter, read_content

FILE = KeptFile(b"caf\xe9", False, 0o755, 3, 1, 2**61, 2**63 - 1, sha256="ab")
LINK = KeptFile(b"link", True, 0o777, 0, 1, 2, 3, b"/\xff")


def test_a_list_is_read_as_it_was_written() -> None:
    content = KeptContent("progress/1/1.pack", 5, 6, 7, None)
    manifest = Manifest({FILE.path: FILE, LINK.path: LINK}, {"ab": content})
    assert from_bytes(to_bytes(manifest), "a", read_manifest) == manifest


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", zlib.compress(b"[]"), zlib.compress(b'{"packs": [], "files": [[1]]}')],
)
def test_a_damaged_list_is_an_error(data: bytes) -> None:
    with pytest.raises(BrokenManifestError):
        from_bytes(data, "a", read_manifest)


def test_a_missing_list_is_an_error() -> None:
    with pytest.raises(BrokenManifestError):
        read_manifest("progress/none")


def test_a_damaged_content_is_an_error(files) -> None:
    with PackWriter("progress/1/1.pack") as pack:
        kept = pack.add(b"content" * 100)
        pack.store()
    sha256 = "1e2e4b5e"
    with pytest.raises(BrokenPackError):
        read_content(kept, sha256)
    (files / "progress/1/1.pack").write_bytes(b"\0" * kept.packed)
    with pytest.raises(BrokenPackError):
        read_content(kept, sha256)
    (files / "progress/1/1.pack").unlink()
    with pytest.raises(BrokenPackError):
        read_content(kept, sha256)


@pytest.mark.parametrize(
    ("content", "lines"),
    [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\n\n", 2), (b"a\nb", 2), (b"a\0\n", None)],
)
def test_lines_are_counted_like_git_does(content: bytes, lines: int | None) -> None:
    assert count_lines(content) == lines


def test_changed_lines() -> None:
    assert changed_lines(b"a\nb\nc\n", b"a\nB\nc\nd\n") == (2, 1)
    assert changed_lines(b"", b"a\nb\n") == (2, 0)
    assert changed_lines(b"a\0", b"b\nc\n") == (0, 0)
    # A long text is compared by which lines it has.
    old = b"".join(b"%d\n" % number for number in range(20_000))
    assert changed_lines(old, old.replace(b"\n777\n", b"\nseven\nmore\n")) == (2, 1)
