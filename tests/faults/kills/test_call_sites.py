"""Every step in the code is one at which a scenario is killed.

The steps are read from the source: each call that changes something outside of the process. A step
that is added and that no scenario takes fails here.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.webhooks.models import Webhook
from takehome_platform.local_stack.config import ROOT
from tests.faults.kills import effects
from tests.faults.kills.effects import Effect
from tests.faults.kills.scenarios import SCENARIOS, admission, machines
from tests.faults.kills.test_in_process import world
from tests.faults.kills.world import InProcess

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]

FOLDERS = (
    "operations/admission",
    "operations/worker",
    "operations/actions",
    "operations/actions/plans",
    "operations/queue",
    "operations/mail",
    "operations/mail/staff",
    "operations/notices",
    "operations/practice",
    "operations/progress",
    "operations/progress/keep",
    "operations/webhooks",
    "operations/bulk_import",
    "operations/reaper",
    "operations/submissions",
    "operations/submissions/index",
    "operations/checks",
)
FILES = (
    "operations/archives/archive.py",
    "operations/deadlines.py",
    "operations/health_watch.py",
    "operations/reconciler.py",
    "operations/retention.py",
    "interviews/legacy/lazy_migration.py",
    "interviews/legacy/migration_steps.py",
)
# Methods and functions that have an effect, by their names.
CALLS = {
    *("move_to", "change", "change_time", "change_plan", "record_healthy", "keep_until"),
    *("add_practice", "add_restored", "add_moved_up", "record_kept"),
    *("leave_machine", "add_left_behind"),
    *("add_words", "settle_words", "extend_terms"),
    *("wait_for_place", "record_admitted", "return_to_line", "record_clean_up"),
    *("begin_step", "check_again", "succeed", "fail", "requeue", "cancel", "release"),
    *("postpone_dispatch", "delete_unclaimed", "claim", "announce", "publish"),
    *("provision", "export", "destroy", "set_deadline", "add_line", "post_json", "send", "record"),
    "record_once",
    *("save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create"),
}
CALLS_THAT_BEGIN_WITH = ("enqueue_",)

# What no scenario does by itself, with the reason.
TAKEN_IN_RECOVERY = {
    # By another process, after the one that was killed or stood still.
    *("deadlines.resume: change", "fencing.discard_unreferenced: requeue"),
    *("fencing.predecessor_released: requeue", "handler._abandon: cancel"),
    *("handler._abandon: requeue", "lease.__exit__: release", "provision.handle: announce"),
    "handler._abandon: record_clean_up",
    *("provision.handle: succeed", "provision._provision: change"),
    *("runner._dispatch_successor: enqueue_operation", "teardown._save_files: delete"),
    "teardown.handle: announce",
    *("enqueue.replace_operation: delete_unclaimed", "end._save_files: delete"),
    "end._add_left_behind: delete",
    *("end._ensure_still_unneeded: delete", "archive._delete_unreferenced: delete"),
    "runner.run_unfinished: enqueue_bulk_import",
    # When a worker starts again; tests/operations/worker/test_identity.py has it.
    *("identity._release: release", "identity.release_dead_leases: enqueue_operation"),
    "identity.release_dead_leases: postpone_dispatch",
    *("deadlines.record_healthy: record_healthy", "deadlines.end_overdue: enqueue_health_check"),
    "outbox_relay.relay_changes: settle_words",
    # When a worker is stopped, and in the thread of a lease; tests/operations/checks has them.
    *("executor.run_checks: release", "queue.release: announce", "queue.release: update"),
    "queue.renew: update",
    # A row that was written and never queued.
    "ending.end_practice: move_to",
}
AFTER_A_FAILURE = {
    # tests/faults/test_failing_engines.py has the engines, and tests/operations the rest.
    *("archive._try_to_delete: delete", "teardown._retry_later: change"),
    *("teardown._retry_later: requeue", "provision._fail: change", "delivery._disable: update"),
    *("delivery._update_webhook: update", "outbox.notify: create"),
    *("fencing.discard_unreferenced: cancel", "missing._report: add_line"),
    *("missing._report: change", "missing._report: enqueue_health_check"),
    # The index of a submission is damaged, and made again by whoever opens it next.
    "service.delete_index: delete",
    # The index cannot be made: a page that waits for it is told.
    "service._make_missing_indexes: publish",
    # The store fails: what was stored goes, and the next turn comes.
    "state._discard: delete",
    # The checks cannot be run, or their worker died three times: tests/operations/checks.
    *("executor._run_checks: fail", "executor.run_checks: fail", "queue.acquire_run: fail"),
    *("queue.fail: announce", "queue.retry_or_fail: announce", "queue.retry_or_fail: fail"),
    "queue.retry_or_fail: update",
    # A start is refused after the ones before it failed: tests/operations/admission/test_paused.py.
    *("gate.wait_again: return_to_line", "line.take_back: announce", "line.take_back: update"),
    # The engine has no room: test_room.py beside it, and in tests/operations/worker.
    *("gate.wait_for_room: return_to_line", "line.take_back: save"),
    "provision._wait_for_room: requeue",
    # A failed start's workspace cannot be removed: tests/operations/admission/test_leftovers.py.
    *("leftovers.note_left: publish", "leftovers.note_left: update"),
    "leftovers.remove_left: enqueue_operation",
    # The row kept changing at the same time.
    "resend._change_address: settle_words",
}
ONE_WRITE = {
    # Staff presses a button for one statement of SQL; after it is only the audit trail's entry.
    *("actions.change: record", "actions.change: update", "actions.create: create"),
    *("actions.create: record", "actions.delete: delete", "actions.delete: publish"),
    *("actions.delete: record", "actions._done: publish", "actions._requeue: update"),
    *("actions.resend: record", "actions.resend_given_up: record", "actions.roll_secret: record"),
    *("actions.roll_secret: update", "actions.send_test: create", "actions.send_test: record"),
    *("actions.switch_off: record", "actions.switch_off: update", "actions.switch_on: record"),
    *("actions.switch_on: update", "actions.end_orphan_now: enqueue_orphan_end"),
    *("start.move_to_front: record", "challenges._set_active: record"),
    "challenges.create_challenge: record",
    *("challenges.save_challenge: record", "invitations._record: record", "start.activate: record"),
    *("invitations.start_dry_run: record", "service.import_table: record"),
    *("service._save_batch: bulk_create", "service._save_batch: create"),
    "actions.change_notices: record",
    *("access.queue_access_email: create", "access.queue_access_email: enqueue_email"),
    # With its change in one transaction.
    "account.queue_account_email: create",
    *("ending._end: change", "ending._end: enqueue_operation"),
    *("zone_changes.keep_planned_time: change_time", "zone_changes.keep_planned_time: record"),
    *("service._mark_invited_meanwhile: bulk_update", "service.erase_rows: update"),
}
OTHER_CASES = {
    # The rules of a zone changed: tests/operations/mail/staff/test_zone_changes.py dies there.
    "outbox.notify: get_or_create",
    # The same step as one that is taken, for rows that no scenario has: another portal's, more than
    # one task takes at a time, or so old that a job deletes them, which goes on the next hour.
    *("_create._save_interview: create", "lazy_migration.create_takehome: announce"),
    "retention._delete_operation: delete",
    *("retention._keep_longer: keep_until", "retention._keep_longer: save"),
    *("retention._keep_longer: update", "outbox.delete_old_messages: delete"),
    "periodic.delete_old_deliveries: delete",
    *("service.delete_old_batches: delete", "runner.run_batch: enqueue_bulk_import"),
    *("runner.run_operation: enqueue_operation", "scan.scan_engines: enqueue_orphan_end"),
    # The list of a state is replaced by one that is the same but for the times of files.
    "state._write_rows: update",
    # Of an interview that is deleted at the same time.
    *("actions.run_again: delete", "queue._delete_if_late: delete"),
    "service._make_index: delete",
    # Where many open a submission at once: the one that makes the index has been asked before.
    "service.index_submissions: enqueue_submission_index",
}
REPEATED = {
    # The only write of a health check, which the next one makes up for.
    "health_watch._check_sign_in: change",
    # Under a limit; the next sweep of admission gives the workspace its place all the same.
    "line.rename_workspace: update",
    # The next tick gives the start in line more time.
    "deadlines._is_in_line: change",
}
NO_STEPS = {
    # Something else with such a name: a semaphore, a checksum.
    "turns.keep: release",
    *("places.take_place: release", "archive._measure: update", "entries._file: update"),
}
EXEMPT = TAKEN_IN_RECOVERY | AFTER_A_FAILURE | ONE_WRITE | OTHER_CASES | REPEATED | NO_STEPS


def steps() -> Iterator[tuple[str, str, range]]:
    """File, function with its call, and the lines of each step."""
    files = [*FILES, *(f for folder in FOLDERS for f in _modules(folder))]
    for file in files:
        tree = ast.parse((ROOT / file).read_text())
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    name = _called(call)
                    if isinstance(call, ast.Call) and name is not None:
                        lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                        yield file, f"{Path(file).stem}.{function.name}: {name}", lines


def _modules(folder: str) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / folder).glob("*.py"))]


def _called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name if name in CALLS or name.startswith(CALLS_THAT_BEGIN_WITH) else None


def test_each_step_of_the_code_is_taken_by_a_scenario(world: InProcess) -> None:
    taken: dict[str, set[int]] = defaultdict(set)

    def note(effect: Effect) -> None:
        for file, line in effect.sites:
            taken[file].add(line)

    for scenario in [*SCENARIOS, *admission.SCENARIOS, *machines.SCENARIOS]:
        case = scenario.prepare(world)
        with effects.watched(note):
            scenario.act(world, case)
        # They would be told of all that comes.
        Webhook.objects.update(is_active=False)
    left = {step for file, step, lines in steps() if not taken[file].intersection(lines)}
    assert not left - EXEMPT, "\n".join(sorted(left - EXEMPT))
    assert not EXEMPT - left, "\n".join(sorted(EXEMPT - left))
