"""The shipped samples, whose checks cost a moment of a processor here.

On the large inputs of one each submission that is too slow spends eight seconds, and the other's
need Node. `tests/operations/checks/test_samples.py` tries them as they are.
"""

from pathlib import Path

from takehome_platform.local_stack.config import ROOT
from tests.interviews.challenges.uploads import zips

SAMPLE, OTHER_SAMPLE = "settlement-check", "room-booking"
SMALLER = {"12_000": "120", "00_000": "00"}


def quick_archives() -> dict[str, bytes]:
    """A zip of the files of each sample: one with small inputs, and one without checks."""
    files = _files(ROOT / "challenges" / SAMPLE)
    for name, content in files.items():
        if name.startswith(("tests/", ".checks/all/")):
            text = content.decode()
            for large, small in SMALLER.items():
                text = text.replace(large, small)
            files[name] = text.encode()
    other = _files(ROOT / "challenges" / OTHER_SAMPLE)
    others = {name: each for name, each in other.items() if not name.startswith(".checks/")}
    return {SAMPLE: zips.zipped(files).getvalue(), OTHER_SAMPLE: zips.zipped(others).getvalue()}


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "challenge.toml" and "__pycache__" not in path.parts
    }
