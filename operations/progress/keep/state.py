"""One state of the progress: its contents and its list in the store, and its rows."""

import contextlib
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

import structlog
from django.core.files.storage import default_storage
from django.db import transaction

from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.progress.changes import Changes, changes_between
from operations.progress.keep.look import Look, NewContents, Pass
from operations.progress.keys import manifest_key, pack_key
from operations.progress.manifest import Manifest
from operations.progress.manifest_store import (
    BrokenManifestError,
    last_manifest,
    lists,
    store_manifest,
)
from operations.progress.models import ProgressState, ProgressWatch, last_state_and_bytes
from operations.progress.packs import BrokenPackError, PackReader, PackWriter
from operations.progress.schedule import interval
from operations.progress.starting import read_starting, starting_manifest
from operations.provisioners.base import Provisioner
from operations.submissions.starting import StartingVersion

logger = structlog.get_logger(__name__)

# With the lists of all states. After that the last state stays the last one.
MAX_ALL_BYTES = 500 * 1024 * 1024


class ClaimLostError(Exception):
    """Another worker keeps this progress, or the interview was deleted."""


class ProgressFullError(Exception):
    """The interview has as much in the store as it may."""

    def __init__(self) -> None:
        super().__init__(f"There are {MAX_ALL_BYTES // 1024**2} MB already")


class StateKeeper:
    """Keeps one state of the progress, while its worker has the claim."""

    def __init__(
        self,
        interview: Interview,
        engine: Provisioner,
        watch: ProgressWatch,
        token: str,
        now: datetime,
    ) -> None:
        self._interview = interview
        self._watch = watch
        self._token = token
        self._now = now
        self._sitting = int(interview.reopened or 0) + 1
        self._starting = StartingVersion.of(interview)
        self._last, content_bytes = last_state_and_bytes(interview.id)
        self._old = _read_old(self._last)
        self._number = (self._last.number if self._last is not None else 0) + 1
        self._pack = PackWriter(pack_key(interview.id, self._number, token))
        self._packs = PackReader()
        self._new = NewContents(self._pack, content_bytes)
        self._look = Look(interview, engine, self._starting, self._old, self._new)

    def run(self) -> None:
        """Look, store what is new, and write the rows.

        Raises:
            ClaimLostError: if the claim was lost; then nothing is left.
            ProgressFullError: if there is no room for another state.
            ProvisionError: if the engine fails.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        with self._pack, self._packs:
            if self._watch.stored_bytes >= MAX_ALL_BYTES:
                raise ProgressFullError
            found = self._look.look(self._since_ns())
            differing = found.manifest.differing_paths(self._old, found.touched)
            is_new = self._last is None or not found.manifest.is_same(self._old, differing)
            if not is_new and not _has_new_stamps(found.manifest, self._old, differing):
                self._write_rows(found, None, None)
                return
            changes = self._changes(found.manifest, differing) if is_new else None
            found.manifest.count_from(self._old, differing)
            found.manifest.forget_old_contents()
            # A list that takes the place of another one goes with the state of that one.
            number = self._number if is_new or self._last is None else self._last.number
            key = manifest_key(self._interview.id, number, self._token)
            # Nothing may stand on a whole list that is deleted below.
            stands_alone = not is_new and self._old.is_stored_whole
            try:
                self._pack.store()
                before = None if stands_alone else self._old
                key = store_manifest(found.manifest, key, before, differing)
                self._write_rows(found, key, changes)
            except BaseException:
                self._discard(self._pack.key, key)
                raise
        lists.put(key, found.manifest)
        if not is_new and self._last is not None:
            # Its list was replaced by one that is the same, but for the times of files.
            self._discard(self._last.key)

    def _since_ns(self) -> int:
        """From when on files have to be read: the last look of this sitting."""
        is_known = self._last is not None and self._watch.sitting == self._sitting
        return self._watch.since_ns if is_known else 0

    def _changes(self, new: Manifest, differing: Collection[bytes]) -> Changes:
        old = self._old
        if self._last is None:
            old = starting_manifest(self._starting, new)
            differing = new.differing_paths(old)
        elif any(path in old.files and old.files[path].is_awaited for path in differing):
            # Those that no look had read before are compared with the starting files.
            starting = starting_manifest(self._starting, new).files
            files = {
                path: file if not file.is_awaited else starting.get(path, file)
                for path, file in old.files.items()
            }
            old = Manifest(files, old.contents)
            differing = new.differing_paths(old, differing)
        return changes_between(old, new, differing, lru_cache(maxsize=2)(self._read))

    def _read(self, sha256: str) -> bytes | None:
        if sha256 in self._new.packed:
            return self._pack.read(self._new.packed[sha256])
        kept = self._old.contents.get(sha256)
        try:
            if kept is not None:
                return self._packs.read(kept, sha256)
            return read_starting(self._starting, sha256)
        except (BrokenPackError, *STORAGE_ERRORS) as error:
            logger.warning("progress_not_compared", interview=self._interview.id, reason=str(error))
            return None

    def _write_rows(self, found: Pass, key: str | None, changes: Changes | None) -> None:
        """Write what was found, if the claim is still held.

        Raises:
            ClaimLostError: if it is not.
        """
        since_ns = min(found.started_ns, found.unread_ns or found.started_ns)
        new_bytes = self._pack.size if key is not None else 0
        stored, before = found.manifest.stored, self._old.stored
        list_bytes = stored.packed_bytes if stored is not None and key is not None else 0
        if key is not None and changes is None and before is not None:
            # Without changes it takes the place of the list before.
            list_bytes -= before.packed_bytes
        with transaction.atomic():
            held = ProgressWatch.objects.filter(pk=self._watch.pk, claim=self._token)
            if not held.update(
                claim="",
                claimed_until=None,
                due_at=self._now + interval(),
                sitting=self._sitting,
                since_ns=since_ns,
                kept_at=self._now,
                stored_bytes=self._watch.stored_bytes + new_bytes + list_bytes,
            ):
                raise ClaimLostError(self._interview.id)
            if changes is not None and key is not None:
                files, lines = found.manifest.totals()
                ProgressState.objects.create(
                    interview_id=self._interview.id,
                    number=self._number,
                    sitting=self._sitting,
                    since=self._since(),
                    at=self._now,
                    key=key,
                    files=files,
                    lines=lines,
                    new_bytes=new_bytes,
                    **vars(changes),
                )
            elif key is not None and self._last is not None:
                ProgressState.objects.filter(pk=self._last.pk).update(key=key)

    def _since(self) -> datetime | None:
        """From when the changes are: the look before, or the start of this sitting."""
        if self._watch.sitting == self._sitting and self._watch.kept_at is not None:
            return self._watch.kept_at
        ready_at: datetime | None = self._interview.ready_at
        return ready_at

    def _discard(self, *keys: str) -> None:
        for key in keys:
            with contextlib.suppress(*STORAGE_ERRORS):
                default_storage.delete(key)


def _read_old(state: ProgressState | None) -> Manifest:
    """The list of the last state. One that is lost costs that everything is read and kept anew."""
    if state is None:
        return Manifest()
    try:
        return last_manifest(state.key)
    except BrokenManifestError as error:
        logger.warning("progress_list_lost", interview=state.interview_id, reason=str(error))
        return Manifest()


def _has_new_stamps(new: Manifest, old: Manifest, differing: Collection[bytes]) -> bool:
    """Whether files that are the same to a reader have other times or inodes."""
    return any(new.files[path].stamp != old.files[path].stamp for path in differing)
