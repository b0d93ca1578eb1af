"""What became of an upload: its files, and what was read differently, left out or refused."""

from dataclasses import dataclass, field

from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.zip_names import NameEncoding, Reading


class InvalidUploadError(ValueError):
    """The upload is no valid set of challenge files; the message names the entry."""


class InvalidNameEncodingError(InvalidUploadError):
    """The names in the archive are not in the encoding that was asked for."""


@dataclass(frozen=True)
class Converted:
    """A text that was rewritten as UTF-8 without a byte order mark, and what it was before."""

    path: str
    was: str


@dataclass
class UploadReport:
    """What the uploader should know of a valid upload. Paths are those of the upload.

    `name_encoding` is None for files that did not come in an archive. `readings` are the other
    ways to read its names, the one used first, if the encoding was guessed.
    """

    name_encoding: NameEncoding | None = None
    readings: tuple[Reading, ...] = ()
    # Folders end with "/".
    left_out: list[str] = field(default_factory=list)
    empty_folders: list[str] = field(default_factory=list)
    converted: list[Converted] = field(default_factory=list)

    @property
    def name_encoding_guessed(self) -> bool:
        return bool(self.readings)


@dataclass(frozen=True)
class Upload:
    """The files of a valid upload, and the report on them."""

    files: StartingFiles
    report: UploadReport
