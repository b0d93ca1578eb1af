"""Take the guards of the life cycle out, one at a time, to see which test notices.

    .venv/bin/python -m tests.faults.guards              # all of them, a few minutes each
    .venv/bin/python -m tests.faults.guards lease clock  # those whose name has one of these words

A guard is a line without which something would be lost, doubled or left behind. Each is removed in
a copy of the tree, where the model of the life cycle runs first, then the other fault tests of
`make test`, then the tests of single rules, and at last a longer run of the model. `make mutants`
changes every line; these changes are the ones that a person would make by mistake, and some of them
are too far apart for a mutation tool.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.guard import Guard
from tests.faults.guards_of_checks import GUARDS_OF_CHECKS

# The local stack has it, too, and chooses the settings of the whole process when it is imported.
ROOT = Path(__file__).resolve().parents[2]
MODEL = "tests/faults/test_model.py"
# They test other things: the migration, and that the scenarios are complete.
OTHERS = ("tests/faults/test_migration_killed.py", "tests/faults/kills/test_call_sites.py")
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
    "tests/operations/checks",
    "tests/operations/provisioners/test_temporary_folder.py",
)
# The longer run, for a guard that the short one misses.
MODEL_EXAMPLES = "400"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*?\])?(?: - (.*))?$", re.MULTILINE)


GUARDS = (
    Guard(
        "lease: a leased operation is not claimed",
        "operations/models.py",
        "            is_free & Operation.status.is_in(*UNFINISHED),\n",
        "            Operation.status.is_in(*UNFINISHED),\n",
    ),
    Guard(
        "lease: only its owner writes",
        "operations/models.py",
        "        condition: Condition = Operation.lease_owner == token\n"
        "        condition &= Operation.status == OperationStatus.RUNNING.value\n",
        "        condition: Condition = Operation.status == OperationStatus.RUNNING.value\n",
    ),
    Guard(
        "lease: a cancelled operation writes nothing",
        "operations/models.py",
        "        condition &= Operation.status == OperationStatus.RUNNING.value\n",
        "",
    ),
    Guard(
        "lease: a cancelled operation keeps its lease",
        "operations/models.py",
        "OperationStatus.CANCELLED, release=False\n",
        "OperationStatus.CANCELLED, release=True\n",
    ),
    Guard(
        "fencing: the predecessor has let go",
        "operations/worker/handler.py",
        "if fencing.predecessor_released(self.operation, self.token):",
        "if True:",
    ),
    Guard(
        "fencing: still the owner after provisioning",
        "operations/worker/provision.py",
        "            self._provisioned_at = datetime.now(UTC)\n"
        "        fencing.ensure_still_owner(self.operation, self.token, interview)\n",
        "            self._provisioned_at = datetime.now(UTC)\n",
    ),
    Guard(
        "fencing: still the owner after saving",
        "operations/worker/teardown.py",
        "            fencing.ensure_still_owner(self.operation, self.token, interview)\n",
        "            pass\n",
    ),
    Guard(
        "fencing: a late worker removes what it made",
        "operations/worker/handler.py",
        "            is_done = self.clean_up(self.engine, self.workspace)\n",
        "            is_done = True\n",
    ),
    Guard(
        "fencing: not while the workspace is in use",
        "operations/worker/handler.py",
        "                if not is_current:\n                    return\n",
        "",
    ),
    Guard(
        "operation: a replaced one does nothing",
        "operations/worker/handler.py",
        "if interview is None or interview.operation_id != self.operation.id:",
        "if interview is None:",
    ),
    Guard(
        "operation: a young one without an interview waits",
        "operations/worker/fencing.py",
        "if operation.created_at + UNREFERENCED_LIFETIME > now():",
        "if operation.created_at > now():",
    ),
    Guard(
        "row: written only as it was read (status)",
        "interviews/models.py",
        "condition: Condition = Interview.id.exists() & (Interview.status == self.status)",
        "condition: Condition = Interview.id.exists()",
    ),
    Guard(
        "row: written only as it was read (operation)",
        "interviews/models.py",
        "            condition &= Interview.operation_id == self.operation_id\n",
        "            pass\n",
    ),
    Guard(
        "row: written only as it was read (time)",
        "interviews/models.py",
        "            condition &= Interview.time_changes == self.time_changes\n",
        "            pass\n",
    ),
    Guard(
        "row: a lost answer is not a lost race",
        "interviews/models.py",
        '            if not self._was_written(changes["write_id"]):\n',
        "            if True:\n",
    ),
    Guard(
        "row: due again when its end moves",
        "interviews/derived_keys.py",
        '{"status", "valid_until", "scheduled_at", "auto_destroy_at", "pause_ends_at"}',
        '{"status", "valid_until", "scheduled_at", "pause_ends_at"}',
    ),
    Guard(
        "clock: stands still while the workspace is away",
        "operations/deadlines.py",
        "        auto_destroy_at=at + timedelta(seconds=int(interview.paused_left)),\n",
        "",
    ),
    Guard(
        "clock: more time counts while it stands still",
        "operations/deadlines.py",
        '        changes["paused_left"] = int(interview.paused_left) + seconds\n',
        "        pass\n",
    ),
    Guard(
        "clock: begins when the workspace is ready",
        "operations/worker/provision.py",
        "                auto_destroy_at=enqueue.ends_at(interview, ready_at),\n",
        "",
    ),
    Guard(
        "end: not before the time is over",
        "operations/deadlines.py",
        "while interview.state in STARTED and (interview.due_at or now()) <= now():",
        "while interview.state in STARTED:",
    ),
    Guard(
        "end: of the sitting that its caller saw",
        "operations/actions/ending.py",
        "        require_same_sitting(interview, as_read)\n",
        "",
    ),
    Guard(
        "retry: of the sitting that its caller saw",
        "operations/actions/start.py",
        "        require_same_sitting(interview, as_read)\n",
        "",
    ),
    Guard(
        "files: saved before the workspace is destroyed",
        "operations/worker/teardown.py",
        "            self._save_files(interview)\n",
        "            pass\n",
    ),
    Guard(
        "files: read back from the store",
        "operations/archives/archive.py",
        "    if stored != (size, digest):\n",
        "    if False:\n",
    ),
    Guard(
        "files: a broken archive is not taken",
        "operations/archives/archive.py",
        "        _require_whole(path)\n",
        "",
    ),
    Guard(
        "files: earlier archives are kept",
        "operations/archives/archive.py",
        "    return [*interview.earlier_archives, latest]\n",
        "    return [latest]\n",
    ),
    Guard(
        "files: a restart does not overwrite them",
        "operations/worker/provision.py",
        "            if self.operation.type != OperationType.RESTART:\n"
        "                files = _challenge_files",
        "            if True:\n                files = _challenge_files",
    ),
    Guard(
        "orphans: looked at again right before the end",
        "operations/reaper/end.py",
        "    engine = provisioner(orphan.engine)\n    _ensure_still_unneeded(orphan)\n",
        "    engine = provisioner(orphan.engine)\n",
    ),
    Guard(
        "orphans: not while an operation is under way",
        "operations/reaper/classification.py",
        "    if classification.reason and has_operation_in_progress(name, rows):\n",
        "    if False:\n",
    ),
    Guard(
        "orphans: their files are saved",
        "operations/reaper/end.py",
        "        saved = _save_files(orphan) if orphan.save_files else None\n",
        "        saved = None\n",
    ),
    Guard(
        "reconciler: a lost message is sent again",
        "operations/models.py",
        "                due_at=now() + DISPATCH_AGAIN_AFTER,\n",
        "                due_at=None,\n",
    ),
    Guard(
        "engine: another's workspace is not taken",
        "operations/worker/provision.py",
        "            if workspace.id != interview.workspace_name:\n",
        "            if False:\n",
    ),
    *GUARDS_OF_CHECKS,
)


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


def first_failure(tree: Path) -> str | None:
    """The test that notices, and the first line of what it says; None if none does."""
    runs: tuple[tuple[list[str], dict[str, str]], ...] = (
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
    for guard in chosen:
        with tempfile.TemporaryDirectory(prefix="guards-") as folder:
            copy_tree(Path(folder))
            guard.remove_from(Path(folder))
            found = first_failure(Path(folder))
        unnoticed += found is None
        sys.stdout.write(f"{guard.name}\n    {found or 'NO TEST NOTICES'}\n")
        sys.stdout.flush()
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
