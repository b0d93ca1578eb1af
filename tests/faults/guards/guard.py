"""A guard of the code, and how the code looks without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Guard:
    """What protects against a fault, and how the code looks without it.

    `noticed_by` is a quick test that fails then, by its file and name.
    """

    name: str
    path: str
    code: str
    without: str
    noticed_by: str

    @contextmanager
    def removed_from(self, tree: Path) -> Iterator[None]:
        """Take the guard out of the copy until the end of the block.

        Raises:
            ValueError: if the code is not there exactly once.
        """
        file = tree / self.path
        text = file.read_text()
        if text.count(self.code) != 1:
            raise ValueError(
                f"{self.name}: its code is {text.count(self.code)} times in {self.path}"
            )
        file.write_text(text.replace(self.code, self.without))
        try:
            yield
        finally:
            file.write_text(text)
