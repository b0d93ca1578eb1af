"""What one row of the Take-Home Tests table shows, and which of its buttons make sense."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from interviews import challenges
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview

STEPS = {
    Status.ACTIVATED: "Waiting for a worker",
    Status.INITIALIZING: "Provisioning the workspace",
    Status.CONFIGURING: "Waiting for it to answer",
}
OUTCOMES = {
    EndReason.TIME_UP: "The time was up",
    EndReason.SUBMITTED: "Submitted by the candidate",
    EndReason.ENDED_BY_STAFF: "Ended by staff",
    EndReason.NEVER_READY: "The workspace never became ready",
}


@dataclass(frozen=True)
class Row:
    """One take-home test for the eyes of staff."""

    interview: Interview
    challenge_name: str
    link: str

    @property
    def state(self) -> Status:
        return self.interview.state

    @property
    def step(self) -> str | None:
        """What is being done while the candidate waits for the workspace."""
        return STEPS.get(self.state)

    @property
    def needs_staff(self) -> bool:
        """Nothing gets better here unless somebody looks."""
        return self.state is Status.ERROR or (
            self.state is Status.DESTROYING and bool(self.interview.problem)
        )

    @property
    def group(self) -> str:
        """The chip above the table that it is counted under."""
        if self.needs_staff:
            return "attention"
        if self.state is Status.AVAILABLE:
            return "waiting"
        return "running" if self.state not in FINAL else "ended"

    @property
    def outcome(self) -> str:
        """How it ended, where the badge does not say it."""
        if self.interview.end_reason in set(EndReason):
            return OUTCOMES.get(EndReason(str(self.interview.end_reason)), "")
        return "Never started" if self.state is Status.EXPIRED else ""

    @property
    def can_end(self) -> bool:
        return self.state is Status.ACTIVE

    @property
    def can_retry(self) -> bool:
        return self.state is Status.ERROR

    @property
    def can_give_up_files(self) -> bool:
        """Saving fails again and again: staff may decide to end without."""
        return (
            self.state is Status.DESTROYING
            and self.interview.failed_step == "save"
            and bool(self.interview.save_files)
        )

    @property
    def can_revoke(self) -> bool:
        """What is ending already has nothing left to revoke."""
        return self.state not in FINAL and self.state is not Status.DESTROYING

    @property
    def is_running(self) -> bool:
        return self.state is Status.ACTIVE


def rows(
    request: HttpRequest, interviews: list[Interview], offered: Iterable[challenges.Challenge] = ()
) -> list[Row]:
    """`offered` spares a look at each challenge that is among them."""
    names = {challenge.id: challenge.name for challenge in offered}
    for challenge_id in {interview.challenge for interview in interviews} - names.keys():
        found = challenges.get(challenge_id)
        names[challenge_id] = found.name if found is not None else challenge_id
    return [
        Row(interview, names[interview.challenge], link_of(request, interview))
        for interview in interviews
    ]


def link_of(request: HttpRequest, interview: Interview) -> str:
    """The address that the candidate is sent."""
    return request.build_absolute_uri(reverse("candidate_portal:page", args=[interview.passcode]))
