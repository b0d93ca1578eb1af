"""What holds for every interview once all processes have done their work, whoever was killed."""

import hashlib
from datetime import timedelta
from itertools import pairwise

from django.core.files.storage import default_storage

from interviews import queries
from interviews.lifecycle import FINAL, TRANSITIONS, Status
from interviews.models import Interview
from operations import models
from operations.webhooks.models import Delivery
from tests.faults.kills.world import WORK, Case, World, saved_files

# Times in rows are whole seconds.
ROUNDING = timedelta(seconds=2)


def check(world: World, case: Case) -> None:
    """Assert that nothing of the case is lost, doubled or left over."""
    interview = queries.get_interview(case["id"])
    if interview is None:
        assert not _own_workspaces(world, case["id"]), "a workspace of no interview runs"
        return
    _check_path(interview)
    if "orphan" not in case:
        _check_workspaces(world, interview)
        _check_files(interview)
    _check_operations(interview)
    _check_time(interview)
    _check_answers(world, interview)
    _check_deliveries(interview, case)


def _check_path(interview: Interview) -> None:
    """Each status may follow the one before."""
    path = [Status(entry.status) for entry in interview.timeline]
    for old, new in pairwise(path):
        assert old == new or new in TRANSITIONS[old], f"illegal: {path}"
    assert path[-1] is interview.state, f"{interview.state} is not in the timeline"


def _check_workspaces(world: World, interview: Interview) -> None:
    """Exactly one if it is active, and none otherwise."""
    expected = {interview.workspace_name} if interview.state is Status.ACTIVE else set()
    found = _own_workspaces(world, interview.id)
    assert found == expected, f"{interview.state}, and these run: {found or 'none'}"


def _own_workspaces(world: World, interview_id: str) -> set[str]:
    return {name for name in world.workspaces() if name.startswith(interview_id)}


def _check_operations(interview: Interview) -> None:
    """No work is left, and nobody holds a lease."""
    for operation in models.list_operations(interview.id):
        is_own = operation.id == interview.operation_id
        assert not (is_own and operation.is_unfinished), f"unfinished: {operation!r}"
        assert not operation.is_leased, f"still leased: {operation!r}"


def _check_time(interview: Interview) -> None:
    """The candidate has the whole time, from the moment at which the workspace answered."""
    if interview.state is not Status.ACTIVE:
        return
    assert interview.paused_at is None, "its clock stands still"
    given = interview.auto_destroy_at - interview.ready_at
    assert given >= interview.length - ROUNDING, f"{given} of {interview.length}"
    assert given <= interview.length + timedelta(minutes=10), f"{given} of {interview.length}"


def _check_files(interview: Interview) -> None:
    """The saved files are those of the candidate, in one archive that the row names."""
    key = interview.history_s3_key
    is_being_deleted = key is None and len(interview.earlier_archives) > 0
    is_saved = interview.ready_at is not None and interview.save_files and not is_being_deleted
    if interview.state is Status.COMPLETED and is_saved:
        assert key is not None, "the files were not saved"
        name, content = WORK
        assert saved_files(interview).get(name) == content, "the candidate's file is lost"
        with default_storage.open(key, "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == interview.archive_sha256
    known = {key, *(each.key for each in interview.earlier_archives)} - {None}
    folder = f"archives/{interview.id}"
    stored = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    left = {f"{folder}/{name}" for name in stored} - known
    assert interview.state not in FINAL or not left, f"copies are left: {left}"


def _check_answers(world: World, interview: Interview) -> None:
    """Both sides are told the same status, and a way in only while there is one."""
    told = world.staff.get(f"/api/interviews/{interview.id}").json()
    assert told["status"] == interview.status, f"staff is told {told}"
    if interview.passcode is None or not interview.is_take_home:
        return
    told = world.candidate.get(f"/api/interviews/by-passcode/{interview.passcode}").json()
    assert told["status"] == interview.status, f"the candidate is told {told}"
    is_active = interview.state is Status.ACTIVE
    assert (told["accessUrl"] is not None) is is_active, "a way in that is none"
    assert (told["password"] is not None) is is_active


def _check_deliveries(interview: Interview, case: Case) -> None:
    """One webhook delivery for each change of status."""
    if "webhook" not in case:
        return
    path = [entry.status for entry in interview.timeline]
    changes = [number for number, status in enumerate(path) if [status] != path[:number][-1:]]
    moments = Delivery.objects.filter(interview_id=interview.id, webhook_id=case["webhook"])
    assert list(moments.order_by("moment").values_list("moment", flat=True)) == changes
