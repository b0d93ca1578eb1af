"""The guards of places on an engine, and of the line for one."""

from tests.faults.guards.guard import Guard

TESTS = "tests/operations/admission"

GUARDS = (
    Guard(
        "line: no two processes give the same place",
        "operations/admission/line.py",
        "    with locked(engine):\n        free = limit",
        "    with contextlib.nullcontext():\n        free = limit",
        noticed_by="tests/faults/test_admission_races.py::"
        "test_starts_at_the_same_time_take_no_more_places_than_there_are",
    ),
    Guard(
        "line: a place that another start has taken over stays",
        "operations/admission/line.py",
        "        if not same.filter(admitted_at=row.admitted_at).delete()[0]:\n",
        "        if not Admission.objects.filter(pk=row.pk).delete()[0]:\n",
        noticed_by=f"{TESTS}/test_sweep.py::"
        "test_a_place_that_another_start_took_over_is_not_removed",
    ),
    Guard(
        "line: a dead worker's place is given back",
        "operations/admission/sweep.py",
        "if not needs.is_needed(row, interviews.get(row.interview_id)) and line.remove(row)",
        "if False",
        noticed_by=f"{TESTS}/test_sweep.py::"
        "test_a_worker_that_died_after_the_teardown_leaks_no_place",
    ),
    Guard(
        "line: who ended while they waited gets no place",
        "operations/admission/line.py",
        "        if not needs.is_needed(row, interviews.get(row.interview_id)):\n",
        "        if False:\n",
        noticed_by=f"{TESTS}/test_sweep.py::test_who_ended_while_in_line_gets_no_place",
    ),
    Guard(
        "line: a failed start keeps its place while its workspace is there",
        "operations/admission/needs.py",
        "        return _is_being_cleaned_up(interview)\n",
        "        return False\n",
        noticed_by=f"{TESTS}/test_leftovers.py::test_the_place_is_kept_and_noted",
    ),
    Guard(
        "line: but not for ever",
        "operations/admission/needs.py",
        " and finished_at + MAX_CLEAN_UP > now()",
        "",
        noticed_by=f"{TESTS}/test_leftovers.py::test_it_is_not_kept_for_longer_than_the_bound",
    ),
    Guard(
        "line: workspaces from before the limit count",
        "operations/admission/registration.py",
        "    register_running(engine)\n    LimitedEngine",
        "    LimitedEngine",
        noticed_by=f"{TESTS}/test_sweep.py::test_workspaces_from_before_the_limit_count",
    ),
    Guard(
        "line: without the SQL database a start waits",
        "operations/admission/gate.py",
        "        has_place = False\n",
        "        has_place = True\n",
        noticed_by=f"{TESTS}/test_gate.py::test_without_the_sql_database_a_start_waits",
    ),
    Guard(
        "line: a start that waits is looked at again",
        "operations/admission/gate.py",
        "        operation.wait_for_place(until=now() + LOOK_AGAIN_AFTER)\n",
        "        pass\n",
        noticed_by=f"{TESTS}/test_gate.py::"
        "test_a_start_that_waits_is_due_again_although_its_message_is_lost",
    ),
)
