"""A migration that is killed repeatedly migrates every row once in the end."""

from collections import Counter
from pathlib import Path

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.management.commands.migrate_takehomes import WORKERS
from interviews.models import Interview
from tests import legacy_rows
from tests.migrating import OldDeployment

ROWS = 160


# Six starts of the command, each of which reads and writes the tables of a server.
@pytest.mark.faults
@pytest.mark.usefixtures("real_tables")
@pytest.mark.timeout(600)
def test_migration_killed_three_times_copies_every_row_once(
    dynamodb_url: str, tmp_path: Path
) -> None:
    old = OldDeployment(dynamodb_url, tmp_path)
    old.fill(ROWS, now())
    before = {row["passcode"]["S"]: row for row in legacy_rows.rows(old.client, "takehome")}
    done = [old.run_and_kill(after) for after in (ROWS // 4, ROWS // 2, ROWS * 3 // 4)]
    assert done == sorted(set(done))
    found = old.run()
    # Rows that were being copied during a kill are reported as migrated already.
    assert sum(found["takehomes"].values()) == ROWS
    assert found["takehomes"].get("there", 0) <= len(done) * WORKERS
    assert found["unreadable"] == []

    rows = list(Interview.scan())
    assert Counter(row.passcode for row in rows) == Counter(list(before))
    assert {row.status for row in rows} <= set(Status)
    after = {row["passcode"]["S"]: row for row in legacy_rows.rows(old.client, "takehome")}
    assert {code: row["interviewId"]["S"] for code, row in after.items()} == {
        row.passcode: row.id for row in rows
    }
    assert {row["status"]["S"] for row in after.values()} == {"activated", "completed", "revoked"}
    verified = old.run("--verify")
    assert (verified["rows"], verified["same"]) == (ROWS, ROWS)

    stored = sorted(map(str, legacy_rows.rows(old.client, "interviews")))
    assert old.run()["takehomes"] == {"there": ROWS}
    assert sorted(map(str, legacy_rows.rows(old.client, "interviews"))) == stored
    old.client.delete_table(TableName="takehome")
