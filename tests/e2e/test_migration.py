"""A candidate starts and finishes on the link of an old invitation, while old rows are copied."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from playwright.sync_api import Page, expect

from takehome_platform.local_stack.config import ROOT
from tests import legacy_rows
from tests.e2e.conftest import (
    Invitation,
    Platform,
    Staff,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
    press_submit,
)
from tests.e2e.workspace import (
    READ_IN_JUPYTERLAB,
    SAVE_IN_JUPYTERLAB,
    saved_names,
    sign_in_to_workspace,
)
from tests.services import wait_until

CODE = "ZZZZ2345"
OTHERS = 120
# Units a second: slow enough that it goes on for as long as the candidate works.
SLOWLY = 8


class Old:
    """The old portal's table in that platform's own server, and the command beside it."""

    def __init__(self, platform: Platform) -> None:
        self.folder: Path = platform.folder
        parts = json.loads((platform.folder / "run.json").read_text())["parts"]
        command = psutil.Process(parts["dynamodb"]["pid"]).cmdline()
        self.endpoint = f"http://127.0.0.1:{command[command.index('--port') + 1]}"
        self.client: Any = boto3.client(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        legacy_rows.create(self.client, "takehome")

    def put(self, *rows: legacy_rows.Row) -> None:
        legacy_rows.put(self.client, "takehome", rows)

    def migrate(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "migrate_takehomes", "--json", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
                "DEBUG": "true",
                "SECRET_KEY": (self.folder / "secret_key").read_text().strip(),
                "DATA_DIR": str(self.folder),
                "DYNAMODB_ENDPOINT_URL": self.endpoint,
                "LEGACY_TAKEHOME_TABLE": "takehome",
                "TABLE_PREFIX": "",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self, *arguments: str) -> dict[str, Any]:
        process = self.migrate("--rate=0", *arguments)
        out, err = process.communicate()
        assert process.returncode == 0, err
        return dict(json.loads(out))

    def done(self) -> int:
        place = self.folder / "migrate_takehomes.json"
        if not place.exists():
            return 0
        return sum(json.loads(place.read_text())["report"]["takehomes"].values())


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One that knows of an old table, with JupyterLab in its workspaces."""
    platform = Platform(tmp_path_factory.mktemp("old-platform"), code_server="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEGACY_TAKEHOME_TABLE", "takehome")
        platform.start()
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def old(platform: Platform) -> Old:
    """It holds many invitations, and one that a candidate will open."""
    old = Old(platform)
    at = datetime.now(UTC)
    old.put(*(row for row, _ in legacy_rows.many(OTHERS, at)))
    challenge = {"S": "settlement-check"}
    old.put(
        legacy_rows.take_home(
            CODE, at=at, challenge=challenge, candidateName={"S": "Ada of the old portal"}
        )
    )
    return old


# Half a minute: a platform of its own, a real JupyterLab, and three runs of the command.
@pytest.mark.timeout(400)
def test_an_old_link_works_from_start_to_end_while_its_table_is_migrated(
    old: Old, platform: Platform, staff: Staff, candidate: Page
) -> None:
    slow = old.migrate(f"--rate={SLOWLY}")
    wait_until(lambda: old.done() > 2, "the migration did not begin", seconds=60)

    answer = candidate.request.get(f"{platform.origin}/api/interviews/by-passcode/{CODE}")
    invitation = Invitation(answer.json()["id"], f"{platform.origin}/take-home/{CODE}/")
    open_link(candidate, invitation)
    expect_screen(candidate, "available")
    expect(candidate.locator("main")).to_contain_text("Think aloud in NOTES.md.")
    press_start(candidate)
    expect_screen(candidate, "active")
    staff.page.reload()
    staff.expect_status(invitation, "active")
    expect(staff.row(invitation)).to_have_count(1)
    workspace = sign_in_to_workspace(candidate)
    assert "# " in workspace.evaluate(READ_IN_JUPYTERLAB, "README.md")
    assert workspace.evaluate(SAVE_IN_JUPYTERLAB, ["answer.py", "print('жизнь')\n"]) == 201
    assert slow.poll() is None, slow.communicate()

    press_submit(candidate)
    expect_screen(candidate, "completed")
    assert never_reloaded(candidate)
    details = staff.details(invitation)
    assert (details["status"], details["endReason"]) == ("completed", "submitted")
    assert saved_names(staff, invitation.id)["answer.py"].decode() == "print('жизнь')\n"
    seen = [moment["status"] for moment in details["timeline"]]
    # The invitation, and the confirmation of what is allowed.
    assert seen[:2] == ["available", "available"]
    assert seen[2:6] == ["activated", "initializing", "configuring", "active"]

    # Cut off where it is; the next run does the rest.
    assert slow.poll() is None, slow.communicate()
    slow.kill()
    slow.communicate()
    found = old.report()
    assert sum(found["takehomes"].values()) == OTHERS + 1
    assert found["unreadable"] == []
    verified = old.report("--verify")
    assert (verified["rows"], verified["same"]) == (OTHERS + 1, OTHERS + 1)
    rows = legacy_rows.rows(old.client, "interviews")
    assert sorted(row["passcode"]["S"] for row in rows if "passcode" in row) == sorted(
        row["passcode"]["S"] for row in legacy_rows.rows(old.client, "takehome")
    )
    again = staff.details(invitation)
    assert (again["status"], again["timeline"]) == ("completed", details["timeline"])
