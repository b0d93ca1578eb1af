"""All benches in one table: `python -m bench`, which `make bench` executes.

One after the other, as each wants the machine for itself. The table is
Markdown on stdout, and what is under way on stderr. `--quick` measures next to nothing, and shows
that each bench runs. `--base COMMIT` measures that commit as well, with the benches of this tree.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import footprint, growth, live, monday, pages, starts, streams
from bench.figures import HEADER, Measure, row
from takehome_platform.local_stack.config import ROOT

BENCHES: dict[str, Measure] = {
    "pages": pages.measure,
    "growth": growth.measure,
    "starts": starts.measure,
    "monday": monday.measure,
    "live": live.measure,
    "streams": streams.measure,
    "footprint": footprint.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"of {', '.join(BENCHES)}; all if there is none")
    parser.add_argument("--quick", action="store_true", help="measure next to nothing")
    parser.add_argument("--base", help="a commit to measure as well")
    asked = parser.parse_args()
    unknown = set(asked.name) - set(BENCHES)
    if unknown:
        parser.error(f"no bench is named {', '.join(sorted(unknown))}")
    names = asked.name or list(BENCHES)
    if asked.base is not None:
        # By a process of its own, as a tree's code is imported once.
        with checkout(asked.base) as tree:
            print(f"{asked.base}\n", flush=True)
            command = [sys.executable, "-m", "bench", *names, *(["--quick"] * asked.quick)]
            subprocess.run(command, cwd=tree, check=True)
        print("\nthis tree\n", flush=True)
    print(HEADER, flush=True)
    missed = 0
    for name in names:
        began = time.monotonic()
        sys.stderr.write(f"{name} ")
        for figure in BENCHES[name](asked.quick):
            print(row(figure), flush=True)
            missed += figure.is_met is False
        sys.stderr.write(f"took {time.monotonic() - began:.0f} s\n")
    sys.stderr.write(f"{missed} bars are missed\n")
    return 0


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """The commit's tree with the benches of this one, in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "base"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", tree, commit], check=True)
        try:
            shutil.rmtree(tree / "bench", ignore_errors=True)
            shutil.copytree(ROOT / "bench", tree / "bench")
            (tree / "node_modules").symlink_to(ROOT / "node_modules")
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)


if __name__ == "__main__":
    sys.exit(main())
