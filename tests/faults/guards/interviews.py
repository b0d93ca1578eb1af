"""The guards of an interview's row, time and files."""

from tests.faults.guards.guard import Guard

GUARDS = (
    Guard(
        "row: written only as it was read (status)",
        "interviews/models.py",
        "condition: Condition = Interview.id.exists() & (Interview.status == self.status)",
        "condition: Condition = Interview.id.exists()",
        noticed_by="tests/interviews/test_models.py::"
        "test_fault_02_a_status_write_names_the_status_it_expects",
    ),
    Guard(
        "row: written only as it was read (operation)",
        "interviews/models.py",
        "            condition &= Interview.operation_id == self.operation_id\n",
        "            pass\n",
        noticed_by="tests/interviews/test_models.py::"
        "test_move_to_is_fenced_by_the_current_operation",
    ),
    Guard(
        "row: written only as it was read (time)",
        "interviews/models.py",
        "            condition &= Interview.time_changes == self.time_changes\n",
        "            pass\n",
        noticed_by="tests/faults/test_races.py::test_concurrent_extensions_all_count",
    ),
    Guard(
        "row: a lost answer is not a lost race",
        "interviews/models.py",
        '            if not self._was_written(changes["write_id"]):\n',
        "            if True:\n",
        noticed_by="tests/faults/test_lost_responses.py::test_lost_response_of_an_activation",
    ),
    Guard(
        "row: due again when its end moves",
        "interviews/derived_keys.py",
        '{"status", "valid_until", "scheduled_at", "auto_destroy_at", "pause_ends_at"}',
        '{"status", "valid_until", "scheduled_at", "pause_ends_at"}',
        noticed_by="tests/operations/test_reconciler.py::"
        "test_running_test_ends_with_its_files_saved_when_its_time_is_up",
    ),
    Guard(
        "clock: stands still while the workspace is away",
        "operations/deadlines.py",
        "        auto_destroy_at=at + timedelta(seconds=int(interview.paused_left)),\n",
        "",
        noticed_by="tests/operations/test_deadlines.py::test_outage_is_credited_after_a_restart",
    ),
    Guard(
        "clock: more time counts while it stands still",
        "operations/deadlines.py",
        '        changes["paused_left"] = int(interview.paused_left) + seconds\n',
        "        pass\n",
        noticed_by="tests/operations/actions/test_extend.py::"
        "test_extension_of_a_paused_clock_adds_time_left",
    ),
    Guard(
        "clock: begins when the workspace is ready",
        "operations/worker/provision.py",
        "                auto_destroy_at=enqueue.ends_at(interview, ready_at),\n",
        "",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_clock_starts_when_the_workspace_answers",
    ),
    Guard(
        "end: not before the time is over",
        "operations/deadlines.py",
        "while interview.state in STARTED and (interview.due_at or now()) <= now():",
        "while interview.state in STARTED:",
        noticed_by="tests/operations/test_reconciler.py::"
        "test_start_interrupted_by_an_outage_can_be_retried",
    ),
    Guard(
        "end: of the sitting that its caller saw",
        "operations/actions/ending.py",
        "        require_same_sitting(interview, as_read)\n",
        "",
        noticed_by="tests/operations/actions/test_reopen.py::"
        "test_late_end_of_the_first_opening_does_not_end_the_second",
    ),
    Guard(
        "retry: of the sitting that its caller saw",
        "operations/actions/start.py",
        "        require_same_sitting(interview, as_read)\n",
        "",
        noticed_by="tests/operations/actions/test_reopen.py::"
        "test_late_retry_of_the_first_opening_leaves_the_second_alone",
    ),
    Guard(
        "files: saved before the workspace is destroyed",
        "operations/worker/teardown.py",
        "            self._save_files(interview)\n",
        "            pass\n",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_destroy_saves_verifies_destroys_and_erases",
    ),
    Guard(
        "files: read back from the store",
        "operations/archives/archive.py",
        "    if stored != (size, digest):\n",
        "    if False:\n",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_fault_13_a_store_that_does_not_confirm_is_no_success",
    ),
    Guard(
        "files: a broken archive is not taken",
        "operations/archives/archive.py",
        "        _require_whole(path)\n",
        "",
        noticed_by="tests/faults/test_failing_engines.py::"
        "test_engine_that_fails_loses_and_leaks_nothing",
    ),
    Guard(
        "files: earlier archives are kept",
        "operations/archives/archive.py",
        "    return [*interview.earlier_archives, latest]\n",
        "    return [latest]\n",
        noticed_by="tests/operations/actions/test_reopen.py::"
        "test_files_belong_to_the_sitting_that_saved_them",
    ),
    Guard(
        "files: a restart does not overwrite them",
        "operations/worker/workspace_spec.py",
        "        if not is_restart or interview.restoring_state == restore.STARTING_FILES:\n",
        "        if True:\n",
        noticed_by="tests/operations/progress/test_restore.py::"
        "test_a_lost_workspace_starts_again_with_the_last_state",
    ),
    Guard(
        "orphans: looked at again right before the end",
        "operations/reaper/end.py",
        "    engine = provisioner(orphan.engine)\n    _ensure_still_unneeded(orphan)\n",
        "    engine = provisioner(orphan.engine)\n",
        noticed_by="tests/faults/test_orphan_races.py::"
        "test_row_written_right_before_the_destroy_keeps_its_workspace",
    ),
    Guard(
        "orphans: not while an operation is under way",
        "operations/reaper/classification.py",
        "    return None if _is_busy(name, classification, rows) else classification\n",
        "    return classification\n",
        noticed_by="tests/operations/reaper/test_classification.py::"
        "test_reclassify_returns_none_while_a_start_is_pending",
    ),
    Guard(
        "orphans: their files are saved",
        "operations/reaper/end.py",
        "        saved = _save_files_if_any(orphan) if orphan.save_files else None\n",
        "        saved = None\n",
        noticed_by="tests/operations/reaper/test_end.py::test_unsaved_files_are_saved_first",
    ),
    Guard(
        "files: a temporary folder in use stays",
        "operations/provisioners/temporary_folder.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        noticed_by="tests/operations/provisioners/test_temporary_folder.py::"
        "test_a_folder_in_use_stays",
    ),
    Guard(
        "files: the reaper's are told of",
        "operations/reaper/end.py",
        "write(outbox=OUTBOX_PENDING, **archive",
        "write(**archive",
        noticed_by="tests/operations/webhooks/test_submission_ready.py::"
        "test_files_that_the_reaper_saved_are_told_of_once",
    ),
)
