"""Compare the rows of admission with the interviews, periodically.

It gives back what a worker that died could not, has the workspaces removed that failed starts left,
counts workspaces that have no row, tells pages whose estimated wait changed by now, and follows the
settings when a limit is set or removed.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from interviews import queries
from interviews.dynamodb import now
from interviews.models import Interview
from operations.admission import announcements, leftovers, line, needs, registration
from operations.admission.limits import limits
from operations.admission.models import Admission, LimitedEngine
from operations.lifecycle import OperationType
from operations.queue import dispatch


def sweep() -> None:
    """Bring the rows up to date. Sweeps may overlap and repeat."""
    _end_without_limit()
    for engine in limits():
        registration.make_ready(engine)
        # Rows of earlier sittings go first: with one, an interview passes for counted.
        _compare(engine)
        registration.register_running(engine)
        line.admit(engine)
        announcements.renew_estimates(engine)


def _end_without_limit() -> None:
    """Remove the rows of engines that have no limit any more: who waits there may start."""
    rows = list(Admission.objects.exclude(engine__in=limits()))
    engines = LimitedEngine.objects.exclude(pk__in=limits())
    if not rows and not engines.exists():
        # As ever where no engine has a limit: a deletion would take the database's lock.
        return
    Admission.objects.filter(pk__in=[row.pk for row in rows]).delete()
    engines.delete()
    for row in rows:
        if row.admitted_at is None:
            dispatch.enqueue_operation(row.operation_id, OperationType.CREATE)


def _compare(engine: str) -> None:
    rows = list(Admission.objects.filter(engine=engine))
    interviews = queries.get_interviews({row.interview_id for row in rows})
    removed = [
        row.workspace
        for row in rows
        if not needs.is_needed(row, interviews.get(row.interview_id)) and line.remove(row)
    ]
    for row in rows:
        interview = interviews.get(row.interview_id)
        if interview is not None and row.workspace not in removed:
            leftovers.remove_left(row, interview)
            _update_end(row, interview)
    if removed:
        announcements.announce(engine)


def _update_end(row: Admission, interview: Interview) -> None:
    ends_at = _end_of(interview) if row.admitted_at is not None else None
    if ends_at != row.ends_at:
        same = Q(pk=row.pk, operation_id=row.operation_id)
        Admission.objects.filter(same).update(ends_at=ends_at)


def _end_of(interview: Interview) -> datetime | None:
    """While its clock is paused, its end comes no nearer."""
    if interview.paused_left is not None:
        return now() + timedelta(seconds=int(interview.paused_left))
    ends_at: datetime | None = interview.auto_destroy_at
    return ends_at
