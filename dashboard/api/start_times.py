"""GET /api/start-times: the figures of the page of start times."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED
from dashboard.permissions.roles import Permission
from dashboard.presenters.engines.paused_starts import paused_starts
from interviews.schemas.fields import CAMEL_ANSWER
from operations import provisioners
from operations.start_times import statistics
from operations.worker.breaker import SubjectKind

# Older measurements are deleted.
MAX_WEEKS = 12

router = Router(by_alias=True)


class StepTime(Schema):
    """A step of a start; "total" is the sum."""

    model_config = CAMEL_ANSWER

    step: str
    p50_seconds: Annotated[float, Field(description="Median")]
    p95_seconds: Annotated[float, Field(description="95th percentile")]
    count: int


class PausedStarts(Schema):
    """Starts that are paused because the last ones failed. One is tried from time to time."""

    model_config = CAMEL_ANSWER

    kind: Annotated[SubjectKind, Field(description="What the paused starts share")]
    name: Annotated[str, Field(description="The engine with its image, or the challenge's version")]
    failures: int
    failed_at: Annotated[datetime, Field(description="The time of the last failure")]
    problem: Annotated[str, Field(description="The last error")]


class StartTimes(Schema):
    model_config = CAMEL_ANSWER

    provisioner: str
    dry_runs: bool
    weeks: int
    is_cut: Annotated[
        bool, Field(description="Whether there were more starts than were counted, the newest")
    ]
    steps: Annotated[list[StepTime], Field(description="In order; empty if nothing started")]
    paused: Annotated[list[PausedStarts], Field(description="On every engine")]


@router.get(
    "/start-times",
    response={200: StartTimes, **REFUSED},
    tags=["Operations"],
)
@needs(Permission.VIEW)
def start_times(
    request: HttpRequest,
    weeks: Annotated[int, Query(ge=1, le=MAX_WEEKS)] = 4,
    provisioner: str | None = None,
    dry_runs: Annotated[bool, Query(alias="dryRuns")] = False,
) -> StartTimes:
    """How long successful starts took by step, on one engine. Defaults to the current one."""
    name = provisioner or settings.PROVISIONER
    if name not in provisioners.FACTORIES:
        raise Http404(_("Engine not found."))
    summary = statistics.summarize_start_times(name, weeks=weeks, dry_runs=dry_runs)
    return StartTimes(
        provisioner=name,
        dry_runs=dry_runs,
        weeks=weeks,
        is_cut=summary.cut_at is not None,
        steps=[
            StepTime(step=step, p50_seconds=each.p50, p95_seconds=each.p95, count=each.count)
            for step, each in summary.steps.items()
        ],
        paused=[
            PausedStarts(
                kind=each.kind,
                name=each.name,
                failures=each.failures,
                failed_at=each.failed_at,
                problem=each.problem,
            )
            for each in paused_starts()
        ],
    )
