"""Versions of a challenge are immutable, and none is lost to crashes or concurrent saves."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException

from interviews.challenges import library, storage, versions
from interviews.challenges.models import Challenge, ChallengeDetails, Version
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.versions import ChallengeIdTakenError, VersionConflictError
from operations.sse.subscription import Subscription, read_entry
from tests.fakes import FakeStream

ABOUT = ChallengeDetails("Words", "Count them.", "Python", 60, 0.5, 1024)
FILES = {"README.md": b"# Words\n", "src/a.py": b"print(1)\n"}
OTHER = {"README.md": b"# Other\n"}


def changed(**fields: Any) -> ChallengeDetails:
    return ChallengeDetails(**{**ABOUT.__dict__, **fields})


def create(by: str = "ada") -> Version:
    return versions.create_challenge("words", ABOUT, FILES, by=by)


def row() -> Challenge:
    found = library.get_challenge("words")
    assert found is not None
    return found


def version(number: int | None = None) -> Version:
    found = library.get_version("words", number)
    assert found is not None
    return found


@pytest.mark.usefixtures("tables")
def test_create_makes_version_1_current() -> None:
    create()
    assert (row().number, row().name, row().is_active) == (1, "Words", "true")
    assert (row().cpus, row().memory_mb) == (0.5, 1024)
    found = version()
    assert (found.number, found.about, found.created_by) == (1, ABOUT, "ada")
    assert (found.file_count, found.total_bytes) == (2, 17)
    assert datetime.now(UTC) - found.created_at < timedelta(minutes=1)
    assert library.read_files(row()) == library.read_files(found) == FILES


@pytest.mark.usefixtures("tables")
def test_challenge_row_has_no_files() -> None:
    """Up to 2,000 files would make every list of challenges slow."""
    create()
    assert row().files == []


@pytest.mark.usefixtures("tables")
def test_create_with_a_taken_id_is_refused() -> None:
    create()
    with pytest.raises(ChallengeIdTakenError):
        versions.create_challenge("words", changed(name="Mine"), OTHER, by="grace")
    assert row().name == "Words"


@pytest.mark.usefixtures("tables")
def test_save_makes_the_next_version_and_keeps_the_others() -> None:
    create()
    versions.save_version("words", changed(name="More"), OTHER, base=1, by="grace")
    assert (row().number, row().name) == (2, "More")
    assert version(1).name == "Words"
    assert library.read_files(version(1)) == FILES
    assert version(2).name == "More"
    assert library.read_files(version(2)) == OTHER
    assert [each.number for each in library.versions_page("words")] == [2, 1]
    assert [each.number for each in library.versions_page("words", before=2)] == [1]
    assert [each.created_by for each in library.versions_page("words")] == ["grace", "ada"]
    assert library.current_versions([row()])["words"].number == 2


@pytest.mark.usefixtures("tables")
def test_save_of_the_same_content_makes_no_version() -> None:
    create()
    assert versions.save_version("words", ABOUT, FILES, base=1, by="grace").number == 1
    assert (row().number, version().created_by) == (1, "ada")


@pytest.mark.usefixtures("tables")
def test_save_without_limits_removes_them() -> None:
    create()
    versions.save_version("words", changed(cpus=None, memory_mb=None), FILES, base=1, by="ada")
    assert [row().cpus, row().memory_mb, row().ecs_config] == [None, None, None]


@pytest.mark.usefixtures("tables")
def test_conflict_has_the_current_version_to_save_on() -> None:
    create()
    versions.save_version("words", changed(name="First"), FILES, base=1, by="grace")
    with pytest.raises(VersionConflictError) as caught:
        versions.save_version("words", changed(name="Second"), OTHER, base=1, by="ada")
    current = caught.value.current
    assert (current.number, current.created_by, current.name) == (2, "grace", "First")
    assert (row().number, row().name) == (2, "First")
    versions.save_version(
        "words", changed(name="Second"), OTHER, base=int(current.number), by="ada"
    )
    assert [each.name for each in library.versions_page("words")] == ["Second", "First", "Words"]


@pytest.mark.usefixtures("real_tables")
def test_concurrent_saves_have_one_winner() -> None:
    create()
    barrier = threading.Barrier(8)
    told: list[str] = []

    def work(name: str) -> None:
        barrier.wait()
        try:
            versions.save_version("words", changed(name=name), FILES, base=1, by=name)
            told.append(f"{name} saved")
        except VersionConflictError as error:
            told.append(f"{error.current.created_by} was first")

    threads = [threading.Thread(target=work, args=(f"n{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = version().created_by
    assert sorted(told) == sorted([f"{winner} saved"] + [f"{winner} was first"] * 7)
    assert [each.number for each in library.versions_page("words")] == [2, 1]


class Died(BaseException):
    """Simulates that the process was killed."""


def _die(*args: object, **keywords: object) -> None:
    raise Died


@pytest.mark.usefixtures("tables")
def test_crash_before_the_row_is_repaired_by_the_next_save(monkeypatch: pytest.MonkeyPatch) -> None:
    create()
    with monkeypatch.context() as patch:
        patch.setattr(Challenge, "update", _die)
        with pytest.raises(Died):
            versions.save_version("words", changed(name="Half"), OTHER, base=1, by="grace")
    assert row().number == 1
    assert library.read_files(row()) == FILES
    with pytest.raises(VersionConflictError) as caught:
        versions.save_version("words", changed(name="Mine"), FILES, base=1, by="ada")
    assert (caught.value.current.number, caught.value.current.name) == (2, "Half")
    assert (row().number, row().name) == (2, "Half")
    versions.save_version("words", changed(name="Mine"), FILES, base=2, by="ada")
    assert (row().number, row().name) == (3, "Mine")


@pytest.mark.usefixtures("tables")
def test_repeated_save_finishes_an_interrupted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    create()
    with monkeypatch.context() as patch:
        patch.setattr(Challenge, "update", _die)
        with pytest.raises(Died):
            versions.save_version("words", changed(name="Half"), OTHER, base=1, by="grace")
    saved = versions.save_version("words", changed(name="Half"), OTHER, base=1, by="grace")
    assert (saved.number, row().number) == (2, 2)


@pytest.mark.usefixtures("tables")
def test_crash_while_creating_is_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Challenge, "update", _die)
        with pytest.raises(Died):
            create()
    assert library.get_challenge("words") is None
    create()
    assert (row().number, row().name) == (1, "Words")


@pytest.mark.usefixtures("tables")
def test_files_are_stored_before_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Version, "save", _die)
    with pytest.raises(Died):
        create()
    assert library.get_challenge("words") is None
    content = storage.content_hash(storage.describe_files(FILES))
    described = storage.describe_files(FILES)
    assert storage.read_files("words", content, described) == FILES


def old_row(**more: Any) -> None:
    """Return a row as deployments without versions wrote it."""
    content = storage.content_hash(storage.describe_files(FILES))
    storage.store_files("words", content, FILES)
    old = Challenge(
        "words",
        name="Words",
        duration_minutes=60,
        version=content,
        files=storage.describe_files(FILES),
        usage_count=7,
    )
    old.ecs_config = {"cpu": 512, "memory": "2048", "storage": 21}
    old.save()


@pytest.mark.usefixtures("tables")
def test_row_without_versions_gives_an_unsaved_version() -> None:
    old_row()
    found = version()
    assert [row().number, found.number, found.name] == [None, None, "Words"]
    assert (found.cpus, found.memory_mb) == (0.5, 2048)
    assert library.read_files(row()) == library.read_files(found) == FILES
    assert library.versions_page("words") == []
    assert library.get_version("words", 1) is None


@pytest.mark.usefixtures("tables")
def test_first_save_keeps_the_old_content_as_version_1() -> None:
    old_row()
    versions.save_version("words", changed(name="New"), OTHER, base=None, by="ada")
    assert [(each.number, each.name) for each in library.versions_page("words")] == [
        (2, "New"),
        (1, "Words"),
    ]
    assert library.read_files(version(1)) == FILES
    assert (row().number, row().usage_count) == (2, 7)
    raw = Challenge._get_connection().get_item("words")["Item"]["ecsConfig"]["M"]
    assert raw == {"cpu": {"N": "512"}, "memory": {"N": "1024"}, "storage": {"N": "21"}}


@pytest.mark.usefixtures("tables")
def test_put_of_the_same_gives_a_row_without_versions_its_version_1() -> None:
    old_row()
    wanted: dict[str, Any] = {
        "name": "Words", "description": "", "language": "", "duration_minutes": 60, "files": FILES
    }  # fmt: skip
    Challenge("words").update(actions=[Challenge.ecs_config.remove()])
    assert versions.put_challenge("words", **wanted) is True
    assert [each.number for each in library.versions_page("words")] == [1]
    assert versions.put_challenge("words", **wanted) is False


@pytest.mark.parametrize("number", [0, -1, 2, 10**400])
@pytest.mark.usefixtures("tables")
def test_unknown_version_is_none(number: int) -> None:
    create()
    assert library.get_version("words", number) is None
    assert library.get_version("missing", None) is None
    assert library.get_version("../x", 1) is None


@pytest.mark.usefixtures("tables")
def test_record_use_counts_but_creates_no_row() -> None:
    create()
    for _ in range(3):
        library.record_use("words")
    assert row().usage_count == 3
    assert datetime.now(UTC) - row().last_used_at < timedelta(minutes=1)
    library.record_use("missing")
    assert library.get_challenge("missing") is None


@pytest.mark.usefixtures("tables")
def test_archived_challenge_is_not_active_and_can_be_restored() -> None:
    create()
    assert library.set_active("words", False) is True
    assert (library.active_challenges(), [each.id for each in library.archived_challenges()]) == (
        [],
        ["words"],
    )
    versions.save_version("words", changed(name="More"), FILES, base=1, by="ada")
    assert row().is_archived
    assert library.set_active("words", True) is True
    assert [each.id for each in library.active_challenges()] == ["words"]
    assert library.set_active("missing", True) is False
    assert library.get_challenge("missing") is None


@pytest.mark.usefixtures("tables")
def test_dry_run_is_recorded_with_its_version(stream: FakeStream) -> None:
    create()
    versions.save_version("words", changed(name="More"), FILES, base=1, by="ada")
    stream.entries.clear()
    library.record_dry_run("words", 1, 12.34, "dryrun-1", None)
    found = version(1)
    assert (found.dry_run_seconds, found.dry_run_interview) == (12.3, "dryrun-1")
    assert [found.dry_run_problem, version(2).dry_run_at] == [None, None]
    assert datetime.now(UTC) - found.dry_run_at < timedelta(minutes=1)
    assert stream.events_named("challenge") == [{"challengeId": "words"}]
    library.record_dry_run("words", None, None, "dryrun-2", "No room.")
    assert [version().dry_run_seconds, version().dry_run_problem] == [None, "No room."]


@pytest.mark.usefixtures("tables")
def test_dry_run_of_an_unknown_version_creates_nothing() -> None:
    library.record_dry_run("words", 3, 1.0, "dryrun-1", None)
    library.record_dry_run("words", None, 1.0, "dryrun-1", None)
    assert list(Version.scan()) == []
    assert list(Challenge.scan()) == []


@pytest.mark.usefixtures("tables")
def test_two_thousand_files_fit() -> None:
    files = FILES | {f"{'x' * 50}/{number:04}.txt": b"" for number in range(1_998)}
    versions.create_challenge("words", ABOUT, files, by="ada")
    assert len(library.read_files(row())) == 2_000
    with pytest.raises(ValueError, match="2,001 files"):
        versions.save_version("words", ABOUT, files | {"one-more": b""}, base=1, by="ada")
    long = FILES | {f"{'x' * 200}/{number:04}.txt": b"" for number in range(1_998)}
    with pytest.raises(ValueError, match="file names are longer"):
        versions.save_version("words", ABOUT, long, base=1, by="ada")


@pytest.mark.usefixtures("tables")
def test_unavailable_tables_are_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    create()

    def away(*args: object, **keywords: object) -> None:
        raise PynamoDBException("away")

    monkeypatch.setattr(Challenge, "update", away)
    with pytest.raises(PynamoDBException, match="away"):
        library.set_active("words", False)


@pytest.mark.usefixtures("tables")
def test_changes_publish_events_for_staff_only(stream: FakeStream) -> None:
    create()
    library.record_use("words")
    library.set_active("words", False)
    assert stream.events_named("challenge") == [{"challengeId": "words"}] * 3
    fields = {name.encode(): value.encode() for name, value in stream.entries[0].items()}
    event = read_entry(b"1-1", fields)
    assert Subscription(lambda: (0, 0), None, None).receives(event)
    assert not Subscription(lambda: (0, 0), "takehome-1", None).receives(event)


SCRIPTS = StartingFiles({"README.md": b"x", "run.sh": b"#!/bin/sh\n", "tool": b"\0"}, ["tool"])


@pytest.mark.usefixtures("tables")
def test_execute_bits_are_kept_and_a_change_of_one_makes_a_version() -> None:
    versions.create_challenge("words", ABOUT, SCRIPTS, by="ada")
    assert library.read_files(version(1)) == SCRIPTS
    versions.save_version("words", ABOUT, StartingFiles(dict(SCRIPTS)), base=1, by="ada")
    assert library.read_files(version(2)).executable == {"run.sh"}
    assert library.read_files(version(1)).executable == {"tool"}
    same = library.read_files(row())
    assert versions.save_version("words", ABOUT, same, base=2, by="ada").number == 2


@pytest.mark.usefixtures("tables")
def test_shebang_counts_in_a_version_older_than_execute_bits() -> None:
    versions.create_challenge("words", ABOUT, StartingFiles(SCRIPTS, []), by="ada")
    old = version(1)
    for file in old.files:
        file.executable = None
    old.save()
    assert library.read_files(version(1)).executable == {"run.sh"}


def test_content_without_an_execute_bit_has_the_hash_of_earlier_versions() -> None:
    described = storage.describe_files(FILES)
    assert storage.content_hash(described) == "59e54a735e314b0a"
    assert storage.content_hash(storage.describe_files(StartingFiles(FILES, ["src/a.py"]))) != (
        storage.content_hash(described)
    )
