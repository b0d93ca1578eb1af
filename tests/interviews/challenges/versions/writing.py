"""Challenges that are written, and how their rows read."""

from typing import Any

from interviews.challenges import library, versions
from interviews.challenges.models import Challenge, ChallengeDetails, Version

ABOUT = ChallengeDetails("Words", "Count them.", "Python", 60, 0.5, 1024)
FILES = {"README.md": b"# Words\n", "src/a.py": b"print(1)\n"}
OTHER = {"README.md": b"# Other\n"}


def changed(**fields: Any) -> ChallengeDetails:
    return ChallengeDetails(**{**ABOUT.__dict__, **fields})


def create(by: str = "ada") -> Version:
    return versions.create_challenge("words", ABOUT, FILES, by=by)


def row() -> Challenge:
    found = library.get_challenge("words")
    assert found is not None
    return found


def version(number: int | None = None) -> Version:
    found = library.get_version("words", number)
    assert found is not None
    return found
