"""What workers and timers do to a workspace."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from interviews.challenges import library
from interviews.challenges.models import Version
from interviews.challenges.starting_files import StartingFiles
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.schemas.invitations import LiveInvitation
from operations import actions, health_watch, models, reconciler, retention
from operations.reaper import end, scan
from operations.reaper.models import open_orphans
from operations.submissions import service
from operations.submissions.keys import index_key
from operations.worker import provision, runner
from tests.faults.kills.scenarios.scenario import Scenario, in_status
from tests.faults.kills.world import (
    CHALLENGE,
    STAFF,
    WORK,
    Case,
    World,
    an_hour_later,
    make_orphan_due,
    nothing_dispatched,
    row,
    saved_files,
)


def work(world: World, case: Case) -> None:
    runner.run_operation(case["operation"])


def activated(world: World) -> Case:
    interview = world.invite()
    with nothing_dispatched():
        operation_id = actions.activate(interview, by="candidate")
    return {"id": interview.id, "operation": operation_id}


def activated_without_files(world: World) -> Case:
    """A start that fails: its version of the challenge is not there."""
    case = activated(world)
    with nothing_dispatched():
        row(case["id"]).change(challenge_version=99)
    return case


def ending(world: World) -> Case:
    interview = world.running()
    with nothing_dispatched():
        operation_id = actions.submit(interview, by="candidate")
    return {"id": interview.id, "operation": operation_id}


def ending_while_starting(world: World) -> Case:
    """Ended while its workspace is provisioned: the teardown cancels the start first."""
    case = activated(world)
    with nothing_dispatched():
        operation_id = actions.revoke(row(case["id"]), by=STAFF)
    return case | {"operation": operation_id}


def ending_without_saving(world: World) -> Case:
    interview = world.running()
    with nothing_dispatched():
        operation_id = actions.end(interview, by=STAFF, reason=EndReason.ENDED_BY_STAFF, save=False)
    return {"id": interview.id, "operation": operation_id}


def reopened(world: World) -> Case:
    interview = world.completed()
    with nothing_dispatched():
        operation_id = actions.reopen(interview, 30, by=STAFF)
    return {"id": interview.id, "operation": operation_id}


def stopped(world: World) -> Case:
    interview = world.running()
    world.stop_workspace(interview)
    return {"id": interview.id}


def restarting(world: World) -> Case:
    case = stopped(world)
    with nothing_dispatched():
        health_watch.check_health(case["id"])
    return case | {"operation": row(case["id"]).operation_id}


def slow(world: World) -> Case:
    """A start whose workspace does not answer at the first look."""
    case = activated(world)
    world.answer_late(row(case["id"]))
    return case


def work_without_waiting(world: World, case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provision, "BRIEF_WAIT", timedelta(0))
        work(world, case)


def work_without_store(world: World, case: Case) -> None:
    """The store of files does not respond once: to this process, and to none that goes on."""
    read_files, asked = library.read_files, iter([True])

    def fail_once(version: Version) -> StartingFiles:
        if next(asked, False):
            raise OSError("The store does not respond.")
        return read_files(version)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "read_files", fail_once)
        work(world, case)


def late(world: World) -> Case:
    """A start that no worker has taken by the end of the test."""
    case = activated(world)
    with nothing_dispatched():
        row(case["id"]).change(auto_destroy_at=now() - timedelta(seconds=1))
    return case


def unheard(world: World) -> Case:
    """A start whose message to the workers was lost."""
    case = activated(world)
    operation = models.get_operation(case["operation"])
    assert operation is not None
    operation.update(actions=[models.Operation.due_at.set(now() - timedelta(seconds=1))])
    return case


def missed(world: World) -> Case:
    """A live interview that would be over by now, as the platform was away."""
    case = scheduled(world)
    row(case["id"]).change(scheduled_at=now() - timedelta(hours=2))
    return case


def look(world: World, case: Case) -> None:
    health_watch.check_health(case["id"])


def overdue(world: World) -> Case:
    interview = world.running()
    past = now() - timedelta(seconds=1)
    interview.change_time(auto_destroy_at=past, last_healthy_at=past)
    return {"id": interview.id}


def tick(world: World, case: Case) -> None:
    reconciler.run_due()


def lapsed(world: World) -> Case:
    interview = world.invite()
    interview.change(valid_until=now() - timedelta(seconds=1))
    return {"id": interview.id}


def scheduled(world: World) -> Case:
    invitation = LiveInvitation(
        candidate_name="Rita",
        challenge=CHALLENGE,
        duration_minutes=60,
        scheduled_at=now() + timedelta(minutes=30),
    )
    interview = actions.schedule_live(invitation, by=STAFF)
    with nothing_dispatched():
        row(interview.id).change(scheduled_at=now() + timedelta(seconds=2))
    return {"id": interview.id}


def old(world: World) -> Case:
    return {"id": world.completed().id}


def delete_old(world: World, case: Case) -> None:
    retention.delete_interview(row(case["id"]), by="schedule")


def is_deleted(world: World, case: Case) -> bool:
    """The next run of the retention job has deleted the rest."""
    if any(name.startswith(case["id"]) for name in world.workspaces()):
        return False
    try:
        retention.delete_interview(row(case["id"]), by="schedule")
    except AssertionError:
        return models.list_operations(case["id"]) == []
    return True


def without_index(world: World) -> Case:
    """A completed test as an earlier version saved it."""
    case = old(world)
    default_storage.delete(index_key(f"archives/{case['id']}", str(row(case["id"]).history_s3_key)))
    return case


def index_files(world: World, case: Case) -> None:
    service.index_submissions(case["id"])


def is_readable(world: World, case: Case) -> bool:
    """Whoever opens the submission finds it, and nothing is twice."""
    with service.open_submission(row(case["id"]), 0) as submission:
        name, content = WORK
        file = submission.file(name.encode())
        return file is not None and submission.content(file, 1000) == content


def unneeded(world: World) -> Case:
    """A completed test without an archive, whose workspace runs all the same for some time yet."""
    interview = world.completed()
    default_storage.delete(str(interview.history_s3_key))
    interview.change(history_s3_key=None, archive_bytes=None, archive_sha256=None)
    world.leave_workspace(interview.id)
    scan.scan_engines()
    return {"id": interview.id, "orphan": open_orphans().get(name=interview.id).pk}


def orphaned(world: World) -> Case:
    """The same, and it is time to end the workspace."""
    case = unneeded(world)
    make_orphan_due(case["id"])
    return case


def end_orphan(world: World, case: Case) -> None:
    end.end_orphan(case["orphan"])


def is_swept(world: World, case: Case) -> bool:
    make_orphan_due(case["id"])
    # A copy that the row does not name stays for an hour, as a worker may be about to name it.
    an_hour_later(case)
    if case["orphan"] is not None:
        end.end_orphan(case["orphan"])
    name, content = WORK
    is_saved = saved_files(row(case["id"])).get(name) == content
    return is_saved and case["id"] not in world.workspaces()


def stray(world: World) -> Case:
    """As `orphaned`, before any scan has seen it."""
    case = orphaned(world)
    open_orphans().filter(pk=case.pop("orphan")).delete()
    return case | {"orphan": None}


def sweep(world: World, case: Case) -> None:
    scan.scan_engines()


def is_found(world: World, case: Case) -> bool:
    """The next scan has it at the latest, and then it can be ended."""
    scan.scan_engines()
    orphan = open_orphans().filter(name=case["id"]).first()
    return is_swept(world, case | {"orphan": orphan and orphan.pk})


SCENARIOS = [
    Scenario("create", activated, work, in_status(Status.ACTIVE)),
    Scenario("create that takes long", slow, work_without_waiting, in_status(Status.ACTIVE)),
    Scenario("create without the store", activated, work_without_store, in_status(Status.ACTIVE)),
    Scenario("create that nobody took", late, tick, in_status(Status.ERROR)),
    Scenario("lost message", unheard, tick, in_status(Status.ACTIVE)),
    Scenario("create that fails", activated_without_files, work, in_status(Status.ERROR)),
    Scenario("end", ending, work, in_status(Status.COMPLETED)),
    Scenario("end without saving", ending_without_saving, work, in_status(Status.COMPLETED)),
    Scenario("end while starting", ending_while_starting, work, in_status(Status.REVOKED)),
    Scenario("create of a reopened test", reopened, work, in_status(Status.ACTIVE)),
    Scenario("health check", stopped, look, in_status(Status.ACTIVE)),
    Scenario("restart", restarting, work, in_status(Status.ACTIVE)),
    Scenario("time up", overdue, tick, in_status(Status.COMPLETED)),
    Scenario("expiry", lapsed, tick, in_status(Status.EXPIRED)),
    Scenario("scheduled start", scheduled, tick, in_status(Status.ACTIVE)),
    Scenario("missed interview", missed, tick, in_status(Status.CANCELLED)),
    Scenario("deletion", old, delete_old, is_deleted),
    Scenario("index of a submission", without_index, index_files, is_readable),
    Scenario("orphan", orphaned, end_orphan, is_swept),
    Scenario("scan", stray, sweep, is_found),
]
