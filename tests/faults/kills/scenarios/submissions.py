"""Indexes of submissions: a worker makes those that are missing, and a page that needs one asks."""

import pytest
from django.core.files.storage import default_storage

from operations import actions, tasks
from operations.archives.archive import archive_folder
from operations.submissions import service
from operations.submissions.keys import is_index
from operations.worker.runner import run_operation
from tests.faults.kills.invariants import require
from tests.faults.kills.scenarios.people import completed
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.world import STAFF, Case, World, nothing_dispatched, row

NEWER_WORK = ("newer.txt", b"hours more of it")


def sit_again(world: World, case: Case) -> None:
    """Staff opens the test again, and its candidate works on."""
    with nothing_dispatched():
        operation_id = actions.reopen(row(case["id"]), 30, by=STAFF)
    run_operation(operation_id)
    world.settle(case)
    world.write_work(row(case["id"]), NEWER_WORK)


def hand_in(world: World, case: Case) -> None:
    with nothing_dispatched():
        operation_id = actions.submit(row(case["id"]), by="candidate")
    run_operation(operation_id)
    world.settle(case)


def of_two_sittings(world: World) -> Case:
    """A test that was handed in twice, without an index."""
    case = completed(world)
    sit_again(world, case)
    hand_in(world, case)
    return without_index(case)


def without_index(case: Case) -> Case:
    interview = row(case["id"])
    for place in range(len(service.archive_keys(interview))):
        service.delete_index(interview, place)
    service._read_summary.cache_clear()
    return case


def one(world: World) -> Case:
    return without_index(completed(world))


def index(world: World, case: Case) -> None:
    tasks.index_submissions(case["id"])


def open_large(world: World, case: Case) -> None:
    """Open the page of a submission that takes longer than a request may: a worker is asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "REQUEST_BUDGET", 0)
        world.staff.get(f"/interviews/{case['id']}/submission/")


def are_read(world: World, case: Case) -> bool:
    """A reader sees each submission whole, and each has one index.

    One that nobody has made is made for whoever opens it.
    """
    interview = row(case["id"])
    keys = service.archive_keys(interview)
    for place in range(len(keys)):
        with service.open_submission(interview, place) as submission:
            names = {file.path.rpartition(b"/")[2] for file in submission.changed_files()}
            # The second one has what was written after the first, too.
            require(b"work.txt" in names, "lost", f"submission {place} has {names}")
            require((b"newer.txt" in names) is (place > 0), "lost", f"{place} has {names}")
    return has_indexes(world, case)


def has_indexes(world: World, case: Case) -> bool:
    interview = row(case["id"])
    stored = default_storage.listdir(archive_folder(interview.id))[1]
    indexes = sorted(filter(is_index, stored))
    keys = service.archive_keys(interview)
    require(len(indexes) <= len(keys), "doubled", f"{indexes} of {keys}")
    return len(indexes) == len(keys)


SCENARIOS = [
    Scenario("index two submissions", of_two_sittings, index, are_read),
    Scenario("open a large submission", one, open_large, has_indexes, True),
]
