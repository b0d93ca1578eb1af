"""When a start finds the stores prepared, and when not."""

import os
from pathlib import Path

import pytest

from takehome_platform.local_stack import stamp
from takehome_platform.local_stack.stamp import code_stamp, is_prepared, note_prepared

ENVIRON = {"TABLE_PREFIX": "a-", "REDIS_URL": "redis://127.0.0.1:1/0", "TERM": "xterm"}


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file of a project."""
    monkeypatch.setattr(stamp, "ROOT", tmp_path / "project")
    file = tmp_path / "project" / "operations" / "migrations" / "0001_first.py"
    file.parent.mkdir(parents=True)
    (file.parent / "__pycache__").mkdir()
    file.write_text("first")
    return file


@pytest.fixture
def data(tmp_path: Path, code: Path) -> Path:
    """A DATA_DIR whose stores were prepared."""
    folder = tmp_path / "data"
    (folder / "dynamodb").mkdir(parents=True)
    (folder / "db.sqlite3").touch()
    note_prepared(folder, code_stamp(ENVIRON))
    return folder


def test_what_was_prepared_by_the_same_code_is_prepared(data: Path, code: Path) -> None:
    elsewhere = ENVIRON | {"REDIS_URL": "redis://127.0.0.1:2/0", "TERM": "dumb"}
    (code.parent / "__pycache__" / "0001_first.cpython-311.pyc").touch()
    assert is_prepared(data, elsewhere)
    # Not again before this start has done its part.
    assert not is_prepared(data, elsewhere)
    note_prepared(data, code_stamp(elsewhere))
    assert is_prepared(data, elsewhere)


def change_code(data: Path, code: Path) -> None:
    # As quickly as a checkout does, without another size.
    before = code.stat()
    code.write_text("other")
    os.utime(code, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


def add_code(data: Path, code: Path) -> None:
    (code.parent / "0002_second.py").touch()


def remove_database(data: Path, code: Path) -> None:
    (data / "db.sqlite3").unlink()


def restore_tables(data: Path, code: Path) -> None:
    (data / "dynamodb").rename(data / "older")
    (data / "dynamodb").mkdir()


@pytest.mark.parametrize("change", [change_code, add_code, remove_database, restore_tables])
def test_after_a_change_it_is_prepared_again(data: Path, code: Path, change) -> None:
    change(data, code)
    assert not is_prepared(data, ENVIRON)
    # Nor once it is as before: what this start began may have been cut off.
    assert not (data / "prepared").exists()


def test_another_setting_of_the_stores_is_a_change(data: Path) -> None:
    assert not is_prepared(data, ENVIRON | {"TABLE_PREFIX": "b-"})


def test_code_that_changes_during_the_preparation_is_not_what_prepared(
    data: Path, code: Path
) -> None:
    before = code_stamp(ENVIRON)
    add_code(data, code)
    note_prepared(data, before)
    assert not is_prepared(data, ENVIRON)


@pytest.mark.parametrize(
    "setting", [{"DATABASE_URL": "postgresql://db/x"}, {"FILES_BUCKET": "files"}]
)
def test_stores_elsewhere_are_prepared_at_each_start(data: Path, setting: dict[str, str]) -> None:
    (data / "prepared").unlink()
    note_prepared(data, code_stamp(ENVIRON | setting))
    assert not is_prepared(data, ENVIRON | setting)
