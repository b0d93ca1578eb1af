"""Unpacking restores saved files, and an archive cannot write outside the folder."""

import gzip
import io
import stat
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.local import unpack as local_unpack
from operations.provisioners.local.archive import pack_folder
from operations.provisioners.local.provisioner import LocalProvisioner
from operations.provisioners.local.unpack import DamagedArchiveError, unpack_archive
from tests.operations.provisioners.conftest import LogLines, make_spec, provision


def archive(path: Path, *entries: tuple[str, dict[str, Any]]) -> Path:
    """Write an archive of these entries, each a name and the fields of its TarInfo."""
    with tarfile.open(path, "w:gz") as made:
        for name, fields in entries:
            content = fields.pop("content", b"")
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            made.addfile(info, io.BytesIO(content))
    return path


def link(target: str) -> dict[str, Any]:
    return {"type": tarfile.SYMTYPE, "linkname": target}


def tree(folder: Path) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = "folder" if path.is_dir() else path.read_bytes()
    return found


def unpacked(tmp_path: Path, log: LogLines, *entries: tuple[str, dict[str, Any]]) -> Any:
    """Unpack an archive with these entries and a README; return the other files."""
    made = archive(tmp_path / "x.tar.gz", ("t/README.md", {"content": b"x"}), *entries)
    assert unpack_archive(tmp_path / "w", made, log) is True
    files = tree(tmp_path / "w/files")
    assert files.pop("README.md") == b"x"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("x.tar.gz", "w")] == []
    return files


def test_unpacked_files_equal_the_packed_ones(tmp_path: Path, log: LogLines) -> None:
    files = tmp_path / "files"
    (files / "src/deep").mkdir(parents=True)
    (files / "решение.txt").write_text("ответ")
    (files / "run.sh").write_text("#!/bin/sh\n")
    (files / "run.sh").chmod(0o755)
    (files / "src/deep/private").write_text("x")
    (files / "src/deep/private").chmod(0o400)
    (files / "src/up").symlink_to("../run.sh")
    (files / "empty").mkdir()
    (files / "locked").mkdir()
    (files / "locked/a").write_text("x")
    (files / "locked").chmod(0o500)
    pack_folder(files, tmp_path / "x.tar.gz", top="takehome-1")
    assert unpack_archive(tmp_path / "w", tmp_path / "x.tar.gz", log) is True
    back = tmp_path / "w/files"
    assert tree(back) == tree(files)
    for name in ("run.sh", "src/deep/private", "locked", "src"):
        assert stat.S_IMODE((back / name).stat().st_mode) == stat.S_IMODE(
            (files / name).stat().st_mode
        )
    assert (back / "run.sh").stat().st_mtime == int((files / "run.sh").stat().st_mtime)
    assert log == ["Restored 4 saved files."]


def test_list_of_what_is_not_saved_is_no_file_of_the_candidate(
    tmp_path: Path, log: LogLines
) -> None:
    files = tmp_path / "files"
    (files / ".cache").mkdir(parents=True)
    (files / "my-not-saved.txt").write_text("x")
    (files / "src").mkdir()
    (files / "src/my-not-saved.txt").write_text("x")
    assert pack_folder(files, tmp_path / "x.tar.gz", top="takehome-1") != []
    unpack_archive(tmp_path / "w", tmp_path / "x.tar.gz", log)
    assert set(tree(tmp_path / "w/files")) == {"my-not-saved.txt", "src", "src/my-not-saved.txt"}
    assert log == ["Restored 2 saved files."]


def test_existing_files_are_not_changed(tmp_path: Path, log: LogLines) -> None:
    made = archive(tmp_path / "x.tar.gz", ("t/a", {"content": b"saved"}))
    assert unpack_archive(tmp_path / "w", made, log) is True
    (tmp_path / "w/files/a").write_bytes(b"newer")
    assert unpack_archive(tmp_path / "w", made, log) is False
    assert tree(tmp_path / "w/files") == {"a": b"newer"}
    assert log == ["Restored 1 saved file."]


