"""The starting files of a challenge: what is in each, and which of them are programs."""

from collections.abc import Collection, Iterator, Mapping
from typing import Self

SHEBANG = b"#!"


class StartingFiles(Mapping[str, bytes]):
    """Immutable content by path, with the paths of the files that have the execute bit.

    Where the modes are unknown (`executable` is None), a file that begins with `#!` is executable:
    browsers send no modes, and nor do archives that were made on Windows.
    """

    def __init__(
        self, contents: Mapping[str, bytes], executable: Collection[str] | None = None
    ) -> None:
        self._contents = dict(contents)
        if executable is None:
            executable = [path for path, content in contents.items() if has_shebang(content)]
        self.executable = frozenset(executable) & self._contents.keys()

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "StartingFiles":
        """Return the files with their execute bits, or with those of unknown modes."""
        return files if isinstance(files, StartingFiles) else cls(files)

    def __getitem__(self, path: str) -> bytes:
        return self._contents[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StartingFiles) and self.executable != other.executable:
            return False
        return super().__eq__(other)

    def __or__(self, others: Self) -> "StartingFiles":
        """Add files, in place of those at the same paths."""
        kept = self.executable - others.keys()
        return StartingFiles(self._contents | others._contents, kept | others.executable)

    def without(self, paths: Collection[str]) -> "StartingFiles":
        contents = {path: text for path, text in self.items() if path not in paths}
        return StartingFiles(contents, self.executable)

    def without_top_folder(self) -> "StartingFiles":
        """Remove the first folder of every path."""
        contents = {path.partition("/")[2]: content for path, content in self.items()}
        return StartingFiles(contents, [path.partition("/")[2] for path in self.executable])


def has_shebang(content: bytes | bytearray) -> bool:
    return content.startswith(SHEBANG)
