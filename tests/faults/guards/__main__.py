"""Take the guards of the life cycle out, one at a time, to see which test notices.

    .venv/bin/python -m tests.faults.guards              # all of them, a quarter of a minute each
    .venv/bin/python -m tests.faults.guards lease clock  # those whose name has one of these words

A guard is a line without which something would be lost, doubled or left behind. Each is removed in
a copy of the tree, where its own test runs first. If that does not notice, then the model of the
life cycle runs, then the other fault tests of `make test`, then the tests of single rules, and at
last a longer run of the model; what notices should be named with the guard. `make mutants` changes
every line; these changes are the ones that a person would make by mistake, and some of them are too
far apart for a mutation tool.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.guards import GUARDS
from tests.faults.guards.guard import Guard

# The local stack has it, too, and chooses the settings of the whole process when it is imported.
ROOT = Path(__file__).resolve().parents[3]
MODEL = "tests/faults/test_model.py"
# They test other things: the migration, that the scenarios are complete, and the guards' own text.
OTHERS = (
    "tests/faults/test_migration_killed.py",
    "tests/faults/kills/test_call_sites.py",
    "tests/faults/test_guards.py",
)
# What tests single rules of the tables and of the workers.
RULES = (
    "tests/interviews/test_models.py",
    "tests/operations/actions",
    "tests/operations/reaper",
    "tests/operations/archives/test_archive.py",
    "tests/operations/test_deadlines.py",
    "tests/operations/test_deadlines_end.py",
    "tests/operations/test_models.py",
    "tests/operations/test_reconciler.py",
    "tests/operations/worker",
    "tests/operations/admission",
    "tests/operations/checks",
    "tests/operations/progress",
    "tests/operations/provisioners/test_temporary_folder.py",
)
# The longer run, for a guard that the short one misses.
MODEL_EXAMPLES = "400"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*?\])?(?: - (.*))?$", re.MULTILINE)


def copy_tree(folder: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    for name in (".venv", "node_modules"):
        (folder / name).symlink_to((ROOT / name).resolve())


def first_failure(tree: Path, guard: Guard) -> str | None:
    """The test that notices, and the first line of what it says; None if none does."""
    runs: tuple[tuple[list[str], dict[str, str]], ...] = (
        ([guard.noticed_by], {}),
        ([MODEL], {}),
        (["tests/faults", *(f"--deselect={path}" for path in (MODEL, *OTHERS))], {}),
        (list(RULES), {}),
        ([MODEL], {"MODEL_EXAMPLES": MODEL_EXAMPLES}),
    )
    for arguments, variables in runs:
        process = subprocess.run(
            [".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:randomly", *arguments],
            cwd=tree,
            env={**os.environ, **variables},
            capture_output=True,
            check=False,
            text=True,
        )
        if process.returncode == 0:
            continue
        failed = FAILED.search(process.stdout)
        if failed is None:
            raise RuntimeError(process.stdout + process.stderr)
        suffix = f" ({MODEL_EXAMPLES} sequences)" if variables else ""
        return f"{failed[1].removeprefix('tests/faults/')}{suffix}: {failed[2] or ''}"[:160]
    return None


def main(words: list[str]) -> int:
    chosen = [guard for guard in GUARDS if not words or any(word in guard.name for word in words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        copy_tree(Path(folder))
        for guard in chosen:
            with guard.removed_from(Path(folder)):
                found = first_failure(Path(folder), guard)
            unnoticed += found is None
            sys.stdout.write(f"{guard.name}\n    {found or 'NO TEST NOTICES'}\n")
            sys.stdout.flush()
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
