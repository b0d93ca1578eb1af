"""What the command verifies, and what it deletes."""

import sys
from typing import Any

import pytest

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import verification
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.models import Interview
from operations import actions
from tests import legacy_rows
from tests.interviews.legacy.migrate_takehomes.command import migrate, report
from tests.interviews.legacy.migration.running import everything


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Simulate a user who types this at a terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: text)


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
