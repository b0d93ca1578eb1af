"""Keep the progress of one running workspace.

Whatever fails is only logged, and the next turn makes up for it: a test is never harmed. Contents
come first, then the list, and last the rows, in one transaction that needs the claim. A worker that
dies or comes too late leaves files that no row names; they go with the interview.
"""

import contextlib
import hashlib
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.progress.changes import Changes, changes_between
from operations.progress.cleanup import delete_progress_of
from operations.progress.keys import manifest_key, pack_key
from operations.progress.manifest import AWAITED, KeptContent, KeptFile, Manifest, kept_file
from operations.progress.manifest_store import (
    BrokenManifestError,
    last_manifest,
    lists,
    store_manifest,
)
from operations.progress.models import ProgressState, ProgressWatch, last_state_and_bytes
from operations.progress.packs import BrokenPackError, PackReader, PackWriter
from operations.progress.schedule import interval, is_kept
from operations.progress.starting import read_starting, starting_manifest
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import Provisioner, ProvisionError
from operations.provisioners.file_look import CLOCK_MARGIN_NS, SeenFile, Stamp, Unread
from operations.submissions import paths
from operations.submissions.starting import StartingVersion
from operations.worker.handler import shutdown_requested, workspace_of

logger = structlog.get_logger(__name__)

# A worker that is not done by then counts as dead.
CLAIM_DURATION = timedelta(minutes=10)
# Of all contents of an interview, packed.
MAX_CONTENT_BYTES = 250 * 1024 * 1024
# With the lists of all states. After that the last state stays the last one.
MAX_ALL_BYTES = 500 * 1024 * 1024
# Of a file whose content would exceed that.
FULL = "full"

# One at a time in each worker process: an engine that hangs takes no other thread from it.
_place = threading.BoundedSemaphore(1)


class ClaimLostError(Exception):
    """Another worker keeps this progress, or the interview was deleted."""


class ProgressFullError(Exception):
    """The interview has as much in the store as it may."""

    def __init__(self) -> None:
        super().__init__(f"There are {MAX_ALL_BYTES // 1024**2} MB already")


def keep(interview_id: str) -> None:
    """Keep the progress if it is due, unless this process or another worker keeps it already."""
    if shutdown_requested.is_set() or not _place.acquire(blocking=False):
        return
    try:
        _keep_if_due(interview_id)
    finally:
        _place.release()


