"""Workspaces that an engine runs, and time that has passed for those that nobody needs."""

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
    """Call it with a name: the engine runs a workspace of it, and nobody knows why."""

    def call(name: str, **files: bytes) -> None:
        engine.running[name] = dict(files)
        engine.disks[name] = engine.running[name]

    return call


@pytest.fixture
def swept(db: None, tables: None, enqueued: Any) -> Callable[[], list[Orphan]]:
    """Call it to sweep: what is there of orphans then."""

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
    """A test that is over, as if its files had never been saved, with its workspace."""
    over.change(history_s3_key=None, archive_bytes=None, archive_sha256=None)
    left(over.id, **{"answer.py": b"print(42)\n"})
    return fresh(over)


def make_orphan(**attributes: Any) -> Orphan:
    """One that was seen an hour ago and is ended in a while."""
    at = timezone.now()
    usual: dict[str, Any] = {
        "engine": "fake",
        "name": "takehome-lost",
        "why": OrphanReason.UNKNOWN_INTERVIEW,
    }
    usual |= {"since": at - timedelta(hours=3), "end_at": at + timedelta(minutes=40)}
    return Orphan.objects.create(**{**usual, **attributes})


def make_due(orphan: Orphan) -> None:
    Orphan.objects.filter(pk=orphan.pk).update(end_at=timezone.now() - timedelta(seconds=1))


def end_what_is_due() -> None:
    """Everything is due, and a worker hears of it."""
    for orphan in open_orphans():
        make_due(orphan)
        end.end_orphan(orphan.pk)


def saved_in(key: str | None) -> dict[str, bytes]:
    """The files of an archive in the store."""
    with default_storage.open(str(key), "rb") as file, tarfile.open(fileobj=file) as archive:
        found = [(member.name, archive.extractfile(member)) for member in archive]
        return {name: content.read() for name, content in found if content is not None}
