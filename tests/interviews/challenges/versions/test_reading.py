"""Challenges without versions, their use, dry runs, limits and execute bits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException

from interviews.challenges import library, storage, versions
from interviews.challenges.models import Challenge, Version
from interviews.challenges.starting_files import StartingFiles
from operations.sse.subscription import Subscription, read_entry
from tests.fakes import FakeStream
from tests.interviews.challenges.versions.writing import (
    ABOUT,
    FILES,
    OTHER,
    changed,
    create,
    row,
    version,
)


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
