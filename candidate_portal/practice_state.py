"""What the candidate's page shows of the practice workspace before the start."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from operations import practice, workspace_sign_in


class Phase(StrEnum):
    """How far the newest practice workspace is. OFFERED: there was none yet."""

    OFFERED = "offered"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    CLOSING = "closing"
    OVER = "over"


PHASES = {
    **dict.fromkeys(PROVISIONING | {Status.SCHEDULED}, Phase.PREPARING),
    Status.ACTIVE: Phase.READY,
    Status.ERROR: Phase.FAILED,
    Status.DESTROYING: Phase.CLOSING,
    **dict.fromkeys(FINAL, Phase.OVER),
}


@dataclass(frozen=True)
class PracticeState:
    """URL and password are set only while the phase is READY."""

    phase: Phase
    minutes: int
    # How many more there can be after this one.
    left: int
    may_retry: bool
    # The candidate had it in its browser, or could have.
    was_ready: bool
    deadline: datetime | None
    access_url: str | None
    password: str | None
    signs_in: bool
    plain_url: str

    @property
    def may_start(self) -> bool:
        if self.phase is Phase.FAILED:
            return self.may_retry
        return self.phase in (Phase.OFFERED, Phase.OVER) and self.left > 0

    @property
    def is_open(self) -> bool:
        """True while it may have a workspace."""
        return self.phase in (Phase.PREPARING, Phase.READY)

    @property
    def deadline_ms(self) -> int | None:
        return int(self.deadline.timestamp() * 1000) if self.deadline else None


def practice_state_of(interview: Interview) -> PracticeState | None:
    """Return the state of the newest practice workspace; None if none is offered.

    Reads its row only before the start.
    """
    if not practice.is_offered(interview):
        return None
    rows = practice.practices_of(interview.id)
    newest = rows[-1] if rows else None
    phase = PHASES[newest.state] if newest is not None else Phase.OFFERED
    ready = newest if phase is Phase.READY else None
    link = ready.workspace_link if ready is not None else None
    return PracticeState(
        phase=phase,
        minutes=settings.PRACTICE_MINUTES,
        left=practice.MAX_PRACTICES - len(rows),
        may_retry=newest is not None and practice.may_retry(newest),
        was_ready=newest is not None and newest.ready_at is not None,
        deadline=ready.auto_destroy_at if ready is not None else None,
        access_url=link,
        password=ready.password if ready is not None else None,
        signs_in=ready is not None and workspace_sign_in.signs_in_by_itself(ready),
        plain_url=workspace_sign_in.plain_address(link) if link else "",
    )