def _keep_if_due(interview_id: str) -> None:
    interview = queries.get_interview(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    if is_kept(interview):
        _take_turn(interview, Q(due_at__lte=timezone.now()))


def keep_last(interview: Interview) -> None:
    """Keep what changed since the last turn, as the test is over and its workspace about to go.

    Errors are only logged. What another worker keeps at this moment stays the last state.
    """
    if not interview.provisioner or not is_kept(interview):
        return
    if interview.restoring_state is not None:
        # Nobody knows whether the workspace has all of its files again.
        return
    try:
        ProgressWatch.objects.get_or_create(pk=interview.id, defaults={"due_at": timezone.now()})
        _take_turn(interview, Q())
    except Exception:
        logger.exception("progress_not_kept", interview=interview.id)


def _take_turn(interview: Interview, is_due: Q) -> None:
    """Keep the progress if it is due and no other worker keeps it."""
    interview_id = interview.id
    token = secrets.token_hex(8)
    now = timezone.now()
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    if not ProgressWatch.objects.filter(is_free, is_due, pk=interview_id).update(
        claim=token, claimed_until=now + CLAIM_DURATION
    ):
        return
    watch = ProgressWatch.objects.get(pk=interview_id)
    try:
        engine = provisioner(interview.provisioner)
        _Keep(interview, engine, watch, token, now).run()
    except ClaimLostError:
        logger.info("progress_claim_lost", interview=interview_id)
    except (
        ProvisionError,
        BrokenManifestError,
        ImproperlyConfigured,
        ProgressFullError,
    ) as error:
        logger.warning("progress_not_kept", interview=interview_id, reason=str(error))
        _release(watch, token, now)
    except Exception:
        logger.exception("progress_not_kept", interview=interview_id)
        _release(watch, token, now)
    else:
        if queries.get_interview(interview_id) is None:
            # A deletion that did not see these rows.
            delete_progress_of(interview_id)
            return
        interview.record_kept(now)


def _release(watch: ProgressWatch, token: str, now: datetime) -> None:
    ProgressWatch.objects.filter(pk=watch.pk, claim=token).update(
        claim="", claimed_until=None, due_at=now + interval()
    )


@dataclass
class _Pass:
    """What one look found."""

    manifest: Manifest = field(default_factory=Manifest)
    # Where it can differ from the list before: all other records are the same.
    touched: set[bytes] = field(default_factory=set)
    # Files that did not change since the time that was asked for, and that are not known.
    missing: list[SeenFile] = field(default_factory=list)
    # The folders whose content is not known.
    unread_folders: list[bytes] = field(default_factory=list)
    # The oldest ctime of those that the next look has to read.
    unread_ns: int | None = None
    started_ns: int = 0


class _Keep:
    def __init__(
        self,
        interview: Interview,
        engine: Provisioner,
        watch: ProgressWatch,
        token: str,
        now: datetime,
    ) -> None:
        self._interview = interview
        self._engine = engine
        self._watch = watch
        self._token = token
        self._now = now
        self._sitting = int(interview.reopened or 0) + 1
        self._starting = StartingVersion.of(interview)
        self._last, self._content_bytes = last_state_and_bytes(interview.id)
        self._old = _read_old(self._last)
        self._by_inode: dict[tuple[int, int, int], KeptFile] | None = None
        self._number = (self._last.number if self._last is not None else 0) + 1
        self._pack = PackWriter(pack_key(interview.id, self._number, token))
        self._packs = PackReader()
        # The contents in the pack, by their hashes.
        self._packed: dict[str, KeptContent] = {}

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
            found = self._look()
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

    def _look(self) -> _Pass:
        since = self._watch.since_ns if self._watch.sitting == self._sitting and self._last else 0
        found = self._look_once(since)
        if found.missing:
            # A clock was set back, or a list was lost.
            since = min(file.ctime_ns for file in found.missing)
            found = self._look_once(since)
        return found

    def _look_once(self, since_ns: int) -> _Pass:
        found = _Pass(Manifest(contents=dict(self._old.contents)))
        names = [file.path for file in self._starting.version.files] if self._starting else []
        workspace = workspace_of(self._interview)
        with self._engine.look_at_files(
            workspace, since_ns, names, self._known_since(since_ns)
        ) as look:
            found.started_ns = look.started_ns
            known, files = self._old.files.get, found.manifest.files
            for seen in look.files:
                # In one step, because most of the files end here.
                path, is_link, _, size, _, ctime_ns, inode, _, content, unread = seen
                old = known(path)
                if (
                    old is not None
                    and ctime_ns == old.ctime_ns
                    and inode == old.inode
                    and size == old.size
                    and content is None
                    and not (unread or old.unread or is_link)
                ):
                    # Most files are such. Its mode and its time cannot have changed either.
                    files[path] = old
                else:
                    found.touched.add(path)
                    self._add(found, seen, old)
        for folder in found.unread_folders:
            self._carry_over(found, folder)
        found.touched |= self._old.files.keys() - files.keys()
        return found

    def _known_since(self, since_ns: int) -> list[Stamp]:
        """What need not be read again before all that is new was read."""
        margin_ns = since_ns - CLOCK_MARGIN_NS
        return [
            file.stamp
            for file in self._old.files.values()
            if file.ctime_ns >= margin_ns and not file.is_awaited
        ]

    def _carry_over(self, found: _Pass, folder: bytes) -> None:
        """A folder that cannot be read is as it was: nothing in it counts as deleted."""
        logger.warning("progress_folder_not_read", interview=self._interview.id)
        for path, file in self._old.files.items():
            if path.startswith(folder + b"/"):
                found.manifest.files.setdefault(path, file)

    def _add(self, found: _Pass, seen: SeenFile, old: KeptFile | None) -> None:
        if old is None and not paths.is_inside(seen.path):
            return
        if seen.unread is Unread.FOLDER:
            found.unread_folders.append(seen.path)
            return
        if seen.unread in (Unread.TORN, Unread.LATER):
            # The next look has it; until then it is as it was, or listed without its content.
            found.unread_ns = min(seen.ctime_ns, found.unread_ns or seen.ctime_ns)
            is_kept = old is not None and not old.is_awaited
            found.manifest.files[seen.path] = (
                old if old is not None and is_kept else kept_file(seen, unread=AWAITED)
            )
        elif seen.content is not None:
            found.manifest.files[seen.path] = self._with_content(found, seen, seen.content)
        elif seen.is_link or seen.unread is not None:
            file = kept_file(seen, unread=seen.unread.value if seen.unread else "")
            found.manifest.files[seen.path] = file
        else:
            stamp = (seen.inode, seen.ctime_ns, seen.size)
            if old is not None and old.stamp == stamp and not old.is_awaited:
                found.manifest.files[seen.path] = old
                return
            known = self._known_by_inode(stamp)
            if known is None:
                found.missing.append(seen)
            else:
                file = kept_file(seen, sha256=known.sha256, unread=known.unread)
                found.manifest.files[seen.path] = file

    def _known_by_inode(self, stamp: Stamp) -> KeptFile | None:
        """The file that was moved here."""
        if self._by_inode is None:
            self._by_inode = {
                file.stamp: file for file in self._old.files.values() if not file.is_awaited
            }
        return self._by_inode.get(stamp)

    def _with_content(self, found: _Pass, seen: SeenFile, content: bytes) -> KeptFile:
        sha256 = hashlib.sha256(content).hexdigest()
        contents = found.manifest.contents
        if sha256 not in contents:
            if self._content_bytes + self._pack.size + len(content) > MAX_CONTENT_BYTES:
                return kept_file(seen, unread=FULL)
            # A second look of this turn has the same contents again.
            if sha256 not in self._packed:
                self._packed[sha256] = self._pack.add(content)
            contents[sha256] = self._packed[sha256]
        return kept_file(seen, sha256=sha256)

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
        if sha256 in self._packed:
            return self._pack.read(self._packed[sha256])
        kept = self._old.contents.get(sha256)
        try:
            if kept is not None:
                return self._packs.read(kept, sha256)
            return read_starting(self._starting, sha256)
        except (BrokenPackError, *STORAGE_ERRORS) as error:
            logger.warning("progress_not_compared", interview=self._interview.id, reason=str(error))
            return None

    def _write_rows(self, found: _Pass, key: str | None, changes: Changes | None) -> None:
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
