"""The list of the files of a state, and where in the store each content is."""

import json
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from operations.provisioners.file_look import SeenFile, Unread

FORMAT = 1
# Of the compression: a higher one takes three times as long for a fifth of the bytes.
LEVEL = 1
# Why a file's content is not kept yet: the next look has it.
AWAITED = Unread.LATER.value
EXECUTE_BIT = 0o100
# Contents in a list that none of its files has.
MAX_SPARE = 1_000
# Of a list in memory, when it is read back.
MAX_BYTES = 64 * 1024 * 1024


class BrokenManifestError(Exception):
    """The stored list is missing or damaged."""


@dataclass(frozen=True, slots=True)
class KeptContent:
    """A content in a pack, compressed; `lines` is None if it is no text."""

    pack: str
    offset: int
    packed: int
    size: int
    lines: int | None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file or link of a state. Without a hash its content is not kept: `unread` says why.

    Inode and ctime are those of the workspace, to know it again when it is looked at next.
    """

    path: bytes
    is_link: bool
    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    target: bytes = b""
    sha256: str = ""
    unread: str = ""

    @property
    def stamp(self) -> tuple[int, int, int]:
        return self.inode, self.ctime_ns, self.size

    @property
    def identity(self) -> tuple[object, ...]:
        """What a reader would call the same file."""
        if self.is_link:
            return True, self.target
        # A content that is not kept can only be told by its size and time.
        content = self.sha256 or (self.size, self.mtime_ns)
        return False, bool(self.mode & EXECUTE_BIT), content

    @property
    def is_awaited(self) -> bool:
        """Whether its content was never read, and the next look has it."""
        return self.unread == AWAITED

    @property
    def is_counted(self) -> bool:
        """Whether it is the candidate's own text or file, and none that git keeps for itself."""
        return b".git" not in self.path.split(b"/")[:-1]


def kept_file(seen: SeenFile, *, sha256: str = "", unread: str = "") -> KeptFile:
    return KeptFile(
        seen.path,
        seen.is_link,
        seen.mode,
        seen.size,
        seen.mtime_ns,
        seen.ctime_ns,
        seen.inode,
        seen.target,
        sha256,
        unread,
    )


@dataclass
class Manifest:
    """The files by path, and their contents in the store by their hashes; also some that earlier
    states had, which need not be stored again if they come back."""

    files: dict[bytes, KeptFile] = field(default_factory=dict)
    contents: dict[str, KeptContent] = field(default_factory=dict)
    # Of the list in the store, once it was made.
    packed_bytes: int = field(default=0, compare=False)

    def is_same(self, other: Self) -> bool:
        """Whether a reader would see the same files."""
        return self.files.keys() == other.files.keys() and all(
            is_same_file(file, other.files[path]) for path, file in self.files.items()
        )

    def forget_old_contents(self) -> None:
        """Leave out contents that no file has, but for the newest MAX_SPARE of them."""
        used = {file.sha256 for file in self.files.values()}
        spare = [sha256 for sha256 in self.contents if sha256 not in used]
        for sha256 in spare[: max(0, len(spare) - MAX_SPARE)]:
            del self.contents[sha256]

    def in_order_of_packs(self) -> list[tuple[bytes, KeptFile]]:
        """The files with their paths, so that each pack is read once, from beginning to end."""

        def place(item: tuple[bytes, KeptFile]) -> tuple[str, int]:
            kept = self.contents.get(item[1].sha256)
            return (kept.pack, kept.offset) if kept is not None else ("", 0)

        return sorted(self.files.items(), key=place)

    def lines_of(self, file: KeptFile) -> int | None:
        content = self.contents.get(file.sha256)
        return content.lines if content is not None else None

    def totals(self) -> tuple[int, int]:
        """How many files there are, and how many lines their texts have, without those of git."""
        counted = [file for file in self.files.values() if file.is_counted]
        return len(counted), sum(self.lines_of(file) or 0 for file in counted)

    def to_bytes(self) -> bytes:
        places = {sha256: place for place, sha256 in enumerate(self.contents)}
        files = [
            (
                file.path.decode("latin-1"),
                file.is_link,
                file.mode,
                file.size,
                file.mtime_ns,
                file.ctime_ns,
                file.inode,
                file.target.decode("latin-1"),
                # Each hash is stored once, with the content, if there is one.
                places.get(file.sha256, file.sha256),
                file.unread,
            )
            for file in sorted(self.files.values(), key=lambda each: each.path)
        ]
        packs = list(dict.fromkeys(content.pack for content in self.contents.values()))
        numbers = {pack: number for number, pack in enumerate(packs)}
        contents = [
            (sha256, numbers[each.pack], each.offset, each.packed, each.size, each.lines)
            for sha256, each in self.contents.items()
        ]
        document = {"format": FORMAT, "files": files, "packs": packs, "contents": contents}
        data = zlib.compress(json.dumps(document, separators=(",", ":")).encode(), LEVEL)
        self.packed_bytes = len(data)
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            BrokenManifestError: if it is damaged.
        """
        try:
            unpacker = zlib.decompressobj()
            document = json.loads(unpacker.decompress(data, MAX_BYTES))
            packs: list[str] = document["packs"]
            hashes = [row[0] for row in document["contents"]]
            files = [_file_of(row, hashes) for row in document["files"]]
            contents = {
                sha256: KeptContent(packs[pack], *rest)
                for sha256, pack, *rest in document["contents"]
            }
        except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
            raise BrokenManifestError(type(error).__name__) from error
        return cls({file.path: file for file in files}, contents)


def is_same_file(file: KeptFile, other: KeptFile) -> bool:
    """Whether a reader would call them the same. Most files are the same record."""
    return file is other or file.identity == other.identity


def _file_of(row: list[Any], hashes: list[str]) -> KeptFile:
    path, is_link, mode, size, mtime_ns, ctime_ns, inode, target, sha256, unread = row
    return KeptFile(
        path.encode("latin-1"),
        is_link,
        mode,
        size,
        mtime_ns,
        ctime_ns,
        inode,
        target.encode("latin-1"),
        sha256 if isinstance(sha256, str) else hashes[sha256],
        unread,
    )


def store_manifest(manifest: Manifest, key: str) -> str:
    """Store the list, and return the key under which it is.

    Raises:
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    return str(default_storage.save(key, ContentFile(manifest.to_bytes())))


@lru_cache(maxsize=4)
def cached_manifest(key: str) -> Manifest:
    """A stored list as `read_manifest` reads it, or read it before; nobody may change it.

    A stored list never changes, and errors are not kept.
    """
    return read_manifest(key)


def read_manifest(key: str) -> Manifest:
    """Read a stored list.

    Raises:
        BrokenManifestError: if it is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    try:
        with default_storage.open(key, "rb") as file:
            return Manifest.from_bytes(file.read())
    except FileNotFoundError:
        raise BrokenManifestError("missing") from None
