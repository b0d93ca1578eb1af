"""A version's files as a tree, and one file as text of bounded size."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from interviews.challenges.models import Version
from interviews.challenges.storage import BrokenChallengeError, ChallengeFile, storage_key

MAX_SHOWN = 64 * 1024
MAX_LINES = 2_000


@dataclass
class Folder:
    """A folder; templates list its folders before its files, each by name."""

    name: str = ""
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list["Leaf"] = field(default_factory=list)


@dataclass(frozen=True)
class Leaf:
    path: str
    name: str
    size: int
    is_executable: bool


@dataclass(frozen=True)
class Preview:
    """The text of a file as far as it is shown, or why it cannot be shown."""

    path: str
    size: int
    text: str | None
    is_cut: bool = False
    why: str = ""


def tree(files: Iterable[ChallengeFile]) -> Folder:
    """The root folder."""
    root = Folder()
    for file in sorted(files, key=lambda each: each.path.casefold()):
        *parents, name = file.path.split("/")
        folder = root
        for parent in parents:
            folder = folder.folders.setdefault(parent, Folder(parent))
        folder.files.append(Leaf(file.path, name, int(file.size), bool(file.executable)))
    return root


def preview(version: Version, path: str) -> Preview | None:
    """The beginning of a file, or None if the version has no such path."""
    file = next((each for each in version.files if each.path == path), None)
    if file is None:
        return None
    size = int(file.size)
    try:
        with default_storage.open(
            storage_key(version.challenge_id, version.content, path)
        ) as stored:
            content: bytes = stored.read(MAX_SHOWN + 1)
    except FileNotFoundError:
        return Preview(path, size, None, why=_("This file is missing from storage."))
    text = _decoded(content)
    if text is None:
        return Preview(path, size, None, why=_("This file isn't text."))
    lines = text.split("\n")
    is_cut = len(content) > MAX_SHOWN or len(lines) > MAX_LINES
    return Preview(path, size, "\n".join(lines[:MAX_LINES]), is_cut=is_cut)


def text_of(version: Version, path: str) -> str:
    """The whole text of one file, such as the instructions.

    Raises:
        BrokenChallengeError: if the file is missing, or is not text.
    """
    shown = preview(version, path)
    if shown is None or shown.text is None:
        raise BrokenChallengeError(
            shown.why if shown else _("There is no %(path)s.") % {"path": path}
        )
    return shown.text


def _decoded(content: bytes) -> str | None:
    """Decode text that may end in the middle of a character. None if it is not text."""
    if b"\0" in content:
        return None
    try:
        text = content[:MAX_SHOWN].decode()
    except UnicodeDecodeError as error:
        if error.start < MAX_SHOWN - 4:
            return None
        text = content[: error.start].decode()
    # A byte order mark would hide that the first line is a title.
    return text.removeprefix("\ufeff")
