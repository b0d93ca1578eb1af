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
from operations.provisioners.base import ProvisionError, Workspace
from operations.provisioners.local.archive import pack_folder
from operations.provisioners.local.provisioner import LocalProvisioner
from tests.operations.provisioners.conftest import LogLines, make_spec, provision

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


def test_pack_excludes_tool_folders(files: Path, tmp_path: Path) -> None:
    for folder in sorted(archive_writer.EXCLUDED_FOLDERS):
        write(files / folder / "made")
        write(files / "web" / folder / "made")
    # Files and links with those names are not excluded.
    write(files / "docs/build")
    (files / "docs/dist").symlink_to("../dist")
    write(files / "builds/kept")
    assert pack_folder(files, tmp_path / "x.tar.gz", top="t") == []
    assert saved(tmp_path / "x.tar.gz") == {
        "t/web": "folder",
        "t/docs": "folder",
        "t/docs/build": b"x",
        "t/docs/dist": "-> ../dist",
        "t/builds": "folder",
        "t/builds/kept": b"x",
    }


def test_excluded_folders_include_the_documented_ones() -> None:
    known = {"node_modules", ".venv", "dist", "build", "target", "__pycache__", ".cache"}
    assert known - archive_writer.EXCLUDED_FOLDERS == set()


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
    [skipped] = pack_folder(files, tmp_path / "x.tar.gz", top="t")
    contents = saved(tmp_path / "x.tar.gz")
    assert contents["t/kept"] == b"x"
    assert contents["t-not-saved.txt"] == (
        f"These could not be read and are not in this archive:\n{skipped}\n".encode()
    )


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
    skipped = pack_folder(files, common_folder / "x.tar.gz", top="t")
    (files / "closed").chmod(0o700)
    assert skipped == ["closed", "locked"]
    assert saved(common_folder / "x.tar.gz")["t/kept"] == b"x"


def test_pack_refuses_too_much_packed(files: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive_writer, "MAX_PACKED_BYTES", 2 * 1024 * 1024)
    write(files / "noise.bin", os.urandom(3 * 1024 * 1024))
    write(files / "small.py", b"x")
    with pytest.raises(ArchiveTooLargeError) as caught:
        pack_folder(files, tmp_path / "x.tar.gz", top="t")
    assert str(caught.value) == (
        "3.0 MB of files do not fit into an archive of 2.0 MB packed and 1024.0 MB unpacked; "
        "the largest are 'noise.bin' 3.0 MB, 'small.py' 0.0 MB"
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


def test_export_ends_the_programs_before_it_packs(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = provision(plain, log, "takehome-1")
    plain.export(workspace, tmp_path / "x.tar.gz")
    assert plain.is_ready(workspace) is False
    assert saved(tmp_path / "x.tar.gz") == {
        "takehome-1/README.md": b"# The task\n",
        "takehome-1/src": "folder",
        "takehome-1/src/main.py": b"print(1)\n",
    }
    # A repeated export, as after the storage refused the first one.
    plain.export(workspace, tmp_path / "again.tar.gz")
    assert saved(tmp_path / "again.tar.gz") == saved(tmp_path / "x.tar.gz")


def test_export_of_an_unknown_workspace_is_an_error(
    plain: LocalProvisioner, tmp_path: Path
) -> None:
    missing = Workspace(id="takehome-1", url=None, password=None, state={})
    with pytest.raises(ProvisionError) as caught:
        plain.export(missing, tmp_path / "x.tar.gz")
    assert caught.value.step == "save"
    assert list(tmp_path.glob("*.tar.gz")) == []


def test_export_of_missing_files_is_an_error(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = plain.provision(make_spec(), log)
    (root / "takehome-1/files").rename(tmp_path / "moved")
    with pytest.raises(ProvisionError):
        plain.export(workspace, tmp_path / "x.tar.gz")
    assert list(tmp_path.glob("*.tar.gz")) == []


def test_export_of_too_much_names_the_sizes(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = plain.provision(make_spec(), log)
    with (root / "takehome-1/files/hole.bin").open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(ProvisionError, match=r"2048\.0 MB of files do not fit") as caught:
        plain.export(workspace, tmp_path / "x.tar.gz")
    assert caught.value.step == "save"
