"""Lists of files in the store: some whole, and the others as what differs from a whole one.

A list that differs names the key of the whole one, never of another that differs: a state is read
with two requests at most. The whole one is the list of an earlier state of the interview. States
are deleted from the last one on, or all together, so that none is left without it.
"""

import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import repeat
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from operations.progress.manifest import KeptContent, KeptFile, Manifest, StoredList

Record = TypeVar("Record", KeptFile, KeptContent)

FORMAT = 2
# Of the compression: a higher one takes three times as long for a fifth of the bytes.
LEVEL = 1
# Of a list in memory, when it is read back.
MAX_BYTES = 64 * 1024 * 1024
# Of the lists in a process together: about 30 MB.
MAX_CACHED_FILES = 50_000
# Then a list is whole again: with a whole list that is lost, so many others are lost at most.
MAX_DISTANCE = 12
# A list is whole as well if more than this share of its records differs.
MAX_SHARE = 0.25


class BrokenManifestError(Exception):
    """The stored list is missing or damaged."""


def store_manifest(
    manifest: Manifest,
    key: str,
    before: Manifest | None = None,
    differing: Collection[bytes] | None = None,
) -> str:
    """Store the list, and return the key under which it is; `manifest.stored` says how it is.

    It is stored as what differs from the whole list on which `before` stands, if that is little.
    `differing` are the `differing_paths` of the list and `before`, where they are known.

    Raises:
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    stored = before.stored if before is not None else None
    if before is not None and stored is not None and stored.distance < MAX_DISTANCE:
        full = stored.full or before
        among = None if differing is None else stored.differing.union(differing)
        paths = manifest.differing_paths(full, among)
        rows = _difference(manifest, full, paths)
        if _count(rows) <= MAX_SHARE * (len(full.files) + len(full.contents)):
            data = _packed(rows, stored.full_key, stored.distance + 1)
            key = _save(key, data)
            manifest.stored = StoredList(
                len(data), stored.full_key, full, stored.distance + 1, frozenset(paths)
            )
            return key
    data = to_bytes(manifest)
    key = _save(key, data)
    manifest.stored = StoredList(len(data), key)
    return key


def _save(key: str, data: bytes) -> str:
    return str(default_storage.save(key, ContentFile(data)))


class _Lists:
    """The lists that this process read or stored last, by key: they never change at their place.

    Nobody may change one either. Threads share them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The one that was used last at the end.
        self._lists: OrderedDict[str, Manifest] = OrderedDict()
        self._files = 0

    def get(self, key: str) -> Manifest | None:
        with self._lock:
            if key in self._lists:
                self._lists.move_to_end(key)
            return self._lists.get(key)

    def put(self, key: str, manifest: Manifest) -> None:
        with self._lock:
            if key in self._lists:
                return
            self._lists[key] = manifest
            self._files += len(manifest.files)
            # Of those that stand on the same whole list, most records are shared: it is less.
            while self._files > MAX_CACHED_FILES and len(self._lists) > 1:
                _, oldest = self._lists.popitem(last=False)
                self._files -= len(oldest.files)

    def clear(self) -> None:
        with self._lock:
            self._lists.clear()
            self._files = 0


lists = _Lists()


def cached_manifest(key: str) -> Manifest:
    """A stored list as `read_manifest` reads it, or was read before; nobody may change it.

    Errors are not kept.
    """
    found = lists.get(key)
    if found is None:
        found = from_bytes(_read(key), key, cached_manifest)
        lists.put(key, found)
    return found


def last_manifest(key: str) -> Manifest:
    """The list on which the next one will stand, as it was stored or read before, if the whole one
    is still in the store, and as long as it was; else as `read_manifest` reads it, which may raise.
    """
    found = lists.get(key)
    if found is None or found.stored is None or not _is_whole(found.stored, found):
        return read_manifest(key)
    return found


def _is_whole(stored: StoredList, manifest: Manifest) -> bool:
    """Whether the whole list is in the store, and was not cut short there."""
    whole = (stored.full or manifest).stored
    try:
        size = default_storage.size(stored.full_key)
    except FileNotFoundError:
        return False
    return whole is not None and size == whole.packed_bytes


def read_manifest(key: str) -> Manifest:
    """Read a stored list, and the whole list on which it stands.

    Raises:
        BrokenManifestError: if one of them is missing or damaged.
        OSError: if the storage fails; a storage backend may raise its own errors too.
    """
    return from_bytes(_read(key), key, read_manifest)


