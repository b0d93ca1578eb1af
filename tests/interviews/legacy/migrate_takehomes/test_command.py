"""The command that migrates: its report, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from interviews.legacy import lazy_migration
from tests.interviews.legacy.migrate_takehomes.command import migrate, report
from tests.interviews.legacy.migration.running import everything


@pytest.mark.usefixtures("tables")
def test_missing_old_table_names_the_setting() -> None:
    assert migrate() == (
        [],
        [],
        "LEGACY_TAKEHOME_TABLE is empty, so there's no old table to read.",
    )


def test_report_has_the_outcome_of_the_rows(few: Any) -> None:
    out, err, ended = migrate()
    assert sorted(out[:-1]) == sorted(
        [
            "Take-home tests of takehome:",
            "          1  copied",
            "          1  joined with their running or ended interview",
            "          1  can't be read",
            "  of those, by status:",
            "          1  available",
            "          1  active",
            "Rows of interviews:",
            "          2  already belong to this platform",
            "Attributes that are only copied:",
            "          1  score",
            "Can't be read:",
            "  takehome CCCCCCCC: validUntil is missing.",
        ]
    )
    assert out[-1].startswith("Capacity used: ")
    assert (err, ended) == ([], "1 row can't be read and was left alone.")


def test_dry_run_reports_and_writes_nothing(few: Any, tmp_path: Path) -> None:
    before = everything(few)
    out, _, ended = migrate("--dry-run")
    assert "          1  would be copied" in out
    assert "  takehome CCCCCCCC: validUntil is missing." in out
    assert ended == "1 row can't be read and was left alone."
    assert everything(few) == before
    assert list(tmp_path.glob("*.json")) == []


def test_json_report_is_complete(few: Any) -> None:
    found = report()
    capacity = found.pop("capacity")
    assert found == {
        "dryRun": False,
        "takehomes": {"copied": 1, "joined": 1, "unreadable": 1},
        "interviews": {"there": 2},
        "statuses": {"available": 1, "active": 1},
        "carried": {"score": 1},
        "unreadable": [
            {"table": "takehome", "key": "CCCCCCCC", "reason": "validUntil is missing."}
        ],
    }
    assert capacity["read"] > 0
    assert capacity["write"] > 0


def test_interrupted_migration_resumes_and_deletes_its_checkpoint(
    few: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    copy = lazy_migration.copy_takehome

    def once(row: Any, **options: Any) -> Any:
        if copied:
            raise KeyboardInterrupt
        copied.append(row.passcode)
        return copy(row, **options)

    with monkeypatch.context() as patch:
        patch.setattr(lazy_migration, "copy_takehome", once)
        _, _, ended = migrate()
    assert ended == "Stopped. Run this again to continue."
    [place] = tmp_path.glob("*.json")
    assert place.stat().st_mode & 0o777 == 0o600
    again, err, _ = migrate()
    assert err == ["Continuing after 1 rows."]
    assert sum(int(line.split()[0]) for line in again[1:4]) == 3
    assert list(tmp_path.glob("*.json")) == []
    assert report()["takehomes"] == {"there": 2, "unreadable": 1}


def test_unusable_checkpoint_file_is_named(few: Any, tmp_path: Path) -> None:
    place = tmp_path / "place.json"
    place.write_text("not json")
    _, _, ended = migrate(f"--state={place}")
    assert ended == f"{place} can't be read. Remove it, and run this again."
    assert migrate(f"--state={place}", "--restart")[2].startswith("1 row")
    missing = tmp_path / "a-file"
    missing.write_text("")
    _, _, ended = migrate(f"--state={missing}/place.json")
    assert "Name another with --state" in ended


@pytest.mark.parametrize("rate", ["-1", "1e9", "nan"])
def test_invalid_rate_is_refused(few: Any, rate: str) -> None:
    with pytest.raises(CommandError, match="--rate must be a number of units"):
        call_command("migrate_takehomes", f"--rate={rate}")
