"""Lists in the store."""

import os
from pathlib import Path

from django.core.files.storage import default_storage

from interviews.models import Interview
from operations.progress.keys import folder_of
from operations.progress.manifest_store import (
    read_manifest,
)
from operations.progress.models import ProgressState
from operations.progress.packs import read_content
from tests.operations.progress.conftest import keep_now

FILES = 300


def on_disk(workspace: Path) -> dict[bytes, bytes]:
    return {
        os.fsencode(path.relative_to(workspace)): path.read_bytes()
        for path in workspace.rglob("*")
        if path.is_file()
    }


def in_state(state: ProgressState) -> dict[bytes, bytes]:
    manifest = read_manifest(state.key)
    return {
        path: read_content(manifest.contents[file.sha256], file.sha256)
        for path, file in manifest.files.items()
    }


def is_whole(state: ProgressState) -> bool:
    return read_manifest(state.key).is_stored_whole


def keep_changes(
    watched: Interview, many: Path, changes: int
) -> tuple[list[dict[bytes, bytes]], list[ProgressState]]:
    """Keep a state and so many changes; return what was on the disk each time, and the states."""
    expected = []
    for number in range(changes + 1):
        (many / "7.py").write_bytes(b"%d" % number)
        expected.append(on_disk(many))
        states = keep_now(watched)
    return expected, states


def listed(interview) -> list[str]:
    return default_storage.listdir(folder_of(interview.id))[1]
