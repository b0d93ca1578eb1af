"""Fixtures and helpers for orphaned workspaces."""

import tarfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews.models import Interview
from operations import actions
from operations.reaper import end, scan
from operations.reaper.models import Orphan, OrphanReason, open_orphans
from tests.conftest import fresh, run_until_idle
from tests.fakes import FakeProvisioner


@pytest.fixture
def left(engine: FakeProvisioner) -> Callable[..., None]:
    """Call it with a name: the engine then runs an unknown workspace with this name."""

    def call(name: str, **files: bytes) -> None:
        engine.running[name] = dict(files)
        engine.disks[name] = engine.running[name]

    return call


@pytest.fixture
def swept(db: None, tables: None, enqueued: Any) -> Callable[[], list[Orphan]]:
    """Call it to scan the engines and return the open orphans."""

    def call() -> list[Orphan]:
        scan.scan_engines()
        return list(open_orphans())

    return call


@pytest.fixture
def over(running: Interview) -> Interview:
    actions.submit(running, by="candidate")
    return run_until_idle(running)


@pytest.fixture
def unsaved(over: Interview, left: Callable[..., None]) -> Interview:
    """A completed test without an archive, whose workspace still runs."""
    over.change(history_s3_key=None, archive_bytes=None, archive_sha256=None)
    left(over.id, **{"answer.py": b"print(42)\n"})
    return fresh(over)


def make_orphan(**attributes: Any) -> Orphan:
    """An orphan that is not due yet."""
    at = timezone.now()
    defaults: dict[str, Any] = {
        "engine": "fake",
        "name": "takehome-lost",
        "why": OrphanReason.UNKNOWN_INTERVIEW,
    }
    defaults |= {"since": at - timedelta(hours=3), "end_at": at + timedelta(minutes=40)}
    return Orphan.objects.create(**{**defaults, **attributes})


def make_due(orphan: Orphan) -> None:
    Orphan.objects.filter(pk=orphan.pk).update(end_at=timezone.now() - timedelta(seconds=1))


def end_what_is_due() -> None:
    """Make every open orphan due, and end it."""
    for orphan in open_orphans():
        make_due(orphan)
        end.end_orphan(orphan.pk)


def saved_in(key: str | None) -> dict[str, bytes]:
    """The files of an archive in the storage."""
    with default_storage.open(str(key), "rb") as file, tarfile.open(fileobj=file) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive]
        found = {name.partition("/")[2]: content for name, content in members}
        return {name: content.read() for name, content in found.items() if content is not None}
