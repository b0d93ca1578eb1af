"""Packing a candidate's files: what is included, excluded and too large."""

import os
import socket
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.provisioners import archive_writer
from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import NotSaved, NotSavedReason, ProvisionError
from operations.provisioners.local.archive import pack_folder
from operations.provisioners.local.provisioner import LocalProvisioner
from tests.operations.provisioners.conftest import LogLines, make_spec

NOBODY = 65534


def test_pack_does_not_follow_a_link_instead_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        pack_folder(tmp_path / "link", tmp_path / "x.tar.gz", top="t")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def write(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def saved(path: Path) -> dict[str, bytes | str]:
    """Return name -> a file's content, a link's target, or 'folder'."""
    with tarfile.open(path) as archive:
        return {member.name: _shown(archive, member) for member in archive}


def _shown(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | str:
    if member.isdir():
        return "folder"
    if member.issym():
        return f"-> {member.linkname}"
    content = archive.extractfile(member)
    assert content is not None
    with content:
        return content.read()


def test_pack_keeps_files_folders_and_names_in_any_script(files: Path, tmp_path: Path) -> None:
    names = ["解答.py", "решение/ответ.txt", "a b'\"$(id).txt", "x" * 200, "עברית", "-rf", ".env"]
    for name in names:
        write(files / name, name.encode())
    write(Path(os.fsdecode(os.fsencode(files) + b"/caf\xe9.txt")), b"latin")
    (files / "empty").mkdir()
    assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == []
    assert saved(tmp_path / "x.tar.gz") == {
        **{f"t/{name}": name.encode() for name in names},
        "t/решение": "folder",
        "t/empty": "folder",
        os.fsdecode(b"t/caf\xe9.txt"): b"latin",
    }


def test_pack_leaves_out_what_tools_can_make_again_and_says_so(files: Path, tmp_path: Path) -> None:
    for name in ("package.json", "node_modules/a/x.js", "web/.cache/made", "notes/.venv/mine"):
        write(files / name)
    write(files / "node_modules/a/y.js", bytes(2048))
    # A link in it counts as a file, and is not followed.
    (files / "node_modules/.bin").symlink_to(tmp_path)
    assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == [
        NotSaved("node_modules", NotSavedReason.REGENERABLE, 3, 2049),
        NotSaved("web/.cache", NotSavedReason.REGENERABLE, 1, 1),
    ]
    contents = saved(tmp_path / "x.tar.gz")
    assert contents.pop("t-not-saved.txt") == (
        b"This is not in the archive.\n\nNot saved, as it can be regenerated:\n"
        b"node_modules (3 files, 2.0 KB)\nweb/.cache (1 file, 1 B)\n"
    )
    assert contents == {
        "t/package.json": b"x",
        "t/web": "folder",
        "t/notes": "folder",
        "t/notes/.venv": "folder",
        "t/notes/.venv/mine": b"x",
    }


def test_pack_saves_a_folder_in_which_the_challenge_has_a_file(files: Path, tmp_path: Path) -> None:
    for name in ("pom.xml", "target/edited.java", "target/new/mine.java"):
        write(files / name)
    assert pack_folder(files, tmp_path / "x.tar.gz", "t", ["target/edited.java"]) == []
    assert saved(tmp_path / "x.tar.gz").keys() >= {"t/target/edited.java", "t/target/new/mine.java"}
    [left_out] = pack_folder(files, tmp_path / "x.tar.gz", "t", ["src/target/edited.java"])
    assert str(left_out) == "target (2 files, 2 B)"


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_only_a_regular_file_is_evidence(files: Path, tmp_path: Path, kind: str) -> None:
    write(files / "target/mine.txt")
    if kind == "folder":
        (files / "pom.xml").mkdir()
    else:
        (files / "pom.xml").symlink_to("target/mine.txt")
    assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == []


def test_pack_never_follows_a_link(files: Path, tmp_path: Path) -> None:
    write(tmp_path / "secret/password.txt", b"secret")
    (files / "folder").symlink_to(tmp_path / "secret")
    (files / "file").symlink_to("../secret/password.txt")
    (files / "nowhere").symlink_to("missing")
    (files / "itself").symlink_to(".")
    assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == []
    assert saved(tmp_path / "x.tar.gz") == {
        "t/folder": f"-> {tmp_path / 'secret'}",
        "t/file": "-> ../secret/password.txt",
        "t/nowhere": "-> missing",
        "t/itself": "-> .",
    }


def test_pack_excludes_pipes_and_sockets(files: Path, tmp_path: Path, monkeypatch) -> None:
    write(files / "kept")
    os.mkfifo(files / "pipe")
    monkeypatch.chdir(files)  # the path of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == []
    assert saved(tmp_path / "x.tar.gz") == {"t/kept": b"x"}


def test_pack_keeps_both_names_of_one_file(files: Path, tmp_path: Path) -> None:
    write(files / "a", b"same")
    (files / "b").hardlink_to(files / "a")
    pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert saved(tmp_path / "x.tar.gz") == {"t/a": b"same", "t/b": b"same"}


def test_pack_stores_no_owner(files: Path, tmp_path: Path) -> None:
    write(files / "run.sh")
    (files / "run.sh").chmod(0o4755)
    pack_folder(files, tmp_path / "x.tar.gz", top="t")
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        [member] = archive
    assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
    assert member.mode == 0o755


def test_pack_lists_unreadable_files_and_saves_the_others(files: Path, tmp_path: Path) -> None:
    write(files / "kept")
    # Deeper than PATH_MAX, so that not even root can read it.
    name = "d" * 200
    below = os.open(files, os.O_RDONLY)
    for _ in range(25):
        os.mkdir(name, dir_fd=below)
        deeper = os.open(name, os.O_RDONLY, dir_fd=below)
        os.close(below)
        below = deeper
    os.close(below)
    [not_saved] = pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert (not_saved.reason, len(not_saved.path) > 3800) == (NotSavedReason.UNREADABLE, True)
    contents = saved(tmp_path / "x.tar.gz")
    assert contents["t/kept"] == b"x"
    assert (
        contents["t-not-saved.txt"]
        == (
            f"This is not in the archive.\n\nCouldn't be read completely:\n{not_saved.path}\n"
        ).encode()
    )


def test_name_of_a_folder_cannot_forge_lines_of_the_list(tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "a\nREADME.md\x1b[2J\u202e" / ".cache").mkdir(parents=True)
    (files / os.fsdecode(b"\xff") / ".cache").mkdir(parents=True)
    pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert saved(tmp_path / "x.tar.gz")["t-not-saved.txt"].splitlines()[3:] == [
        rb"a\nREADME.md\x1b[2J\u202e/.cache (0 files, 0 B)",
        b"\xff/.cache (0 files, 0 B)",
    ]


@pytest.fixture
def common_folder() -> Iterator[Path]:
    """A folder of an unprivileged user, as which the test runs until it ends."""
    with tempfile.TemporaryDirectory(prefix="takehome-test-") as name:
        user = os.geteuid()
        if user == 0:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(user)


def test_pack_skips_files_without_permission(common_folder: Path) -> None:
    files = common_folder / "files"
    for name in ("kept", "locked", "closed/inside"):
        write(files / name)
    (files / "locked").chmod(0)
    (files / "closed").chmod(0)
    not_saved = pack_folder(files, common_folder / "x.tar.gz", top="t")
    (files / "closed").chmod(0o700)
    assert [each.path for each in not_saved] == ["closed", "locked"]
    assert saved(common_folder / "x.tar.gz")["t/kept"] == b"x"


def test_pack_refuses_too_much_packed(files: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive_writer, "MAX_PACKED_BYTES", 2 * 1024 * 1024)
    write(files / "noise.bin", os.urandom(3 * 1024 * 1024))
    write(files / "small.py", b"x")
    with pytest.raises(ArchiveTooLargeError) as caught:
        pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert str(caught.value) == (
        "3.0 MB of files don't fit into an archive of 2.0 MB packed and 1024.0 MB unpacked; "
        "the largest: 'noise.bin' 3.0 MB, 'small.py' 0.0 MB"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files"]


def test_pack_refuses_too_much_unpacked(files: Path, tmp_path: Path) -> None:
    with (files / "hole.bin").open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(ArchiveTooLargeError, match=r"hole\.bin"):
        pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files"]


def test_pack_replaces_an_earlier_archive(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    write(path, b"half of an archive")
    write(tmp_path / ".x.tar.gz.part", b"y" * 100_000)
    write(files / "kept")
    pack_folder(files, path, top="t")
    assert saved(path) == {"t/kept": b"x"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_export_of_missing_files_is_an_error(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = plain.provision(make_spec(), log)
    (root / "takehome-1/files").rename(tmp_path / "moved")
    with pytest.raises(ProvisionError):
        plain.export(workspace, tmp_path / "x.tar.gz", [])
    assert list(tmp_path.glob("*.tar.gz")) == []


def test_export_of_too_much_names_the_sizes(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = plain.provision(make_spec(), log)
    with (root / "takehome-1/files/hole.bin").open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(ProvisionError, match=r"2048\.0 MB of files don't fit") as caught:
        plain.export(workspace, tmp_path / "x.tar.gz", [])
    assert caught.value.step == "save"
