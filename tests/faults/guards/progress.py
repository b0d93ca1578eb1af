"""The guards of kept progress, and of workspaces that start again with it."""

from tests.faults.guards.guard import Guard

TESTS = "tests/operations/progress"

GUARDS = (
    Guard(
        "progress: one worker at a time keeps it",
        "operations/progress/keep/turns.py",
        "ProgressWatch.objects.filter(is_free, is_due, pk=interview_id)",
        "ProgressWatch.objects.filter(is_due, pk=interview_id)",
        noticed_by=f"{TESTS}/keep/test_turns.py::test_no_two_workers_keep_the_same_progress",
    ),
    Guard(
        "progress: a late worker writes no state",
        "operations/progress/keep/state.py",
        "filter(pk=self._watch.pk, claim=self._token)",
        "filter(pk=self._watch.pk)",
        noticed_by=f"{TESTS}/keep/test_turns.py::"
        "test_a_worker_that_comes_late_writes_and_leaves_nothing",
    ),
    Guard(
        "progress: nothing is left of a state that was not written",
        "operations/progress/keep/state.py",
        "                self._discard(self._pack.key, key)\n                raise\n",
        "                raise\n",
        noticed_by=f"{TESTS}/keep/test_turns.py::test_a_store_that_fails_leaves_nothing",
    ),
    Guard(
        "progress: a deleted interview has none",
        "operations/progress/keep/turns.py",
        "            delete_progress_of(interview_id)\n            return\n",
        "            return\n",
        noticed_by=f"{TESTS}/keep/test_turns.py::"
        "test_rows_that_a_deletion_did_not_see_go_with_the_turn_that_wrote_them",
    ),
    Guard(
        "progress: a damaged content is not taken",
        "operations/progress/packs.py",
        "    if hashlib.sha256(content).hexdigest() != sha256:\n",
        "    if False:\n",
        noticed_by=f"{TESTS}/test_manifest.py::test_a_damaged_content_is_an_error",
    ),
    Guard(
        "progress: half of the files is no state",
        "operations/progress/keep/turns.py",
        "    if interview.restoring_state is not None:\n",
        "    if False:\n",
        noticed_by=f"{TESTS}/test_last_state.py::"
        "test_a_workspace_that_may_lack_files_is_not_looked_at",
    ),
    Guard(
        "restore: it is noted before anything is on the engine",
        "operations/progress/restore.py",
        "        interview.change(restoring_state=state.number)\n",
        "        pass\n",
        noticed_by=f"{TESTS}/test_restore.py::"
        "test_a_lost_workspace_starts_again_with_the_last_state",
    ),
    Guard(
        "restore: an empty folder is not what was kept",
        "operations/progress/restore.py",
        "    if state is None or manifest is None:\n        raise WorkspaceGoneError(",
        "    manifest = manifest or Manifest()\n"
        "    if state is None:\n        raise WorkspaceGoneError(",
        noticed_by=f"{TESTS}/test_restore.py::"
        "test_an_empty_folder_never_stands_for_what_cannot_be_read",
    ),
    Guard(
        "restore: whoever goes on starts with all of the files",
        "operations/worker/workspace_spec.py",
        "        elif interview.restoring_state is not None:\n            path =",
        "        elif False:\n            path =",
        noticed_by=f"{TESTS}/test_restore.py::"
        "test_a_worker_that_died_while_it_restored_leaves_no_half_of_the_files",
    ),
)