def test_cut_off_unpacking_starts_over(tmp_path: Path, log: LogLines) -> None:
    made = archive(tmp_path / "x.tar.gz", ("t/a", {"content": b"saved"}))
    (tmp_path / "w/files.part").mkdir(parents=True)
    (tmp_path / "w/files.part/leftover").write_text("half")
    unpack_archive(tmp_path / "w", made, log)
    assert tree(tmp_path / "w") == {"files": "folder", "files/a": b"saved"}


def test_damaged_archive_is_an_error_and_leaves_no_files(tmp_path: Path, log: LogLines) -> None:
    content = b"".join(number.to_bytes(4) for number in range(50_000))
    made = archive(tmp_path / "x.tar.gz", ("t/a", {"content": content}))
    whole = made.read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"no archive", whole[:-8] + b"12345678"):
        made.write_bytes(broken)
        with pytest.raises(DamagedArchiveError, match="can't be read"):
            unpack_archive(tmp_path / "w", made, log)
        assert not (tmp_path / "w/files").exists()
    assert log == []


@pytest.mark.parametrize(
    "name", ["other/x", "t/../x", "/t/x", "../x", "t/a/../../../x", "x", "t//x", "t/./x"]
)
def test_entry_outside_the_folder_is_skipped(tmp_path: Path, log: LogLines, name: str) -> None:
    assert unpacked(tmp_path, log, (name, {"content": b"bad"}), ("t/b", {"content": b"2"})) == {
        "b": b"2"
    }
    assert log[-1] == f"Not restored, as they lead outside or aren't files: {name}."


@pytest.mark.parametrize("type_", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_device_is_skipped(tmp_path: Path, log: LogLines, type_: bytes) -> None:
    assert unpacked(tmp_path, log, ("t/odd", {"type": type_})) == {}
    assert log[-1].endswith(": t/odd.")


@pytest.mark.parametrize(
    ("name", "target"),
    [("a", "README.md"), ("a", "."), ("d/a", "../README.md"), ("d/e/a", "../../d"), ("a", "gone")],
)
def test_link_inside_the_folder_is_kept(
    tmp_path: Path, log: LogLines, name: str, target: str
) -> None:
    assert unpacked(tmp_path, log, (f"t/{name}", link(target)))[name] == f"-> {target}"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a", "/etc/passwd"),
        ("a", "../x"),
        ("a", ".."),
        ("d/a", "../../x"),
        ("a", "d/../.."),
        ("a", "d/d/../../README.md"),
        ("a", ""),
    ],
)
def test_link_outside_the_folder_is_skipped(
    tmp_path: Path, log: LogLines, name: str, target: str
) -> None:
    found = unpacked(tmp_path, log, (f"t/{name}", link(target)))
    assert name not in found
    assert log[-1].startswith("Not restored")


def test_nothing_is_written_through_a_link(tmp_path: Path, log: LogLines) -> None:
    (tmp_path / "w").mkdir()
    entries = (
        ("t/inside", {"type": tarfile.DIRTYPE, "mode": 0o755}),
        ("t/way", link("inside")),
        ("t/way/x", {"content": b"x"}),
        ("t/README.md", link("inside")),
    )
    files = unpacked(tmp_path, log, *entries)
    # The files come first and create a real folder; the later link is skipped.
    assert files == {"inside": "folder", "way": "folder", "way/x": b"x"}


@pytest.mark.parametrize(
    "entries",
    [
        # Each name stays inside; but d/l is the top folder, and two levels above that is outside.
        [("t/d/l", link("..")), ("t/d/l/x", link("../.."))],
        [("t/d/e/l", link("../..")), ("t/d/e/l/x", link("../../../etc"))],
        [("t/d/l", link("..")), ("t/d/m", link("l")), ("t/d/m/x", link("../.."))],
        [("t/d/l", link("..")), ("t/d/l/new/x", link("../../.."))],
    ],
)
def test_no_link_is_made_through_another(tmp_path: Path, log: LogLines, entries: Any) -> None:
    files = unpacked(tmp_path, log, ("t/d", {"type": tarfile.DIRTYPE, "mode": 0o755}), *entries)
    last = entries[-1][0]
    assert log[-1] == f"Not restored, as they lead outside or aren't files: {last[2:]}."
    inside = (tmp_path / "w/files").resolve()
    for path in (tmp_path / "w/files").rglob("*"):
        assert path.resolve().is_relative_to(inside), path
    assert "x" not in files
    assert "new" not in files


