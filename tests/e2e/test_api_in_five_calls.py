"""docs/api.md, run as it stands: its blocks, in order, against the platform."""

import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from takehome_platform.local_stack.config import ROOT
from tests.e2e.conftest import Platform
from tests.services import wait_until

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> str:
    """All of them, as one program."""
    page = (ROOT / "docs" / "api.md").read_text()
    return "\n".join(code for name, code in BLOCK.findall(page) if name == language)


def shell(platform: Platform, commands: str) -> str:
    """What they say, run on the server with its environment."""
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        "DATA_DIR": str(platform.folder),
        "SECRET_KEY": (platform.folder / "secret_key").read_text().strip(),
        "DATABASE_URL": "",
        "DEBUG": "true",
    }
    done = subprocess.run(
        ["sh", "-ec", commands], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def call(platform: Platform, token: str, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        platform.origin + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def end_a_test(platform: Platform, token: str) -> str:
    """A candidate takes a test, and it is ended: there is something to download."""
    body = {"candidateName": "Grace Hopper", "challenge": "room-booking"}
    made = call(platform, token, "POST", "/api/takehome", body)["interview"]
    path = f"/api/interviews/{made['id']}"

    def is_now(status: str) -> bool:
        return bool(call(platform, token, "GET", path)["status"] == status)

    shown = call(platform, token, "GET", f"/api/interviews/by-passcode/{made['passcode']}")
    confirmed = {"passcode": made["passcode"], "confirmedPolicy": shown["policy"]["id"]}
    call(platform, token, "POST", f"{path}/activate", confirmed)
    wait_until(lambda: is_now("active"), "it did not start", 60)
    call(platform, token, "POST", f"{path}/destroy")
    wait_until(lambda: is_now("completed"), "it did not end", 60)
    return str(made["id"])


@pytest.mark.timeout(180)
def test_the_five_calls_work_as_they_stand(platform: Platform, tmp_path: Path) -> None:
    token = shell(platform, blocks("sh") + '\nprintf %s "$TOKEN"')
    ended = end_a_test(platform, token)
    for _ in range(2):
        # The same key: the second time makes no second invitation.
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", blocks("python")],
            cwd=tmp_path,
            env={"BASE": platform.origin, "TOKEN": token, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
    invited, listed, extended, *saved = done.stdout.splitlines()
    assert re.fullmatch(rf"Send the candidate {platform.origin}/take-home/[A-Z2-9]{{8}}/", invited)
    assert re.fullmatch(r"\d+ are open: \[.*'available'.*\]", listed)
    assert extended == "Ada Lovelace now has 120 minutes"
    assert "Saved the files of Grace Hopper" in saved
    with tarfile.open(tmp_path / f"{ended}.tar.gz") as archive:
        assert any(name.endswith("README.md") for name in archive.getnames())
