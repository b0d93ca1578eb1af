"""The progress of a candidate: kept while they work, and deleted with their interview."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, deadlines, health_watch
from operations.progress import keep, schedule
from operations.progress.keys import folder_of
from operations.progress.manifest_store import read_manifest
from operations.progress.models import ProgressState, ProgressWatch
from operations.progress.packs import read_content
from tests.faults.kills.scenarios.people import is_gone
from tests.faults.kills.scenarios.practice import delete
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.scenarios.submissions import NEWER_WORK, hand_in, sit_again
from tests.faults.kills.scenarios.workers import look, work
from tests.faults.kills.world import STAFF, WORK, Case, World, nothing_dispatched, row, saved_files


def unseen(world: World) -> Case:
    """A running test that no worker has looked at."""
    return {"id": world.running().id}


def due(world: World) -> Case:
    case = unseen(world)
    with nothing_dispatched():
        schedule.dispatch_due()
    make_due(case)
    return case


def kept_and_over(world: World) -> Case:
    """A test that is over, with progress of its time."""
    interview = world.completed()
    key = f"{folder_of(interview.id)}/00009-0.files"
    with default_storage.open(str(interview.history_s3_key)) as file:
        default_storage.save(key, file)
    # The platform may have begun to watch it by itself.
    ProgressWatch.objects.update_or_create(pk=interview.id, defaults={"due_at": timezone.now()})
    ProgressState.objects.create(
        interview_id=interview.id,
        # The end itself has kept one.
        number=9,
        sitting=1,
        at=timezone.now(),
        key=key,
        files=1,
        lines=1,
    )
    return {"id": interview.id, "invitation": interview.id}


def lost(world: World) -> Case:
    """A kept state, and a workspace that is gone and about to be started again."""
    case = due(world)
    keep.keep(case["id"])
    interview = row(case["id"])
    world.lose_workspace(interview)
    with nothing_dispatched():
        health_watch.check_health(case["id"])
    return case | {"operation": row(case["id"]).operation_id}


def unnoted(world: World) -> Case:
    """A lost workspace that was started again, whose row was not written."""
    case = lost(world)

    def fails(*_: object, **__: object) -> None:
        raise OSError("The table does not respond.")

    with pytest.MonkeyPatch.context() as patch, nothing_dispatched():
        patch.setattr(Interview, "add_restored", fails)
        work(world, case)
    return {"id": case["id"]}


def unnoted_at_its_end(world: World) -> Case:
    """The same, with newer work, when its candidate hands in: the clock went on meanwhile, as it
    did before a health check noted it."""
    case = unnoted(world)
    deadlines.resume(row(case["id"]))
    world.write_work(row(case["id"]), NEWER_WORK)
    with nothing_dispatched():
        operation_id = actions.submit(row(case["id"]), by="candidate")
    return case | {"operation": operation_id}


def lost_at_its_end(world: World) -> Case:
    case = due(world)
    keep.keep(case["id"])
    interview = row(case["id"])
    world.lose_workspace(interview)
    with nothing_dispatched():
        operation_id = actions.submit(interview, by="candidate")
    return case | {"operation": operation_id}


def kept_without_saving(world: World) -> Case:
    """A test with progress that staff ends without saving."""
    case = due(world)
    keep.keep(case["id"])
    return end_without_saving(case)


def end_without_saving(case: Case) -> Case:
    with nothing_dispatched():
        operation_id = actions.end(
            row(case["id"]), by=STAFF, reason=EndReason.ENDED_BY_STAFF, save=False
        )
    return case | {"operation": operation_id}


def kept_before(world: World) -> Case:
    """The same in a later sitting, with progress of an earlier one."""
    case = due(world)
    keep.keep(case["id"])
    hand_in(world, case)
    sit_again(world, case)
    make_due(case)
    keep.keep(case["id"])
    return end_without_saving(case)


def make_due(case: Case) -> None:
    """As if the time of its turn and of any claim had passed."""
    past = timezone.now() - timedelta(seconds=1)
    ProgressWatch.objects.filter(pk=case["id"]).update(due_at=past)
    ProgressWatch.objects.filter(pk=case["id"], claimed_until__isnull=False).update(
        claimed_until=past
    )


def begin(world: World, case: Case) -> None:
    schedule.dispatch_due()


def keep_it(world: World, case: Case) -> None:
    keep.keep(case["id"])


def is_watched(world: World, case: Case) -> bool:
    with nothing_dispatched():
        schedule.dispatch_due()
    return ProgressWatch.objects.filter(pk=case["id"]).count() == 1


def is_kept(world: World, case: Case) -> bool:
    """The next turn has the candidate's work, and each state is whole."""
    make_due(case)
    keep.keep(case["id"])
    states = ProgressState.objects.filter(interview_id=case["id"])
    state = states.last()
    if state is None or row(case["id"]).state is not Status.ACTIVE:
        return False
    manifest = read_manifest(state.key)
    name, content = WORK
    found = [file for path, file in manifest.files.items() if path.endswith(name.encode())]
    numbers = list(states.values_list("number", flat=True))
    watch = ProgressWatch.objects.get(pk=case["id"])
    return (
        [read_content(manifest.contents[file.sha256], file.sha256) for file in found] == [content]
        and numbers == list(range(1, len(numbers) + 1))
        and (watch.claim, watch.claimed_until) == ("", None)
    )