def test_no_hard_link_is_made_through_a_link(tmp_path: Path, log: LogLines) -> None:
    hard = {"type": tarfile.LNKTYPE, "linkname": "t/README.md"}
    files = unpacked(tmp_path, log, ("t/d/l", link("..")), ("t/d/l/x", hard))
    assert files == {"d": "folder", "d/l": "-> .."}


def test_hard_link_to_a_file_of_the_archive_is_kept(tmp_path: Path, log: LogLines) -> None:
    hard = {"type": tarfile.LNKTYPE, "linkname": "t/README.md"}
    out = {"type": tarfile.LNKTYPE, "linkname": "../../etc/passwd"}
    gone = {"type": tarfile.LNKTYPE, "linkname": "t/gone"}
    files = unpacked(tmp_path, log, ("t/a", hard), ("t/b", out), ("t/c", gone))
    assert files == {"a": b"x"}


def test_setuid_bits_are_removed(tmp_path: Path, log: LogLines) -> None:
    unpacked(tmp_path, log, ("t/a", {"content": b"x", "mode": 0o6755}))
    assert stat.S_IMODE((tmp_path / "w/files/a").stat().st_mode) == 0o755


def test_too_long_name_is_skipped(tmp_path: Path, log: LogLines) -> None:
    long = "n" * 300
    assert unpacked(tmp_path, log, (f"t/{long}", {"content": b"x"})) == {}
    assert log[-1] == f"Not restored, as they lead outside or aren't files: t/{'n' * 75}…."


def test_log_counts_many_skipped_entries(tmp_path: Path, log: LogLines) -> None:
    unpacked(tmp_path, log, *((f"other/{n}", {"content": b"x"}) for n in range(9)))
    assert log[-1].endswith("other/4 and 4 more.")


def test_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, log: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = archive(tmp_path / "x.tar.gz", ("t/a", {"content": bytes(3 * 2**20)}))
    monkeypatch.setattr(local_unpack, "MAX_UNPACKED_BYTES", 2 * 2**20)
    with pytest.raises(ArchiveTooLargeError, match="more than 2 MB"):
        unpack_archive(tmp_path / "w", made, log)
    assert not (tmp_path / "w/files").exists()


def test_entry_with_a_huge_header_is_refused(tmp_path: Path, log: LogLines) -> None:
    """tarfile would read a name of 1 GB into memory."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**30
    with gzip.open(tmp_path / "x.tar.gz", "wb") as made:
        made.write(info.tobuf(tarfile.GNU_FORMAT) + bytes(5_000))
    with pytest.raises(DamagedArchiveError, match="no end"):
        unpack_archive(tmp_path / "w", tmp_path / "x.tar.gz", log)


def test_provision_restores_saved_files_instead_of_starting_files(
    plain: LocalProvisioner, root: Path, log: LogLines, tmp_path: Path
) -> None:
    made = archive(tmp_path / "x.tar.gz", ("old/mine.py", {"content": b"mine"}))
    plain.provision(replace(make_spec(), archive=made), log)
    assert tree(root / "takehome-1/files") == {"mine.py": b"mine"}
    assert log[0] == "Restored 1 saved file."


def test_provision_with_saved_files_keeps_existing_files(
    plain: LocalProvisioner, root: Path, log: LogLines, tmp_path: Path
) -> None:
    provision(plain, log, "takehome-1")
    made = archive(tmp_path / "x.tar.gz", ("old/mine.py", {"content": b"mine"}))
    plain.provision(replace(make_spec(), archive=made), log)
    assert (root / "takehome-1/files/README.md").read_text() == "# The task\n"


def test_provision_with_a_damaged_archive_is_an_error(
    plain: LocalProvisioner, log: LogLines, tmp_path: Path
) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ProvisionError, match="The saved files can't be read"):
        plain.provision(replace(make_spec(), archive=tmp_path / "x.tar.gz"), log)
