"""Rows for workspaces that were there before their engine had a limit, or started without one."""

from django.utils import timezone

from interviews import queries
from interviews.attributes import LIVE, TAKE_HOME
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.admission.models import Admission, LimitedEngine, Priority
from operations.admission.needs import WITH_WORKSPACE

PRIORITIES = {LIVE: Priority.LIVE, TAKE_HOME: Priority.TAKE_HOME}


def row_of(interview: Interview) -> dict[str, object]:
    """The fields of a row that follow from the interview alone."""
    return {
        "engine": str(interview.provisioner),
        "interview_id": interview.id,
        "shown_at": interview.practice_of or interview.id,
        "type": interview.type,
        "length_seconds": int(interview.length.total_seconds()),
        "priority": PRIORITIES.get(interview.type, Priority.TRIAL),
    }


def make_ready(engine: str) -> None:
    """Before the first start under a limit, give the workspaces that are there their places."""
    if LimitedEngine.objects.filter(pk=engine, is_counted=True).exists():
        return
    LimitedEngine.objects.get_or_create(pk=engine)
    register_running(engine)
    LimitedEngine.objects.filter(pk=engine).update(is_counted=True)


def register_running(engine: str) -> None:
    """Give each workspace without a row its place, whatever the limit: it is there.

    They were started before there was a limit, or by a process that had none.
    """
    ids = [id_ for status in WITH_WORKSPACE for id_ in queries.ids_with_status(status)]
    known = set(Admission.objects.filter(engine=engine).values_list("interview_id", flat=True))
    for interview in queries.get_interviews(set(ids) - known).values():
        if interview.provisioner == engine and _has_workspace(interview):
            at = interview.activated_at or timezone.now()
            Admission.objects.get_or_create(
                workspace=interview.workspace_name,
                defaults=row_of(interview)
                | {
                    "operation_id": interview.operation_id or "",
                    "since": at,
                    "queued_at": at,
                    "admitted_at": at,
                    "ends_at": interview.auto_destroy_at,
                },
            )


def _has_workspace(interview: Interview) -> bool:
    """Whether it may have one. A start that was withdrawn in line never came to have one."""
    if interview.state is not Status.DESTROYING:
        return interview.state in WITH_WORKSPACE
    for moment in reversed(interview.timeline):
        if moment.status == Status.INITIALIZING:
            return True
        if moment.status == Status.ACTIVATED:
            return False
    return True
