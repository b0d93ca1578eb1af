"""The starting files of an interview's challenge, which its submission is compared with."""

from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from interviews.challenges import library, storage
from interviews.challenges.models import Version
from interviews.challenges.starting_files import has_shebang
from interviews.challenges.storage import BrokenChallengeError, ChallengeFile
from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.submissions.entries import Kind

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StartingFile:
    """A file as the candidate got it. The execute bit is None on files older than it."""

    size: int
    sha256: bytes
    is_executable: bool | None
    kind: Kind = Kind.FILE


class BaseFiles(Protocol):
    """The files that others are compared with."""

    def content(self, path: bytes) -> bytes | None:
        """The content of a file, or None if it is not to be had."""


@dataclass(frozen=True)
class StartingVersion:
    """The version of the challenge that the interview began with."""

    version: Version

    @classmethod
    def of(cls, interview: Interview) -> Self | None:
        """The version of this interview, or None if the library no longer has it."""
        number = interview.challenge_version
        version = library.get_version(interview.challenge, None if number is None else int(number))
        return cls(version) if version is not None else None

    def files(self) -> dict[bytes, StartingFile]:
        """All files by path.

        Raises:
            BrokenChallengeError: if a file whose hash is not known is missing.
            OSError: if the storage fails; a storage backend may raise its own errors too.
        """
        return {each.path.encode(): self._describe(each) for each in self.version.starting_files}

    def content(self, path: bytes) -> bytes | None:
        """The content of a file, or None if it is missing, damaged or not to be had now."""
        for each in self.version.starting_files:
            if each.path.encode() == path:
                try:
                    return self._read(each)
                except (BrokenChallengeError, *STORAGE_ERRORS) as error:
                    logger.warning("starting_file_not_read", reason=str(error))
        return None

    def _read(self, file: ChallengeFile) -> bytes:
        return storage.read_file(self.version.challenge_id, self.version.content, file)

    def _describe(self, file: ChallengeFile) -> StartingFile:
        digest, is_executable = file.sha256, file.executable
        if digest is None:
            content = self._read(file)
            digest = storage.sha256(content)
            if is_executable is None:
                is_executable = has_shebang(content)
        return StartingFile(int(file.size), bytes.fromhex(digest), is_executable)
