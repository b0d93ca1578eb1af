"""manage.py migrate_takehomes: its reports, interruption, confirmation and deletion."""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, verification
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.models import Interview
from operations import actions
from tests import legacy_rows
from tests.interviews.legacy.test_migration import every as every
from tests.interviews.legacy.test_migration import everything
from tests.interviews.legacy.test_migration import old as old


@pytest.fixture
def few(old: Any) -> Any:
    """Write three rows: two are readable, and one of those is running."""
    at = now()
    legacy_rows.put(
        old,
        "takehome",
        [
            legacy_rows.take_home("AAAAAAAA", at=at, score={"N": "7"}),
            legacy_rows.activated("BBBBBBBB", "takehome-1700000000001-abcd1", at=at),
            legacy_rows.take_home("CCCCCCCC", at=at, validUntil=None),
        ],
    )
    legacy_rows.put(
        old, "interviews", [legacy_rows.interview("takehome-1700000000001-abcd1", at=at)]
    )
    return old


def migrate(*arguments: str) -> tuple[list[str], list[str], str]:
    """Run the command; return the lines of stdout and stderr, and the error or an empty text."""
    out, err = StringIO(), StringIO()
    ended = ""
    try:
        call_command("migrate_takehomes", "--rate=0", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        ended = str(error)
    return out.getvalue().splitlines(), err.getvalue().splitlines(), ended


def report(*arguments: str) -> dict[str, Any]:
    lines, _, _ = migrate("--json", *arguments)
    [line] = lines
    return dict(json.loads(line))


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Simulate a user who types this at a terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: text)


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


def test_verify_succeeds_after_a_migration(few: Any) -> None:
    few.delete_item(TableName="takehome", Key={"passcode": {"S": "CCCCCCCC"}})
    migrate()
    out, _, ended = migrate("--verify")
    assert out[:2] == ["2 rows of takehome", "  2 are the same in both tables"]
    assert ended == ""


def test_verify_reports_differences_by_field(few: Any) -> None:
    migrate()
    interview = queries.get_by_passcode("AAAAAAAA")
    assert interview is not None
    interview.change(candidate_name="Somebody else", legacy_attributes={"score": {"N": "8"}})
    found = report("--verify")
    assert sorted((each["passcode"], each["field"]) for each in found["differences"]) == [
        ("AAAAAAAA", "candidateName"),
        ("AAAAAAAA", "legacyAttributes"),
        ("CCCCCCCC", ""),
    ]
    out, _, ended = migrate("--verify")
    assert (
        "  AAAAAAAA: candidateName is 'Ada AAAAAAAA' in the old table, and 'Somebody else' here"
        in out
    )
    assert "  CCCCCCCC: it can't be read: validUntil is missing." in out
    assert ended == "2 of 3 rows differ."


def test_verify_reports_rows_that_are_not_copied(few: Any) -> None:
    out, _, ended = migrate("--verify")
    assert "  AAAAAAAA: it isn't copied yet" in out
    assert "  BBBBBBBB: it isn't copied yet" in out
    assert ended == "3 of 3 rows differ."


def test_verify_ignores_changes_since_the_migration(few: Any, enqueued: Any) -> None:
    migrate()
    interview = queries.get_by_passcode("AAAAAAAA")
    assert interview is not None
    actions.extend(interview, 30, by="recruiter")
    actions.activate(interview, by="candidate")
    passcodes = {each["passcode"] for each in report("--verify")["differences"]}
    assert passcodes == {"CCCCCCCC"}


def test_verify_reports_a_later_revocation_by_the_old_portal(few: Any) -> None:
    migrate()
    few.update_item(
        TableName="takehome",
        Key={"passcode": {"S": "AAAAAAAA"}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "revoked"}},
    )
    out, _, _ = migrate("--verify")
    assert "  AAAAAAAA: status is revoked in the old table, and available here" in out


def test_delete_keeps_rows_that_differ(few: Any) -> None:
    migrate()
    out, _, ended = migrate("--delete-migrated", "--yes")
    assert out[:3] == [
        "3 rows of takehome",
        "  2 are the same in both tables",
        "  2 were deleted",
    ]
    assert ended == "1 row stays, as it differs between the tables."
    assert [row["passcode"]["S"] for row in legacy_rows.rows(few, "takehome")] == ["CCCCCCCC"]
    for code in ("AAAAAAAA", "BBBBBBBB"):
        assert queries.get_by_passcode(code) is not None


def test_delete_keeps_rows_that_are_not_copied(few: Any) -> None:
    before = everything(few)
    migrate("--delete-migrated", "--yes")
    assert everything(few) == before


def test_delete_keeps_rows_that_change_meanwhile(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    compare = verification.find_differences

    def late(row: Any) -> Any:
        found = compare(row)
        few.update_item(
            TableName="takehome",
            Key={"passcode": {"S": row.passcode}},
            UpdateExpression="SET candidateName = :n",
            ExpressionAttributeValues={":n": {"S": "Changed"}},
        )
        return found

    monkeypatch.setattr(verification, "find_differences", late)
    found = verification.verify(CapacityLimiter(0), lambda so_far: None, delete=True)
    assert (found.deleted, found.changed) == (0, 2)
    assert len(legacy_rows.rows(few, "takehome")) == 3


def test_delete_asks_for_the_name_of_the_table(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    answer(monkeypatch, "yes")
    _, err, ended = migrate("--delete-migrated")
    assert err == [
        "2 of 3 rows of takehome will be deleted permanently. "
        "The old portal will no longer find them."
    ]
    assert ended == "Nothing was deleted."
    assert len(legacy_rows.rows(few, "takehome")) == 3
    answer(monkeypatch, "takehome")
    migrate("--delete-migrated")
    assert len(legacy_rows.rows(few, "takehome")) == 1


def test_delete_without_a_terminal_is_refused(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert migrate("--delete-migrated")[2] == (
        "There is no terminal to confirm in. Add --yes to delete."
    )
    assert len(legacy_rows.rows(few, "takehome")) == 3


def test_delete_is_refused_while_the_old_table_is_in_use(few: Any, settings: Any) -> None:
    migrate()
    settings.UNIFIED_TAKEHOMES = False
    assert migrate("--delete-migrated", "--yes")[2] == (
        "UNIFIED_TAKEHOMES is off, so the old table is in use. Turn it on first."
    )
    assert len(legacy_rows.rows(few, "takehome")) == 3


def test_unavailable_table_gives_a_message(few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    few.delete_table(TableName="takehome")
    assert migrate()[2].startswith("DynamoDB: ")


def test_every_kind_of_row_verifies_after_the_migration(every: Any) -> None:
    migrate()
    found = report("--verify")
    assert (found["rows"], found["same"]) == (25, 19)
    bad = {row["passcode"]["S"] for row in legacy_rows.unreadable(now()).values()}
    assert {each["passcode"] for each in found["differences"]} == bad
    assert report("--delete-migrated", "--yes")["deleted"] == 19
    assert report()["takehomes"] == {"unreadable": 6}
    for row in legacy_rows.every_take_home(now()).values():
        assert queries.get_by_passcode(row["passcode"]["S"]) is not None
    assert len(list(Interview.scan())) == 27
