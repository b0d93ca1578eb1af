"""Automated checks of submissions: queued after an end, by hand, for all, as a trial; and run."""

import hashlib
from typing import Any

import pytest
from django.db.models import Q

from interviews.challenges import versions
from interviews.challenges.checks.manifest import MANIFEST
from interviews.challenges.models import ChallengeDetails
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import OUTBOX_PENDING, Interview
from operations.checks import actions, places, queue, trials
from operations.checks.models import CheckRun, RunState, Subject
from operations.progress import keep, schedule
from operations.submissions import service
from operations.webhooks import outbox_relay
from operations.webhooks.models import Delivery, Webhook
from tests.faults.kills import check_runs
from tests.faults.kills.invariants import require
from tests.faults.kills.scenarios.messages import is_delivered, relay
from tests.faults.kills.scenarios.people import completed, delete, is_gone
from tests.faults.kills.scenarios.progress import make_due
from tests.faults.kills.scenarios.scenario import Act, Done, Scenario
from tests.faults.kills.world import CHALLENGE, STAFF, WORK, Case, World, nothing_dispatched, row
from tests.operations.submissions.archives import archive_of, save_archive

# A real runner takes a moment for each, and the second leaves a program that ignores signals.
COMMAND = "%ssleep 0.1; echo '<testsuite><testcase name=\"a\"/></testsuite>' >$CHECK_REPORT"
DAEMON = "(trap '' TERM INT HUP; exec sleep 600) & "
MANIFEST_TEXT = f"""
[[checks]]
name = "Given"
command = '''{COMMAND % ""}'''

[[checks]]
name = "Hidden"
folder = "hidden"
command = '''{COMMAND % DAEMON}'''
"""
CHECKS = 2
FILES = {
    "README.md": b"# Checked\n",
    "count.py": b"print(1)\n",
    MANIFEST: MANIFEST_TEXT.encode(),
    ".checks/hidden/test_count.py": b"# hidden\n",
    ".checks/solution/count.py": b"# solved\n",
}
PATH = (Status.ACTIVATED, Status.INITIALIZING, Status.CONFIGURING, Status.ACTIVE)


def with_checks(world: World) -> Case:
    """A challenge of the case's own."""
    challenge_id = f"checked-{world.new_key()}"
    about = ChallengeDetails("Checked", "Its text.", "Python", 60)
    versions.create_challenge(challenge_id, about, FILES, by=STAFF)
    return {"challenge": challenge_id}


def hand_in(world: World, case: Case) -> Interview:
    """A submission whose files are listed, without the workspace in which it was made."""
    interview = world.invite(challenge=case["challenge"])
    with nothing_dispatched():
        for status in PATH:
            interview.move_to(status, by="worker")
        interview.move_to(Status.DESTROYING, by="candidate", end_reason=EndReason.SUBMITTED)
        content = archive_of(dict([WORK]))
        save_archive(interview, content)
        interview.move_to(
            Status.COMPLETED,
            by="worker",
            activated_at=now(),
            ready_at=now(),
            completed_at=now(),
            archive_at=now(),
            archive_sha256=hashlib.sha256(content).hexdigest(),
        )
        service.index_submissions(interview.id)
    return row(interview.id)


def ended(world: World) -> Case:
    """A submission of which nobody was told yet."""
    case = with_checks(world)
    webhook = world.new_webhook()
    Webhook.objects.filter(pk=webhook.pk).update(sends_reviews=True)
    return case | {"id": hand_in(world, case).id, "webhook": webhook.pk}


def unchecked(world: World) -> Case:
    """A submission of which everybody was told, and whose checks nobody has asked for."""
    case = ended(world)
    relay_without_checks(case)
    return case


def asked_first(world: World) -> Case:
    """A submission of which nobody was told yet, and whose checks somebody has asked for."""
    case = ended(world)
    with nothing_dispatched():
        actions.run_again(row(case["id"]), by=STAFF)
    return case


def relay_without_checks(case: Case) -> None:
    with nothing_dispatched():
        outbox_relay.relay_changes(case["id"])
    CheckRun.objects.filter(interview_id=case["id"]).delete()


def two_submissions(world: World) -> Case:
    case = unchecked(world)
    other = hand_in(world, case).id
    relay_without_checks({"id": other})
    return case | {"other": other}


def queued(world: World) -> Case:
    case = unchecked(world)
    with nothing_dispatched():
        run = actions.run_again(row(case["id"]), by=STAFF)
    return case | {"run": str(run.pk)}


