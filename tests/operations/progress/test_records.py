"""Kept progress in the export of a candidate's data."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from operations.audit import Channel, Origin, acting_as
from operations.candidate_data import export, selection
from operations.progress.manifest_store import lists, read_manifest
from tests.operations.progress.conftest import keep_now

pytestmark = pytest.mark.django_db


def exported(interview) -> zipfile.ZipFile:
    with acting_as(Origin("admin", Channel.COMMAND)):
        candidate = selection.find_by_interview(interview)
        return zipfile.ZipFile(io.BytesIO(b"".join(export.export_candidate(candidate))))


def test_an_export_has_what_each_state_had_new(watched, workspace: Path) -> None:
    keep_now(watched)
    name = b"caf\xe9"
    for content in (b"one\n", b"two\n"):
        Path(os.fsdecode(os.fsencode(workspace) + b"/" + name)).write_bytes(content)
        (workspace / "same.txt").write_bytes(b"same\n")
        states = keep_now(watched)
    archive = exported(watched)
    later = {
        path: archive.read(path)
        for path in archive.namelist()
        if path.startswith(("progress/interview-1/2/", "progress/interview-1/3/"))
    }
    assert later == {
        "progress/interview-1/2/caf_xe9": b"one\n",
        "progress/interview-1/2/same.txt": b"same\n",
        "progress/interview-1/3/caf_xe9": b"two\n",
    }
    (interview,) = json.loads(archive.read("candidate-data.json"))["interviews"]
    assert [each["linesAdded"] for each in interview["progress"]] == [0, 2, 1]
    assert selection.find_by_interview(watched).inventory().progress_states == len(states)


def test_an_export_leaves_out_what_the_store_lost(watched, workspace: Path) -> None:
    keep_now(watched)
    (workspace / "new.txt").write_bytes(b"new\n")
    first, second = keep_now(watched)
    (pack,) = {each.pack for each in read_manifest(first.key).contents.values()}
    default_storage.delete(pack)
    assert [path for path in exported(watched).namelist() if path.startswith("progress/")] == [
        "progress/interview-1/2/new.txt"
    ]
    default_storage.delete(second.key)
    lists.clear()
    assert not [path for path in exported(watched).namelist() if path.startswith("progress/")]
