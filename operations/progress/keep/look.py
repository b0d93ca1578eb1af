"""One look at the files of a workspace: what is there, and which contents are new."""

import hashlib
from dataclasses import dataclass, field

import structlog

from interviews.models import Interview
from operations.progress.manifest import AWAITED, KeptContent, KeptFile, Manifest, kept_file
from operations.progress.packs import PackWriter
from operations.provisioners.base import Provisioner
from operations.provisioners.file_look import CLOCK_MARGIN_NS, SeenFile, Stamp, Unread
from operations.submissions import paths
from operations.submissions.starting import StartingVersion
from operations.worker.handler import workspace_of

logger = structlog.get_logger(__name__)

# Of all contents of an interview, packed.
MAX_CONTENT_BYTES = 250 * 1024 * 1024
# Of a file whose content would exceed that.
FULL = "full"


@dataclass
class Pass:
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


@dataclass
class NewContents:
    """The contents that no state had before, packed for the store."""

    pack: PackWriter
    # Of those before.
    stored_bytes: int
    # By their hashes.
    packed: dict[str, KeptContent] = field(default_factory=dict)

    def add(self, sha256: str, content: bytes) -> KeptContent | None:
        """Pack a content, unless an earlier look of this turn did. None if there is no room."""
        if self.stored_bytes + self.pack.size + len(content) > MAX_CONTENT_BYTES:
            return None
        if sha256 not in self.packed:
            self.packed[sha256] = self.pack.add(content)
        return self.packed[sha256]


class Look:
    """Compares the files of a workspace with the list of the last state."""

    def __init__(
        self,
        interview: Interview,
        engine: Provisioner,
        starting: StartingVersion | None,
        old: Manifest,
        new: NewContents,
    ) -> None:
        self._interview = interview
        self._engine = engine
        self._starting = starting
        self._old = old
        self._new = new
        self._by_inode: dict[tuple[int, int, int], KeptFile] | None = None

    def look(self, since_ns: int) -> Pass:
        """Look at what changed since then, in nanoseconds of the workspace's clock; 0 reads all.

        Raises:
            ProvisionError: if the engine fails.
        """
        found = self._look_once(since_ns)
        if found.missing:
            # A clock was set back, or a list was lost.
            since = min(file.ctime_ns for file in found.missing)
            found = self._look_once(since)
        return found

    def _look_once(self, since_ns: int) -> Pass:
        found = Pass(Manifest(contents=dict(self._old.contents)))
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

    def _carry_over(self, found: Pass, folder: bytes) -> None:
        """A folder that cannot be read is as it was: nothing in it counts as deleted."""
        logger.warning("progress_folder_not_read", interview=self._interview.id)
        for path, file in self._old.files.items():
            if path.startswith(folder + b"/"):
                found.manifest.files.setdefault(path, file)

    def _add(self, found: Pass, seen: SeenFile, old: KeptFile | None) -> None:
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

    def _with_content(self, found: Pass, seen: SeenFile, content: bytes) -> KeptFile:
        sha256 = hashlib.sha256(content).hexdigest()
        contents = found.manifest.contents
        if sha256 not in contents:
            kept = self._new.add(sha256, content)
            if kept is None:
                return kept_file(seen, unread=FULL)
            contents[sha256] = kept
        return kept_file(seen, sha256=sha256)