def checked_before_trial(world: World) -> Case:
    """A submission that was compared with nothing, and a trial that waits."""
    case = queued(world)
    with nothing_dispatched():
        work(world, case)
        trial, _is_new = queue.queue_run(Subject.SOLUTION, case["challenge"], 1)
    return case | {"run": str(trial.pk)}


def with_state(world: World) -> Case:
    """A running test of which a state was kept."""
    case = with_checks(world)
    case["id"] = world.running(challenge=case["challenge"]).id
    with nothing_dispatched():
        schedule.dispatch_due()
    make_due(case)
    keep.keep(case["id"])
    return case


def queued_of_state(world: World) -> Case:
    case = with_state(world)
    with nothing_dispatched():
        run = actions.check_state(row(case["id"]), 1, by=STAFF)
    return case | {"run": str(run.pk)}


def checked(world: World) -> Case:
    """A test that is over, a run of its checks that waits, and a webhook that was not told yet."""
    webhook = world.new_webhook()
    case = completed(world) | {"webhook": webhook.pk}
    Delivery.objects.filter(webhook=webhook).delete()
    row(case["id"]).change(outbox=OUTBOX_PENDING, outbox_done=None)
    with nothing_dispatched():
        queue.queue_run(Subject.SUBMISSION, CHALLENGE, 1, interview_id=case["id"])
    return case


def work(world: World, case: Case) -> None:
    """A worker has a thread for runs; to this one no other run is due, and no place is taken."""
    is_due = queue._due

    def is_own_due() -> Q:
        return is_due() & Q(pk=case["run"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "_due", is_own_due)
        patch.setattr("django.conf.settings.CHECKS_AT_ONCE", 1000)
        places.run_until_none_is_due()


def press(path: str, body: Any = None) -> Act:
    def ask(world: World, case: Case) -> None:
        world.press(world.staff, path.format(**case), body)

    return ask


def are_checked(subject: Subject, *names: str, most: int = 1) -> Done:
    """Whether each of these interviews was checked, once, and more often only if it was asked for
    again; "" is none."""

    def is_done(world: World, case: Case) -> bool:
        runs = CheckRun.objects.filter(challenge_id=case["challenge"], subject=subject)
        for name in names:
            found = runs.filter(interview_id=case.get(name, ""), state=RunState.FINISHED).count()
            if not found:
                return False
            require(found <= most, "doubled", f"{found} runs of {name}")
        check_runs.check(world, case, CHECKS)
        return "webhook" not in case or is_delivered(world, case)

    return is_done


def are_tried(world: World, case: Case) -> bool:
    return all(
        are_checked(subject, "", most=2)(world, case)
        for subject in (Subject.SOLUTION, Subject.STARTING)
    )


def is_compared(world: World, case: Case) -> bool:
    # As the sweep does for a worker that died after its trial.
    trials.compare_earlier_runs(case["challenge"], 1)
    own = CheckRun.objects.filter(challenge_id=case["challenge"], is_compared=True)
    return are_checked(Subject.SOLUTION, "")(world, case) and own.count() == 1


def is_gone_with_runs(world: World, case: Case) -> bool:
    return is_gone(world, case) and not CheckRun.objects.filter(interview_id=case["id"]).exists()


is_checked = are_checked(Subject.SUBMISSION, "id")
# What was asked for may be over before the end is told.
is_checked_as_asked = are_checked(Subject.SUBMISSION, "id", most=2)
is_state_checked = are_checked(Subject.STATE, "id")
# Who asks again may ask after the first half was done.
both = are_checked(Subject.SUBMISSION, "id", "other", most=2)
RUN = "/api/interviews/{id}/checks"
RUN_ALL = "/api/challenges/{challenge}/checks/run-all"
TRIAL = "/api/challenges/{challenge}/versions/1/checks/trial"

SCENARIOS = [
    Scenario("checks", queued, work, is_checked),
    Scenario("checks before a trial", checked_before_trial, work, is_compared),
    Scenario("checks after the end", ended, relay, is_checked),
    Scenario("checks after the end, asked for", asked_first, relay, is_checked_as_asked),
    Scenario("checks of a kept state", queued_of_state, work, is_state_checked),
    Scenario("press run checks", unchecked, press(RUN), is_checked, True),
    Scenario(
        "press run checks of a state", with_state, press(RUN, {"state": 1}), is_state_checked, True
    ),
    Scenario("press run checks of all", two_submissions, press(RUN_ALL), both, True),
    Scenario("press try checks", with_checks, press(TRIAL), are_tried, True),
    Scenario("press delete", checked, delete, is_gone_with_runs, True),
]
