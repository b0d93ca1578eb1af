"""What is left out of an upload or converted in it, and that the uploader learns of it."""

import io
import unicodedata

import pytest

from interviews.challenges import uploads
from interviews.challenges.upload_report import Converted, Upload
from interviews.challenges.uploads import InvalidNameEncodingError, InvalidUploadError
from interviews.challenges.zip_names import NameEncoding
from tests.interviews.challenges.zips import UNIX, Entry, explorer, raw_zip

# An AppleDouble header: magic number, version 2, filler, one entry (RFC 1740).
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00" + b"Mac OS X        " + b"\x00\x01" + bytes(40)
README = Entry(b"task/README.md", b"# Task\n")


def read(*entries: Entry, part: bool = False) -> Upload:
    return uploads.read_zip(raw_zip(*entries), part=part)


def test_zip_of_finder_is_read_without_what_finder_adds() -> None:
    upload = read(
        Entry(b"task/", b"", system=UNIX),
        README,
        Entry(b"task/.DS_Store"),
        Entry(b"__MACOSX/", b"", system=UNIX),
        Entry(b"__MACOSX/._task", APPLE_DOUBLE),
        Entry(b"__MACOSX/task/._README.md", APPLE_DOUBLE),
    )
    assert upload.files == {"README.md": b"# Task\n"}
    assert upload.report.left_out == ["task/.DS_Store", "__MACOSX/"]
    assert upload.report.empty_folders == []


def test_zip_of_an_exfat_disk_is_read_without_apple_double_files() -> None:
    """Tools other than Finder pack them as they lie there: beside the folder, and beside files."""
    upload = read(Entry(b"._task", APPLE_DOUBLE), Entry(b"task/._README.md", APPLE_DOUBLE), README)
    assert upload.files == {"README.md": b"# Task\n"}
    assert upload.report.left_out == ["._task", "task/._README.md"]


def test_file_with_a_name_like_those_of_macos_is_kept() -> None:
    files = read(README, Entry(b"task/._settings", b"x=1"), Entry(b"task/._", b"")).files
    assert files == {"README.md": b"# Task\n", "._settings": b"x=1", "._": b""}
    magic_alone = read(README, Entry(b"task/data", APPLE_DOUBLE)).files
    assert magic_alone["data"] == APPLE_DOUBLE


def test_apple_double_files_do_not_count_as_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interviews.challenges.storage.MAX_FILES", 1)
    assert len(read(README, Entry(b"task/._README.md", APPLE_DOUBLE)).files) == 1


@pytest.mark.parametrize("name", ["desktop.ini", "Desktop.ini", "Thumbs.db", "thumbs.db"])
def test_files_of_windows_explorer_are_left_out_in_any_case(name: str) -> None:
    upload = read(README, Entry(f"task/src/{name}".encode()))
    assert set(upload.files) == {"README.md"}
    assert upload.report.left_out == [f"task/src/{name}"]


def test_history_of_git_is_left_out_and_named_once() -> None:
    upload = read(
        README,
        Entry(b"task/.git/", b""),
        Entry(b"task/.git/HEAD"),
        Entry(b"task/.git/objects/ab/cd"),
        Entry(b"task/lib/.git"),
        Entry(b"task/.gitignore", b"*.pyc\n"),
    )
    assert set(upload.files) == {"README.md", ".gitignore"}
    assert upload.report.left_out == ["task/.git/", "task/lib/.git"]


def test_files_left_out_of_a_folder_upload_are_reported() -> None:
    files = [("task/README.md", b"x"), ("task/desktop.ini", b"x"), ("task/._a", APPLE_DOUBLE)]
    upload = uploads.read_files([(path, io.BytesIO(content)) for path, content in files])
    assert upload.files == {"README.md": b"x"}
    assert upload.report.left_out == ["task/desktop.ini", "task/._a"]
    assert upload.report.name_encoding is None


def test_empty_folders_are_reported() -> None:
    upload = read(
        Entry(b"task/", b""),
        README,
        Entry(b"task/logs/", b""),
        Entry(b"task/data/", b""),
        Entry(b"task/data/raw/", b""),
        Entry(b"task/img/", b""),
        Entry(b"task/img/.DS_Store"),
        Entry(b"task/src/", b""),
        Entry(b"task/src/a.py"),
    )
    assert upload.report.empty_folders == ["task/logs/", "task/data/raw/", "task/img/"]


