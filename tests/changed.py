"""Prints the folders of the tests beside what is changed here: those of `make test-fast`.

Changed is what no commit has yet, or what `main` has not; with nothing changed it is all tests.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def folders(changed: Iterable[str]) -> set[Path]:
    """The tests mirror the tree: a file's are in the same folder, or in the nearest above."""
    found = set()
    for name in changed:
        folder = Path(name).parent
        beside = folder if folder.parts[:1] == ("tests",) else "tests" / folder
        while not (ROOT / beside).is_dir():
            beside = beside.parent
        # What all tests share belongs to none of them.
        if beside != Path("tests"):
            found.add(beside)
    return {folder for folder in found if not found & set(folder.parents)}


def changed() -> list[str]:
    asked = (["diff", "--name-only", "main"], ["ls-files", "--others", "--exclude-standard"])
    answers = [
        subprocess.run(["git", *each], cwd=ROOT, capture_output=True, text=True, check=False).stdout
        for each in asked
    ]
    return "".join(answers).split("\n")[:-1]


if __name__ == "__main__":
    sys.stdout.write(" ".join(map(str, sorted(folders(changed())))) + "\n")
