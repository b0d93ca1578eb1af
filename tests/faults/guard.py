"""A guard of the code, and how the code looks without it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Guard:
    """What protects against a fault, and how the code looks without it."""

    name: str
    path: str
    code: str
    without: str

    def remove_from(self, tree: Path) -> None:
        """Take the guard out of the copy.

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
