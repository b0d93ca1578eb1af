"""Any upload is refused, or safe."""

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.challenges import uploads
from interviews.challenges.uploads import InvalidUploadError
from interviews.challenges.zip_names import NameEncoding
from tests.interviews.challenges.uploads.zips import README, read_zip, zipped
from tests.interviews.challenges.zips import FAT, UNIX, UTF_8_FLAG, Entry, raw_zip, unicode_path

SEGMENTS = st.sampled_from(
    ["a", "B", "b", "..", ".", "", "README.md", "readme.md", ".git", "é", "e\u0301", "\u202e",
     "C:", "x y", "__MACOSX", "解", "\t", "n" * 300]
)  # fmt: skip
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(st.tuples(PATHS, st.binary(max_size=40)), max_size=8)


def assert_a_challenge(files: Mapping[str, bytes]) -> None:
    """Assert that the accepted files can be written safely on any file system."""
    keys = set()
    for path in files:
        assert not path.startswith("/")
        assert {"", ".", "..", ".git", "__MACOSX"}.isdisjoint(path.split("/"))
        assert path == unicodedata.normalize("NFC", path)
        assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, path))
        assert "\u202e" not in path
        keys.add(unicodedata.normalize("NFC", path.casefold()))
    assert len(keys) == len(files)
    assert not any(str(parent) in files for path in files for parent in PurePosixPath(path).parents)
    assert "README.md" in files


@settings(max_examples=150, deadline=None)
@given(ENTRIES)
def test_any_archive_is_refused_or_safe(entries: list[tuple[str, bytes]]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in dict(entries).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    try:
        files = read_zip(made)
    except InvalidUploadError:
        return
    assert_a_challenge(files)


RAW_NAMES = st.lists(
    st.sampled_from(
        [b"..", b".", b"a", b"\\", b"/", b"\x95\x5c", b"\x8d\xe2", b"\xd1\x82", b"C:", b".git"]
    )
    | st.binary(max_size=3),
    min_size=1,
    max_size=6,
).map(b"".join)
RAW_ENTRIES = st.builds(
    Entry,
    RAW_NAMES,
    flags=st.sampled_from([0, UTF_8_FLAG]),
    system=st.sampled_from([FAT, UNIX]),
    extra=st.just(b"") | RAW_NAMES.map(lambda name: unicode_path("../x", name)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RAW_ENTRIES, max_size=4), st.none() | st.sampled_from(NameEncoding))
def test_any_bytes_as_names_are_refused_or_safe(
    entries: list[Entry], encoding: NameEncoding | None
) -> None:
    archive = raw_zip(Entry(b"README.md"), *entries)
    try:
        files = uploads.read_zip(archive, name_encoding=encoding).files
    except InvalidUploadError:
        return
    assert_a_challenge(files)


WHOLE = zipped(README | {"src/main.py": b"print(1)\n" * 20, "data/x.bin": bytes(300)}).getvalue()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6))
def test_any_damage_is_refused_or_safe(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(WHOLE)
    for place, value in changes:
        raw[place] = value
    try:
        files = read_zip(io.BytesIO(raw))
    except InvalidUploadError:
        return
    assert_a_challenge(files)
