"""What holds for every interview once all processes have done their work, whoever was killed."""

import hashlib
from datetime import timedelta
from itertools import pairwise

from django.core.files.storage import default_storage

from interviews import queries
from interviews.lifecycle import FINAL, TRANSITIONS, Status
from interviews.models import Interview
from operations import models
from operations.submissions.keys import index_key
from operations.webhooks.models import STATUS_CHANGED, Delivery
from tests.faults.kills.world import WORK, Case, World, saved_files


class BrokenError(AssertionError):
    """A promise is broken: something is lost, done twice, or left over."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def require(condition: object, kind: str, sentence: str) -> None:
    if not condition:
        raise BrokenError(kind, sentence)


# Times in rows are whole seconds.
ROUNDING = timedelta(seconds=2)
# What a workspace that was away gives back is at most this here.
LONGEST_OUTAGE = timedelta(minutes=10)


def check(world: World, case: Case) -> None:
    """Check that nothing of the case is lost, doubled or left over.

    Raises:
        BrokenError: if it is not so.
    """
    interview = queries.get_interview(case["id"])
    if interview is None:
        require(not _own_workspaces(world, case["id"]), "leaked", "a workspace of no interview")
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
        require(old == new or new in TRANSITIONS[old], "doubled", f"an illegal path: {path}")
    require(path[-1] is interview.state, "lost", f"{interview.state} is not in {path}")


def _check_workspaces(world: World, interview: Interview) -> None:
    """Exactly one if it is active, and none otherwise."""
    expected = {interview.workspace_name} if interview.state is Status.ACTIVE else set()
    found = _own_workspaces(world, interview.id)
    require(found >= expected, "lost", "it is active, and no workspace is there")
    require(found <= expected, "leaked", f"{interview.state}, and {found - expected} is there")


def _own_workspaces(world: World, interview_id: str) -> set[str]:
    return {name for name in world.workspaces() if name.startswith(interview_id)}


def _check_operations(interview: Interview) -> None:
    """No work is left, and nobody holds a lease."""
    for operation in models.list_operations(interview.id):
        is_open = operation.id == interview.operation_id and operation.is_unfinished
        require(not is_open, "lost", f"unfinished: {operation!r}")
        require(not operation.is_leased, "leaked", f"still leased: {operation!r}")


def _check_time(interview: Interview) -> None:
    """The candidate has the whole time, from the moment at which the workspace answered."""
    if interview.state is not Status.ACTIVE:
        return
    given = interview.auto_destroy_at - interview.ready_at
    length = interview.length
    require(interview.paused_at is None, "lost", "its clock stands still")
    require(given >= length - ROUNDING, "lost", f"{given} of {length}")
    require(given <= length + LONGEST_OUTAGE, "doubled", f"{given} of {length}")


def _check_files(interview: Interview) -> None:
    """The saved files are those of the candidate, in one archive that the row names."""
    key = interview.history_s3_key
    is_being_deleted = key is None and len(interview.earlier_archives) > 0
    is_saved = interview.ready_at is not None and interview.save_files and not is_being_deleted
    if interview.state is Status.COMPLETED and is_saved:
        require(key is not None, "lost", "the files were not saved")
        name, content = WORK
        require(saved_files(interview).get(name) == content, "lost", "the candidate's file")
        with default_storage.open(str(key), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        require(digest == interview.archive_sha256, "lost", "the archive has another checksum")
    known = {key, *(each.key for each in interview.earlier_archives)} - {None}
    folder = f"archives/{interview.id}"
    known |= {index_key(folder, each) for each in known}
    stored = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    left = {f"{folder}/{name}" for name in stored} - known
    require(interview.state not in FINAL or not left, "leaked", f"copies of archives: {left}")


def _check_answers(world: World, interview: Interview) -> None:
    """Both sides are told the same status, and a way in only while there is one."""
    if interview.is_practice:
        answer = world.staff.get(f"/api/interviews/{interview.id}")
        require(answer.status_code == 404, "leaked", "staff sees a practice workspace")
        return
    told = world.staff.get(f"/api/interviews/{interview.id}").json()
    require(told["status"] == interview.status, "lost", f"staff is told {told}")
    if interview.passcode is None or not interview.is_take_home:
        return
    told = world.candidate.get(f"/api/interviews/by-passcode/{interview.passcode}").json()
    require(told["status"] == interview.status, "lost", f"the candidate is told {told}")
    is_active = interview.state is Status.ACTIVE
    has_way_in = told["accessUrl"] is not None and told["password"] is not None
    require(has_way_in is is_active, "lost", f"it is {interview.status}; a way in: {has_way_in}")


def _check_deliveries(interview: Interview, case: Case) -> None:
    """One webhook delivery for each change of status."""
    if "webhook" not in case:
        return
    path = [entry.status for entry in interview.timeline]
    changes = [number for number, status in enumerate(path) if [status] != path[:number][-1:]]
    moments = Delivery.objects.filter(
        interview_id=interview.id, webhook_id=case["webhook"], event=STATUS_CHANGED
    )
    found = list(moments.order_by("moment").values_list("moment", flat=True))
    require(set(found) >= set(changes), "lost", f"changes {changes}, deliveries {found}")
    require(found == changes, "doubled", f"changes {changes}, deliveries {found}")
