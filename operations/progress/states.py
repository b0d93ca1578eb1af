"""Read a kept state like a submission: compared with another state, or with the starting files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from interviews.challenges.storage import BrokenChallengeError
from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.progress.manifest import EXECUTE_BIT, KeptFile, Manifest
from operations.progress.manifest_store import cached_manifest
from operations.progress.models import ProgressState
from operations.progress.packs import BrokenPackError, read_content
from operations.submissions.entries import Entry, Kind
from operations.submissions.index.records import File
from operations.submissions.listing import list_files
from operations.submissions.starting import BaseFiles, StartingFile, StartingVersion
from operations.submissions.submission import BrokenArchiveError, Submission

logger = structlog.get_logger(__name__)


class KeptFiles(Submission):
    """The files of a state, with their statuses against a base."""

    def __init__(self, key: str, manifest: Manifest, base: Mapping[bytes, StartingFile] | None):
        super().__init__(key, list_files(map(_entry, manifest.files.values()), base))
        self._manifest = manifest
        # The content that was read last: a page reads one file in pieces.
        self._last: tuple[str, bytes] = ("", b"")

    def _read(self, file: File, start: int, size: int) -> bytes:
        sha256 = (file.sha256 or b"").hex()
        if self._last[0] != sha256:
            kept = self._manifest.contents.get(sha256)
            if kept is None:
                raise BrokenArchiveError(self.archive_key)
            try:
                self._last = sha256, read_content(kept, sha256)
            except BrokenPackError as error:
                raise BrokenArchiveError(self.archive_key) from error
        return self._last[1][start : start + size]


@dataclass(frozen=True)
class KeptBase:
    """A state that another one is compared with."""

    manifest: Manifest

    def content(self, path: bytes) -> bytes | None:
        file = self.manifest.files.get(path)
        kept = self.manifest.contents.get(file.sha256) if file is not None else None
        if file is None or kept is None:
            return None
        try:
            return read_content(kept, file.sha256)
        except (BrokenPackError, *STORAGE_ERRORS) as error:
            logger.warning("progress_content_lost", reason=str(error))
            return None


def open_state(
    interview: Interview, state: ProgressState, base: ProgressState | None
) -> tuple[KeptFiles, BaseFiles | None]:
    """Open a state, compared with another one or, without a base, with the starting files.

    Raises:
        BrokenManifestError: if the list of one of them is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    manifest = cached_manifest(state.key)
    if base is not None:
        old = cached_manifest(base.key)
        return KeptFiles(state.key, manifest, _described(old)), KeptBase(old)
    starting = StartingVersion.of(interview)
    described: dict[bytes, StartingFile] | None = None
    if starting is not None:
        try:
            described = starting.files()
        except BrokenChallengeError as error:
            logger.warning("progress_not_compared", interview=interview.id, reason=str(error))
    return KeptFiles(state.key, manifest, described), starting


def _described(manifest: Manifest) -> dict[bytes, StartingFile]:
    return {
        path: StartingFile(
            file.size,
            _digest(file),
            bool(file.mode & EXECUTE_BIT),
            Kind.LINK if file.is_link else Kind.FILE,
        )
        for path, file in manifest.files.items()
    }


def _entry(file: KeptFile) -> Entry:
    return Entry(
        path=file.path,
        kind=Kind.LINK if file.is_link else Kind.FILE,
        mode=file.mode,
        size=file.size,
        sha256=_digest(file),
        # It has content; where that is, its hash says.
        offset=0 if file.sha256 else None,
        target=file.target,
        mtime=file.mtime_ns // 10**9,
    )


def _digest(file: KeptFile) -> bytes:
    """The hash of its content, or of what stands for it: a link's target, a size and a time."""
    if file.sha256:
        return bytes.fromhex(file.sha256)
    standing_for = file.target if file.is_link else f"{file.size} {file.mtime_ns}".encode()
    return hashlib.sha256(standing_for).digest()
