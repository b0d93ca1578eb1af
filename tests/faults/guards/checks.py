"""The guards of automated checks."""

from tests.faults.guards.guard import Guard

GUARDS = (
    Guard(
        "checks: only the worker that has the lease writes",
        "operations/checks/queue.py",
        "        pk=run.pk, state=run.state, attempts=run.attempts, lease_token=run.lease_token\n",
        "        pk=run.pk\n",
        noticed_by="tests/operations/checks/executor/test_faults.py::"
        "test_a_run_that_is_lost_writes_nothing",
    ),
    Guard(
        "checks: a worker has the lease that it wrote",
        "operations/checks/queue.py",
        "            for name, value in lease.items():\n"
        "                setattr(run, name, value)\n",
        "            run.refresh_from_db()\n",
        noticed_by="tests/operations/checks/queue/test_taking.py::"
        "test_a_worker_that_stood_still_after_it_took_a_run_has_its_own_lease_alone",
    ),
    Guard(
        "checks: a dead worker's run is due",
        "operations/checks/queue.py",
        " | Q(state=RunState.RUNNING, lease_until__lte=at)",
        "",
        noticed_by="tests/operations/checks/executor/test_faults.py::"
        "test_a_worker_that_comes_back_leaves_what_its_successor_has",
    ),
    Guard(
        "checks: a dead worker's place is free",
        "operations/checks/queue.py",
        "        _free_slots_of_the_dead()\n        taken",
        "        taken",
        noticed_by="tests/operations/checks/queue/test_taking.py::"
        "test_places_of_dead_workers_are_free_for_the_oldest_run",
    ),
    Guard(
        "checks: what earlier attempts left is removed",
        "operations/checks/executor.py",
        "    remove_left_of(run, runner)\n    expected",
        "    expected",
        noticed_by="tests/operations/checks/executor/test_faults.py::"
        "test_what_an_earlier_attempt_left_is_removed_first",
    ),
    Guard(
        "checks: what a later attempt has stays",
        "operations/checks/models.py",
        " or int(attempt) < self.attempts",
        " or int(attempt) != self.attempts",
        noticed_by="tests/operations/checks/executor/test_faults.py::"
        "test_a_worker_that_comes_back_leaves_what_its_successor_has",
    ),
    Guard(
        "checks: an end queues them once",
        "operations/checks/actions.py",
        "        automatic_key=str(interview.history_s3_key),\n",
        "",
        noticed_by="tests/operations/checks/queue/test_taking.py::"
        "test_an_automatic_run_that_somebody_asks_for_before_is_not_queued_again",
    ),
    Guard(
        "checks: webhooks are told with the end",
        "operations/checks/queue.py",
        "            messages.queue_checks_finished(interview, run)\n",
        "            pass\n",
        noticed_by="tests/operations/checks/queue/test_taking.py::"
        "test_the_webhooks_hear_of_each_end_once",
    ),
    Guard(
        "checks: candidates get none of their files",
        "interviews/challenges/checks/files.py",
        "    return files.without([path for path in files if is_kept_from_candidates(path)])\n",
        "    return files\n",
        noticed_by="tests/interviews/challenges/checks/test_kept_from_candidates.py::"
        "test_nothing_of_the_checks_is_in_a_workspace",
    ),
    Guard(
        "checks: only those of a visible one read how to run it",
        "interviews/challenges/checks/manifest.py",
        "        if check.candidate_command and not check.is_visible:\n",
        "        if False:\n",
        noticed_by="tests/interviews/challenges/checks/test_manifest.py::"
        "test_wrong_checks_name_their_field",
    ),
)
