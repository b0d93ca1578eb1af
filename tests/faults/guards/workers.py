"""The guards of workers: their leases, what replaces them, and messages."""

from tests.faults.guards.guard import Guard

GUARDS = (
    Guard(
        "lease: a leased operation is not claimed",
        "operations/models.py",
        "            is_free & Operation.status.is_in(*UNFINISHED),\n",
        "            Operation.status.is_in(*UNFINISHED),\n",
        noticed_by="tests/operations/test_models.py::test_claim_succeeds_for_one_worker",
    ),
    Guard(
        "lease: only its owner writes",
        "operations/models.py",
        "        condition: Condition = Operation.lease_owner == token\n"
        "        condition &= Operation.status == OperationStatus.RUNNING.value\n",
        "        condition: Condition = Operation.status == OperationStatus.RUNNING.value\n",
        noticed_by="tests/operations/test_models.py::test_claim_takes_over_an_expired_lease",
    ),
    Guard(
        "lease: a cancelled operation writes nothing",
        "operations/models.py",
        "        condition &= Operation.status == OperationStatus.RUNNING.value\n",
        "",
        noticed_by="tests/operations/test_models.py::"
        "test_cancelled_operation_keeps_its_lease_until_the_worker_releases_it",
    ),
    Guard(
        "lease: a cancelled operation keeps its lease",
        "operations/models.py",
        "OperationStatus.CANCELLED, release=False\n",
        "OperationStatus.CANCELLED, release=True\n",
        noticed_by="tests/operations/test_models.py::"
        "test_cancelled_operation_keeps_its_lease_until_the_worker_releases_it",
    ),
    Guard(
        "fencing: the predecessor has let go",
        "operations/worker/handler.py",
        "if fencing.predecessor_released(self.operation, self.token):",
        "if True:",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_fault_11_a_teardown_waits_until_the_create_has_let_go",
    ),
    Guard(
        "fencing: still the owner after provisioning",
        "operations/worker/provision.py",
        "            self._provisioned_at = datetime.now(UTC)\n"
        "        fencing.ensure_still_owner(self.operation, self.token, interview)\n",
        "            self._provisioned_at = datetime.now(UTC)\n",
        noticed_by="tests/faults/test_returning_workers.py::"
        "test_worker_without_its_lease_writes_nothing",
    ),
    Guard(
        "fencing: still the owner after saving",
        "operations/worker/teardown.py",
        "            fencing.ensure_still_owner(self.operation, self.token, interview)\n"
        "        except LeaseLostError:\n",
        "            pass\n        except LeaseLostError:\n",
        noticed_by="tests/faults/test_returning_workers.py::"
        "test_worker_that_loses_its_lease_while_it_saves_leaves_no_archive",
    ),
    Guard(
        "fencing: a late worker removes what it made",
        "operations/worker/handler.py",
        "            is_done = self.clean_up(self.engine, self.workspace)\n",
        "            is_done = True\n",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_fault_10_cancelled_stays_cancelled_and_what_it_made_is_cleaned_up",
    ),
    Guard(
        "fencing: not while the workspace is in use",
        "operations/worker/handler.py",
        "                if not is_current:\n                    return\n",
        "",
        noticed_by="tests/faults/test_returning_workers.py::"
        "test_restart_that_the_end_replaced_leaves_the_workspace_until_it_is_saved",
    ),
    Guard(
        "operation: a replaced one does nothing",
        "operations/worker/handler.py",
        "if interview is None or interview.operation_id != self.operation.id:",
        "if interview is None:",
        noticed_by="tests/operations/worker/test_runner.py::"
        "test_released_create_dispatches_the_waiting_teardown",
    ),
    Guard(
        "operation: a young one without an interview waits",
        "operations/worker/fencing.py",
        "if operation.created_at + UNREFERENCED_LIFETIME > now():",
        "if operation.created_at > now():",
        noticed_by="tests/operations/worker/test_fencing.py::"
        "test_young_operation_is_kept_for_the_interview_that_is_about_to_point_at_it",
    ),
    Guard(
        "reconciler: a lost message is sent again",
        "operations/models.py",
        "                due_at=now() + DISPATCH_AGAIN_AFTER,\n",
        "                due_at=None,\n",
        noticed_by="tests/operations/test_reconciler.py::"
        "test_lost_message_is_dispatched_again_once_per_interval",
    ),
    Guard(
        "engine: another's workspace is not taken",
        "operations/worker/provision.py",
        "            if workspace.id != interview.workspace_name:\n",
        "            if False:\n",
        noticed_by="tests/faults/test_failing_engines.py::"
        "test_engine_that_fails_loses_and_leaks_nothing",
    ),
)
