"""The volumes, put back under a fresh project name, are the whole platform: docs/compose.md."""

import io
import json
import re
import tarfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from takehome_platform.local_stack.config import ROOT
from tests.api_client import ApiClient
from tests.compose.stack import Stack, report, run
from tests.e2e.conftest import PASSWORD, answers
from tests.services import wait_until

VOLUMES = ("data", "dynamodb")
PAGE = (ROOT / "docs" / "compose.md").read_text()


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="takehome-backup-") as folder:
        yield Path(folder)


@pytest.fixture
def original(folder: Path) -> Iterator[Stack]:
    stack = Stack(folder, PASSWORD)
    try:
        stack.up()
        yield stack
    finally:
        if stack.containers("web"):
            stack.take_down()
        else:
            # The test removed it, but for the network of the workspace that ran on.
            stack.compose("down")


def documented(start: str, project: str) -> str:
    """The documented loop over the volumes that has this line, for another project."""
    pattern = re.compile(r"^    for volume in .*?^    done$", re.MULTILINE | re.DOTALL)
    loops: list[str] = pattern.findall(PAGE)
    [loop] = [each for each in loops if start in each]
    return loop.replace("takehome_$volume", f"{project}_$volume")


def shell(script: str, folder: Path) -> None:
    run("sh", "-ec", f'cd "{folder}"\n{script}')


def names_in(archive: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {Path(name).name for name in files.getnames()}


def test_volumes_put_back_are_the_whole_platform(original: Stack, folder: Path) -> None:
    [web] = original.containers("web")
    command = ("python", "manage.py", "create_api_token", "backup", "--role", "Administrator")
    client = ApiClient(original.origin, original.execute(web, *command).strip())
    ended, running = client.start_test("Ada"), client.start_test("Grace")
    for each in (ended, running):
        [workspace] = original.workspaces(each["id"])
        original.execute(workspace, "sh", "-c", "echo 42 > answer.txt")
    client.end_test(ended["id"])
    archive = client.saved_files(ended["id"])

    started_at = time.monotonic()
    original.compose("stop")
    shell(documented("/from -czf", original.project), folder)
    report("back up", time.monotonic() - started_at)
    # Nothing may be read from where it was. The workspaces stay on the engine.
    original.compose("down", "--volumes", "--timeout", "5")

    restored = Stack(folder, PASSWORD, original.prefix)
    try:
        started_at = time.monotonic()
        shell(documented("/into -xzpf", restored.project), folder)
        restored.up()
        report("restore", time.monotonic() - started_at)
        client = ApiClient(restored.origin, client.token)
        history = json.loads(client.call("interviews?ended=true"))["items"]
        assert [one["id"] for one in history] == [ended["id"]]
        assert client.saved_files(ended["id"]) == archive
        assert "answer.txt" in names_in(archive)

        # It goes on in the network of the fresh project, with its files.
        wait_until(partial(is_found_again, client, running), "the running test is lost", 120)
        client.end_test(running["id"])
        assert "answer.txt" in names_in(client.saved_files(running["id"]))
        wait_until(lambda: restored.left(running["id"]) == [], "something of it is left", 60)
    finally:
        restored.take_down()
        # Compose did not create these, and leaves them.
        run("docker", "volume", "rm", *(f"{restored.project}_{name}" for name in VOLUMES))


def is_found_again(client: ApiClient, running: dict[str, str]) -> bool:
    current = client.interview(running["id"])
    return current["password"] == running["password"] and answers(current["accessUrl"])
