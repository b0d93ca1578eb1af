"""A copy of the folder of `make run`, made while it is stopped, goes on elsewhere."""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.api_client import ApiClient
from tests.e2e import editor
from tests.e2e.conftest import PASSWORD, Platform, answers
from tests.services import wait_until

ANSWER = b"print(6 * 7)\n"
MAKE_TOKEN = """
from dashboard.auth import api_tokens
print(api_tokens.create("backup", "Administrator", by="admin")[1])
"""
CHECK_PASSWORD = f"""
from django.contrib.auth.models import User
print(User.objects.get(username="admin").check_password({PASSWORD!r}))
"""


@pytest.fixture
def original(tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "original").mkdir()
    platform = Platform(tmp_path / "original", editor.program(tmp_path))
    platform.start()
    yield platform
    platform.stop()


def answer_of(platform: Platform, interview_id: str) -> Path:
    """The candidate's file in a running workspace."""
    return platform.workspace(interview_id) / "files" / "answer.py"


def saved_answer(archive: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        [name] = [each for each in files.getnames() if each.endswith("answer.py")]
        content = files.extractfile(name)
        assert content is not None
        return content.read()


# Half a minute: two starts of the platform, and two workspaces.
def test_copied_folder_goes_on_elsewhere(original: Platform, tmp_path: Path) -> None:
    client = ApiClient(original.origin, original.python(MAKE_TOKEN).strip())
    ended, running = client.start_test("Ada"), client.start_test("Grace")
    for each in (ended, running):
        answer_of(original, each["id"]).write_bytes(ANSWER)
    client.end_test(ended["id"])
    archive = client.saved_files(ended["id"])
    original.stop()

    shutil.copytree(original.folder, tmp_path / "copy", symlinks=True)
    # Nothing may be read from where it was.
    shutil.rmtree(original.folder)
    restored = Platform(tmp_path / "copy", original.code_server)
    restored.start()
    try:
        client = ApiClient(restored.origin, client.token)
        assert restored.python(CHECK_PASSWORD).strip() == "True"
        history = json.loads(client.call("interviews?ended=true"))["items"]
        assert [one["id"] for one in history] == [ended["id"]]
        assert client.saved_files(ended["id"]) == archive
        assert hashlib.sha256(archive).hexdigest() == history[0]["archiveSha256"]

        again = client.wait_for(running["id"], "active")
        assert again["password"] == running["password"]
        wait_until(partial(answers, again["accessUrl"]), "the workspace does not answer", 40)
        assert answer_of(restored, running["id"]).read_bytes() == ANSWER
        client.end_test(running["id"])
        assert saved_answer(client.saved_files(running["id"])) == ANSWER
    finally:
        restored.stop()
