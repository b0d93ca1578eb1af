"""Kept progress as records: for pages, the API, and the export of a candidate's data."""

from collections.abc import Iterator
from typing import Any

import structlog

from operations.archives.archive import STORAGE_ERRORS
from operations.progress.manifest import Manifest
from operations.progress.manifest_store import BrokenManifestError, cached_manifest
from operations.progress.models import ProgressState
from operations.progress.packs import MUCH_READ_AHEAD, BrokenPackError, PackReader
from operations.submissions import paths

logger = structlog.get_logger(__name__)


def states_of(interview_id: str) -> list[ProgressState]:
    """The kept states of an interview, oldest first."""
    return list(ProgressState.objects.filter(interview_id=interview_id))


def state_record(state: ProgressState) -> dict[str, Any]:
    """A state as the API and the export show it."""
    return {
        "number": state.number,
        "sitting": state.sitting,
        "since": state.since,
        "at": state.at,
        "files": state.files,
        "lines": state.lines,
        "filesAdded": state.files_added,
        "filesChanged": state.files_changed,
        "filesDeleted": state.files_deleted,
        "linesAdded": state.lines_added,
        "linesDeleted": state.lines_deleted,
        "largest": state.largest,
    }


def changed_contents(interview_id: str) -> Iterator[tuple[str, bytes]]:
    """What each state has that the one before had not, with a path that begins with its number.

    What the store does not have any more is left out.
    """
    with PackReader(MUCH_READ_AHEAD) as packs:
        yield from _changed_contents(interview_id, packs)


def _changed_contents(interview_id: str, packs: PackReader) -> Iterator[tuple[str, bytes]]:
    before = Manifest()
    for state in states_of(interview_id):
        try:
            manifest = cached_manifest(state.key)
        except (BrokenManifestError, *STORAGE_ERRORS) as error:
            logger.warning("progress_not_exported", interview=interview_id, reason=str(error))
            continue
        for path, file in manifest.in_order_of_packs():
            known = before.files.get(path)
            kept = manifest.contents.get(file.sha256)
            if kept is None or (known is not None and known.sha256 == file.sha256):
                continue
            try:
                yield f"{state.number}/{paths.shown(path)}", packs.read(kept, file.sha256)
            except (BrokenPackError, *STORAGE_ERRORS) as error:
                logger.warning("progress_not_exported", interview=interview_id, reason=str(error))
        before = manifest