def test_zip_of_tar_begins_every_name_with_a_dot() -> None:
    """As libarchive packs the folder itself: `tar -a -cf task.zip .` on Windows and macOS."""
    upload = read(Entry(b"./", b"", system=UNIX), Entry(b"./README.md", b"x"), Entry(b"./a/b"))
    assert upload.files == {"README.md": b"x", "a/b": b"x"}
    with pytest.raises(InvalidUploadError, match="'' isn't a valid path"):
        read(Entry(b"README.md"), Entry(b""))


def test_empty_folder_of_powershell_is_a_folder() -> None:
    """PowerShell 5 ends it with a backslash."""
    upload = read(Entry(b"task\\README.md", b"x"), Entry(b"task\\logs\\", b""))
    assert upload.files == {"README.md": b"x"}
    assert upload.report.empty_folders == ["task/logs/"]


@pytest.mark.parametrize(
    ("content", "plain", "was"),
    [
        (b"\xef\xbb\xbf# T\r\n", b"# T\r\n", "UTF-8 with a byte order mark"),
        (b"\xff\xfe" + "# Tä\r\n".encode("utf-16-le"), "# Tä\r\n".encode(), "UTF-16"),
        (b"\xfe\xff" + "# 解\n".encode("utf-16-be"), "# 解\n".encode(), "UTF-16"),
    ],
)
def test_mark_of_a_readme_and_of_package_json_is_removed(
    content: bytes, plain: bytes, was: str
) -> None:
    upload = read(
        Entry(b"task/README.md", content),
        Entry(b"task/web/package.json", content),
        Entry(b"task/data.csv", content),
        Entry(b"task/docs/README.md", content),
    )
    assert upload.files == {
        "README.md": plain,
        "web/package.json": plain,
        "data.csv": content,
        "docs/README.md": content,
    }
    assert upload.report.converted == [
        Converted("README.md", was),
        Converted("web/package.json", was),
    ]


@pytest.mark.parametrize("content", [b"# T\xef\xbb\xbf", b"\xff\xfea", b"\xff\xfe\x00\xd8", b""])
def test_text_without_a_valid_mark_is_not_changed(content: bytes) -> None:
    upload = read(Entry(b"README.md", content))
    assert upload.files == {"README.md": content}
    assert upload.report.converted == []


def test_converted_script_keeps_its_execute_bit() -> None:
    entry = Entry(b"README.md", b"\xef\xbb\xbfx", system=UNIX, mode=0o100755)
    assert read(entry).files.executable == {"README.md"}


def test_readme_below_the_top_is_named() -> None:
    with pytest.raises(InvalidUploadError) as refused:
        read(Entry(b"a.txt"), Entry(b"x/deep/readme.md"), Entry(b"docs/README.md"))
    assert str(refused.value) == (
        "There's no README.md with the task at the top of the upload. "
        "Move docs/README.md to the top."
    )


def test_name_in_two_normal_forms_is_refused() -> None:
    """macOS writes NFD; with a second entry in NFC both would be one file."""
    nfd = unicodedata.normalize("NFD", "é.txt").encode()
    with pytest.raises(InvalidUploadError, match=r"^task/é\.txt is there twice\.$"):
        read(README, Entry(b"task/" + nfd), Entry(b"task/\xc3\xa9.txt"), part=False)


def test_report_says_how_names_were_read() -> None:
    archive = explorer("cp932", "README.md", "課題/解答.py", "課題/入力データ.csv")
    upload = uploads.read_zip(archive)
    assert set(upload.files) == {"README.md", "課題/解答.py", "課題/入力データ.csv"}
    assert upload.report.name_encoding == NameEncoding.CP932
    assert upload.report.name_encoding_guessed
    chosen = uploads.read_zip(archive, name_encoding=NameEncoding.CP866).report
    assert (chosen.name_encoding, chosen.name_encoding_guessed) == (NameEncoding.CP866, False)
    with pytest.raises(InvalidNameEncodingError):
        uploads.read_zip(archive, name_encoding=NameEncoding.UTF_8)


def test_names_are_read_from_the_end_of_an_archive_alone() -> None:
    """The page sends the central directory before the whole upload."""
    archive = explorer("cp866", "README.md", "решение.py").getvalue()
    end = archive[archive.index(b"PK\x01\x02") :]
    names = uploads.read_zip_names(io.BytesIO(end))
    assert names.names == ["README.md", "решение.py"]
    assert names.readings[0].encoding == NameEncoding.CP866
    with pytest.raises(InvalidUploadError, match="isn't a zip archive"):
        uploads.read_zip_names(io.BytesIO(b"x"))
