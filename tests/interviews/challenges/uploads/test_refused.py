"""Uploads that are refused, with the sentence that says why."""

import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from interviews.challenges import storage, uploads
from interviews.challenges.uploads import InvalidUploadError
from tests.interviews.challenges.uploads.zips import (
    README,
    patched,
    read_files,
    read_zip,
    refusal,
    zipped,
)
from tests.interviews.challenges.zips import UTF_8_FLAG, Entry, raw_zip, unicode_path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../outside.txt", "../outside.txt leads out of the folder."),
        ("src/../../x.txt", "src/../../x.txt leads out of the folder."),
        ("..", ".. leads out of the folder."),
        ("../.git/config", "../.git/config leads out of the folder."),
        ("/etc/passwd", "/etc/passwd is an absolute path. Use paths inside the archive."),
        ("C:/x.txt", "C:/x.txt is an absolute path. Use paths inside the archive."),
        ("a//b", "a//b isn't a valid path."),
        ("././a", "./a isn't a valid path."),
        (".//etc/passwd", "/etc/passwd is an absolute path. Use paths inside the archive."),
        ("./../x", "../x leads out of the folder."),
        ("a\u202etxt.exe", "a\\x202etxt.exe has an invisible character in its name."),
        ("a\nb", "a\\x0ab has an invisible character in its name."),
        ("x" * 256, f"The name {'x' * 77}… is too long."),
        ("d/" * 300 + "x", f"The name {('d/' * 300)[:77]}… is too long."),
    ],
)
def test_path_outside_the_folder_is_refused(name: str, sentence: str) -> None:
    assert refusal(zipped(README | {name: b"x"})) == sentence
    with pytest.raises(InvalidUploadError):
        read_files([("README.md", io.BytesIO(b"x")), (name, io.BytesIO(b"x"))])


@pytest.mark.parametrize(
    "char", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\x7f"
)
def test_character_that_hides_how_a_name_reads_is_refused(char: str) -> None:
    assert "has an invisible character in its name" in refusal(zipped(README | {f"a{char}b": b"x"}))


def test_backslash_is_refused() -> None:
    made = patched(zipped(README | {"a/b": b"x", "####": b"x"}), b"####", b"a\\.t")
    assert refusal(made) == "a\\.t has a backslash in its name."


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (b"..\\x", "../x leads out of the folder."),
        (b"a\\..\\..\\x", "a/../../x leads out of the folder."),
        (b"C:\\x", "C:/x is an absolute path. Use paths inside the archive."),
        (b"\\x", "/x is an absolute path. Use paths inside the archive."),
        (b"\\\\host\\x", "//host/x is an absolute path. Use paths inside the archive."),
        (b"..\\x\\", "../x leads out of the folder."),
    ],
)
@pytest.mark.parametrize("flags", [0, UTF_8_FLAG])
def test_path_outside_is_refused_after_backslashes_became_separators(
    name: bytes, sentence: str, flags: int
) -> None:
    made = raw_zip(Entry(b"README.md"), Entry("папка/ф".encode("cp866")), Entry(name, flags=flags))
    assert refusal(made) == sentence


def test_path_outside_is_refused_after_names_were_decoded() -> None:
    """The Unicode Path field may say another path than the name."""
    stored = "ответ".encode("cp866")
    made = raw_zip(Entry(b"README.md"), Entry(stored, extra=unicode_path("../../x", stored)))
    assert refusal(made) == "../../x leads out of the folder."


def test_zero_byte_in_a_name_is_refused() -> None:
    """Python would truncate the name there."""
    sentence = refusal(patched(zipped(README | {"a.txt#x": b"x"}), b"a.txt#x", b"a.txt\0x"))
    assert sentence == "a.txt\\x00x has an invisible character in its name."


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (stat.S_IFLNK | 0o777, "is a symbolic link"),
        (stat.S_IFCHR | 0o666, "isn't a regular file"),
        (stat.S_IFIFO | 0o666, "isn't a regular file"),
    ],
)
def test_links_and_devices_are_refused(mode: int, words: str) -> None:
    sentence = refusal(zipped(README | {"src/odd": b"/etc/passwd"}, mode=mode))
    assert sentence.startswith(f"src/odd {words}")


@pytest.mark.parametrize(
    ("byte", "bit"),
    [
        pytest.param(0, 0x01, id="the entry"),
        pytest.param(0, 0x40, id="strongly"),
        pytest.param(1, 0x20, id="the central directory"),
    ],
)
def test_encrypted_entry_is_refused(byte: int, bit: int) -> None:
    made = zipped(README | {"secret.txt": b"x"})
    raw = bytearray(made.getvalue())
    raw[raw.rindex(b"PK\x01\x02") + 8 + byte] |= bit
    sentence = refusal(io.BytesIO(raw))
    assert sentence == "secret.txt is encrypted. Upload it without a password."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unbounded_compression_method_is_refused(method: int) -> None:
    sentence = refusal(zipped(README, method=method))
    assert sentence.startswith("README.md uses a compression that isn't supported")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["a", "a"], "a is there twice."),
        (["src/A.py", "src/a.py"], "src/a.py and src/A.py are the same name on many computers. "),
        (["Straße", "STRASSE"], "STRASSE and Straße are the same name on many computers. "),
        (["é", "e\u0301"], "é is there twice."),
        (["a", "a/b"], "a is both a file and a folder."),
        (["a/b", "A"], "A is both a file and a folder."),
        (["a", "a/"], "a is both a file and a folder."),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_name_is_refused(names: list[str], sentence: str) -> None:
    entries = [("README.md", b"x"), *((name, b"") for name in names)]
    assert refusal(zipped(entries)).startswith(sentence)


