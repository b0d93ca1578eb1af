"""Workspaces that were left on a machine that was down: ended as soon as it is back.

Their interviews went on, or ended, without them. The files are saved beside the interview's others
if they are not those of a kept state.
"""

from pathlib import Path

from django.utils import timezone

from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.progress import restore
from operations.progress.manifest import EXECUTE_BIT, Manifest
from operations.progress.manifest_store import BrokenManifestError, read_manifest
from operations.queue import dispatch
from operations.reaper.models import Orphan, OrphanReason, due_orphans, open_orphans
from operations.submissions.entries import ArchiveScan, Entry, Kind, is_list_of_not_saved


def record(interview: Interview, name: str, state: dict[str, object]) -> None:
    """Record what an interview has just left, without waiting for the next scan.

    `state` are the engine's notes about it.
    """
    at = timezone.now()
    open_orphans().get_or_create(
        engine=str(interview.provisioner),
        name=name,
        defaults={
            "why": OrphanReason.LEFT_BEHIND,
            "interview_id": interview.id,
            "since": interview.ready_at or at,
            "state": state,
            "end_at": at,
        },
    )


def dispatch_due() -> None:
    """Ask workers to end those that are due. While their machine is down, that is tried again."""
    due = due_orphans(timezone.now()).filter(why=OrphanReason.LEFT_BEHIND)
    for orphan_id in due.values_list("pk", flat=True):
        dispatch.enqueue_orphan_end(orphan_id)


def has_newer_files(orphan: Orphan, sitting: int, archive: Path) -> bool:
    """Whether the archive has other files than the state that was kept last before it was left.

    So it counts if that state cannot be read.
    """
    states = restore.states_of_sitting(orphan.interview_id, sitting)
    state = states.filter(at__lte=orphan.first_seen).first()
    if state is None:
        return True
    try:
        manifest = read_manifest(state.key)
    except (BrokenManifestError, *STORAGE_ERRORS):
        return True
    with archive.open("rb") as file:
        scan = ArchiveScan(file)
        found = {_path(each): _identity(each) for each in _entries(scan)}
    return scan.problem is not None or scan.skipped > 0 or found != _identities(manifest)


def _entries(scan: ArchiveScan) -> list[Entry]:
    return [each for each in scan.entries() if not is_list_of_not_saved(each.path)]


def _path(entry: Entry) -> bytes:
    """Without the one folder that all of an archive is in."""
    return entry.path.partition(b"/")[2]


def _identity(entry: Entry) -> tuple[object, ...]:
    if entry.kind is Kind.LINK:
        return True, entry.target
    return False, bool(entry.mode & EXECUTE_BIT), entry.sha256


def _identities(manifest: Manifest) -> dict[bytes, tuple[object, ...]]:
    """As those of an archive. A content that is not kept is like no other."""
    return {
        path: (True, file.target)
        if file.is_link
        else (False, bool(file.mode & EXECUTE_BIT), bytes.fromhex(file.sha256) or path)
        for path, file in manifest.files.items()
    }