def is_restored(world: World, case: Case) -> bool:
    """It has the candidate's work again, and says so once."""
    interview = row(case["id"])
    said = [entry for entry in interview.timeline if entry.what == TimelineEvent.RESTORED]
    return is_kept(world, case) and len(said) == 1 and interview.restoring_state is None


def is_saved_from_progress(world: World, case: Case) -> bool:
    interview = row(case["id"])
    return interview.state is Status.COMPLETED and WORK[0] in saved_files(interview)


def is_saved_itself(world: World, case: Case) -> bool:
    interview = row(case["id"])
    name, content = NEWER_WORK
    return interview.state is Status.COMPLETED and saved_files(interview).get(name) == content


def is_gone_with_progress(world: World, case: Case) -> bool:
    return is_gone(world, case) and has_no_progress(case)


def is_over_without_progress(world: World, case: Case) -> bool:
    return row(case["id"]).state is Status.COMPLETED and has_no_progress(case)


def is_over_with_earlier_progress(world: World, case: Case) -> bool:
    """What stays is whole, and counted."""
    state = ProgressState.objects.filter(interview_id=case["id"]).last()
    if row(case["id"]).state is not Status.COMPLETED or state is None:
        return False
    read_manifest(state.key)
    folder = folder_of(case["id"])
    stored = sum(default_storage.size(f"{folder}/{n}") for n in default_storage.listdir(folder)[1])
    counted = ProgressWatch.objects.get(pk=case["id"]).stored_bytes
    return (state.number, state.sitting, counted) == (1, 1, stored)


def has_no_progress(case: Case) -> bool:
    folder = folder_of(case["id"])
    left = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    states = ProgressState.objects.filter(interview_id=case["id"])
    watches = ProgressWatch.objects.filter(pk=case["id"])
    return not (left or states.exists() or watches.exists())


SCENARIOS = [
    Scenario("begin progress", unseen, begin, is_watched),
    Scenario("ask for progress", due, begin, is_kept),
    Scenario("keep progress", due, keep_it, is_kept),
    Scenario("restore a lost workspace", lost, work, is_restored),
    Scenario("note a restored workspace", unnoted, look, is_restored),
    Scenario("end a lost workspace", lost_at_its_end, work, is_saved_from_progress),
    Scenario("end a restored workspace", unnoted_at_its_end, work, is_saved_itself),
    Scenario("end with progress", kept_without_saving, work, is_over_without_progress),
    Scenario("end with earlier progress", kept_before, work, is_over_with_earlier_progress),
    Scenario("delete with progress", kept_and_over, delete, is_gone_with_progress, True),
]