def test_folders_may_be_repeated() -> None:
    entries = [("src/", b""), ("src/", b""), ("src/a", b"1"), ("README.md", b"x"), ("empty/", b"")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        made = zipped(entries)
    assert read_zip(made) == {"src/a": b"1", "README.md": b"x"}


@pytest.mark.parametrize("raw", [b"", b"PK", b"x" * 1000, b"PK\x05\x06" + b"\xff" * 18])
def test_invalid_zip_is_refused(raw: bytes) -> None:
    assert refusal(io.BytesIO(raw)) in {
        "This isn't a zip archive, or it's damaged.",
        "The archive has far too many entries.",
    }


def test_damaged_entry_is_refused_by_name() -> None:
    made = zipped({"README.md": b"x" * 50}, method=zipfile.ZIP_STORED)
    assert refusal(patched_once(made, b"xxx", b"xyx")) == "README.md is damaged in the archive."


def patched_once(made: io.BytesIO, old: bytes, new: bytes) -> io.BytesIO:
    return io.BytesIO(made.getvalue().replace(old, new, 1))


def test_zip_without_a_readme_is_refused() -> None:
    assert refusal(zipped({"main.py": b""})) == ("There's no README.md with the task. Add one.")
    assert refusal(zipped({"readme.MD": b"", "a": b""})) == (
        "There's no README.md with the task. Rename readme.MD to README.md."
    )
    with pytest.raises(InvalidUploadError, match=r"^There's no README.md"):
        read_files([("main.py", io.BytesIO())])
    assert refusal(zipped({})) == "The upload has no files."
    assert refusal(zipped({"__MACOSX/x": b""})) == "The upload has no files."


def test_ten_thousand_files_are_refused() -> None:
    made = zipped(README | {f"{n}.txt": b"" for n in range(10_000)}, method=zipfile.ZIP_STORED)
    assert refusal(made) == "A challenge can have 2,000 files at most."


def test_huge_central_directory_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "MAX_DIRECTORY_BYTES", 70_000)
    made = zipped({f"{n}.txt": b"" for n in range(2_000)}, method=zipfile.ZIP_STORED)
    assert refusal(made) == "The archive has far too many entries."
    monkeypatch.setattr(uploads, "MAX_DIRECTORY_BYTES", 1_000_000)
    monkeypatch.setattr(uploads, "MAX_ENTRIES", 1_999)
    assert refusal(made) == "The archive has 2,000 entries. The limit is 1,999."


def test_limits_count_bytes_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_FILE_BYTES", 1_000)
    monkeypatch.setattr(storage, "MAX_CHALLENGE_BYTES", 2_500)
    assert refusal(zipped(README | {"big": b"x" * 1_001})).startswith("big is larger than")
    three = dict.fromkeys("abc", b"x" * 900)
    assert refusal(zipped(README | three)) == ("With c, the files are larger than 0 MB together.")
    with pytest.raises(InvalidUploadError, match="big is larger than"):
        read_files([("big", io.BytesIO(b"x" * 1_001))])


def bomb(size: int, declared: int) -> io.BytesIO:
    """Make an archive of one file of `size` zero bytes that declares another size."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block, packed, crc = b"\0" * 2**20, bytearray(), 0
    for _ in range(size // len(block)):
        packed += deflate.compress(block)
        crc = zlib.crc32(block, crc)
    packed += deflate.flush()
    name = b"README.md"
    fields = struct.pack("<HHHHIIIH", 0, 8, 0, 33, crc, len(packed), declared, len(name))
    local = b"PK\x03\x04" + struct.pack("<H", 20) + fields + struct.pack("<H", 0) + name
    central = (
        b"PK\x01\x02" + struct.pack("<HH", 20, 20) + fields
        + struct.pack("<HHHHII", 0, 0, 0, 0, 0, 0) + name
    )  # fmt: skip
    end = b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(packed), 0
    )
    return io.BytesIO(local + bytes(packed) + central + end)


@pytest.mark.parametrize("declared", [1, 100 * 2**20, 2**32 - 2])
def test_zip_bomb_is_refused_without_decompressing_it(declared: int) -> None:
    made = bomb(64 * 2**20, declared)
    assert len(made.getvalue()) < 70_000
    tracemalloc.start()
    sentence = refusal(made)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # With a smaller declared size, reading stops there, and the checksum does not match.
    assert sentence in {"README.md is larger than 10 MB.", "README.md is damaged in the archive."}
    assert peak < 40 * 2**20
