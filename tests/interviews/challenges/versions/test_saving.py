"""Versions of a challenge are saved once, also when a process dies or two save at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from interviews.challenges import library, storage, versions
from interviews.challenges.models import Challenge, Version
from interviews.challenges.versions import ChallengeIdTakenError, VersionConflictError
from tests.interviews.challenges.versions.writing import (
    ABOUT,
    FILES,
    OTHER,
    changed,
    create,
    row,
    version,
)


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