def _read(key: str) -> bytes:
    try:
        with default_storage.open(key, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise BrokenManifestError("missing") from None


def to_bytes(manifest: Manifest) -> bytes:
    """The list as a whole one."""
    return _packed(_difference(manifest, Manifest(), manifest.files.keys()))


def from_bytes(data: bytes, key: str, read_full: Callable[[str], Manifest]) -> Manifest:
    """The list that was stored under the key; its records are those of the whole list, where
    these are the same.

    Raises:
        BrokenManifestError: if it is damaged.
        Exception: what `read_full` raises, which reads the whole list.
    """
    try:
        document = json.loads(zlib.decompressobj().decompress(data, MAX_BYTES))
        full_key, distance = document.get("full", ""), document.get("distance", 0)
        rows = _with_columns(document)
        files, contents = _files_of(rows), _contents_of(rows)
        deleted = [path.encode("latin-1") for path in rows["deleted"]]
        dropped = rows["dropped"]
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise BrokenManifestError(type(error).__name__) from error
    if not full_key:
        return Manifest(files, contents, StoredList(len(data), key))
    full = read_full(full_key)
    if full.stored is None or full.stored.full is not None:
        raise BrokenManifestError("no whole list")
    read = Manifest(
        full.files | files,
        full.contents | contents,
        StoredList(len(data), full_key, full, distance, frozenset((*files, *deleted))),
    )
    try:
        for path in deleted:
            del read.files[path]
        for sha256 in dropped:
            del read.contents[sha256]
    except KeyError as error:
        raise BrokenManifestError("another whole list") from error
    return read


def _difference(new: Manifest, old: Manifest, differing: Collection[bytes]) -> dict[str, list[Any]]:
    """What has to be changed in the old list, in columns: these are written and read faster."""
    known = old.contents.get
    contents = {
        sha256: content
        for sha256, content in new.contents.items()
        if (before := known(sha256)) is not content and before != content
    }
    places = {sha256: place for place, sha256 in enumerate(contents)}
    packs = list(dict.fromkeys(content.pack for content in contents.values()))
    numbers = {pack: number for number, pack in enumerate(packs)}
    files = [new.files[path] for path in sorted(differing) if path in new.files]
    paths, *columns, targets, hashes, unread = zip(*files, strict=True) if files else [()] * 10
    return {
        "columns": [
            [path.decode("latin-1") for path in paths],
            *columns,
            [target.decode("latin-1") for target in targets],
            # Each hash is stored once, with the content, if there is one.
            [places.get(sha256, sha256) for sha256 in hashes],
            unread,
        ],
        "deleted": [path.decode("latin-1") for path in differing if path not in new.files],
        "packs": packs,
        "content_columns": [
            list(contents),
            [numbers[each.pack] for each in contents.values()],
            *(
                zip(*(each[1:] for each in contents.values()), strict=True)
                if contents
                else [()] * 4
            ),
        ],
        "dropped": list(old.contents.keys() - new.contents.keys()),
    }


def _count(rows: dict[str, list[Any]]) -> int:
    parts = (rows["columns"][0], rows["deleted"], rows["content_columns"][0], rows["dropped"])
    return sum(map(len, parts))


def _packed(rows: dict[str, list[Any]], full_key: str = "", distance: int = 0) -> bytes:
    document = {"format": FORMAT, "full": full_key, "distance": distance, **rows}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), LEVEL)


def _with_columns(document: dict[str, Any]) -> dict[str, Any]:
    """Lists of the first format are whole, and have rows."""
    if document["format"] != 1:
        return document
    return {
        "columns": list(zip(*document["files"], strict=True)) or [()] * 10,
        "deleted": [],
        "packs": document["packs"],
        "content_columns": list(zip(*document["contents"], strict=True)) or [()] * 6,
        "dropped": [],
    }


def _files_of(rows: dict[str, Any]) -> dict[bytes, KeptFile]:
    paths, is_link, mode, size, mtime, ctime, inode, targets, places, unread = rows["columns"]
    all_hashes = rows["content_columns"][0]
    names = [path.encode("latin-1") for path in paths]
    links = [target.encode("latin-1") for target in targets]
    hashes = [each if isinstance(each, str) else all_hashes[each] for each in places]
    records = zip(
        names, is_link, mode, size, mtime, ctime, inode, links, hashes, unread, strict=True
    )
    return dict(zip(names, _tuples(KeptFile, records), strict=True))


def _contents_of(rows: dict[str, Any]) -> dict[str, KeptContent]:
    hashes, numbers, offset, packed, size, lines = rows["content_columns"]
    packs = [rows["packs"][number] for number in numbers]
    records = zip(packs, offset, packed, size, lines, strict=True)
    return dict(zip(hashes, _tuples(KeptContent, records), strict=True))


def _tuples(kind: type[Record], records: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
    """As `map(kind._make, records)`, which takes three times as long."""
    return map(tuple.__new__, repeat(kind), records)
