"""The candidate's JSON API: get a test by its passcode, and start it."""

from datetime import datetime
from typing import cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import AuthorizationError
from ninja.utils import check_csrf
from pydantic import Field

from candidate_portal.access import interview_for
from candidate_portal.page_state import page_state_of
from candidate_portal.practice_state import Phase, PracticeState
from interviews import queries
from interviews.challenges.policy import Policy, Stance
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.answers import Answer
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
from interviews.schemas.responses import ErrorOut, LineOut, NotSavedOut
from operations import actions, audit, rate_limit
from operations.audit import Channel, Origin

router = Router(by_alias=True, tags=["Candidates"])

# As in dashboard.permissions.roles, which this app must not import.
MANAGE = "dashboard.manage_interviews"
REFUSED = dict.fromkeys((400, 403, 404, 409, 413, 422, 429, 503), ErrorOut)


class CandidatePractice(Answer):
    """A practice workspace. It costs no time of the test, and nothing in it is kept. URL and
    password are null but while it is `ready`."""

    phase: Phase
    minutes: int = Field(description="How long one lasts")
    left: int = Field(description="How many more there can be after this one")
    may_start: bool = Field(description="One can be started, or a failed one be tried again")
    ends_at: datetime | None
    access_url: str | None
    password: str | None


class CandidatePolicy(Answer):
    """What is allowed in the test; null for what is not said. `id` names this content."""

    id: str
    ai_assistants: Stance | None
    internet: Stance | None
    libraries: Stance | None
    note: str


class CandidateCheckOut(Answer):
    """A check that the candidate may run, with the command for the workspace's terminal."""

    name: str
    command: str


class CandidateInterview(Answer):
    """What a candidate may know. URL and password are null but while the test is `active`."""

    id: str
    type: str
    status: str
    candidate_name: str
    challenge: str = Field(description="The challenge's id")
    challenge_name: str
    custom_instructions: str
    duration_minutes: int
    length_minutes: int = Field(description="The duration with what was given on top of it")
    valid_until: datetime | None
    activated_at: datetime | None
    ready_at: datetime | None
    auto_destroy_at: datetime | None = Field(description="The deadline, unless `pausedAt` is set")
    paused_at: datetime | None = Field(description="The clock stands still since then")
    completed_at: datetime | None
    end_reason: str | None
    archive_bytes: int | None = Field(description="The size of what was saved at the end")
    not_saved: list[NotSavedOut] = Field(
        description="What the archive does not have: the first 10 of `notSavedCount`"
    )
    not_saved_count: int
    may_retry: bool
    access_url: str | None
    password: str | None
    policy: CandidatePolicy | None = Field(
        description="What is allowed, which is confirmed with the start; null if nothing is said"
    )
    policy_confirmed_at: datetime | None
    checks: list[CandidateCheckOut] = Field(
        description="Those that the candidate may run, while the test is `active`"
    )
    practice: CandidatePractice | None = Field(
        description="The practice workspace before the start; null if none is offered now"
    )
    queue: LineOut | None = Field(
        description="While it is `activated` and all workspaces are in use; otherwise null"
    )
    server_time: datetime


class Activation(Schema):
    """Staff, signed in, may leave the passcode out."""

    model_config = CAMEL

    passcode: str | None = Field(None, max_length=100)
    confirmed_policy: str | None = Field(
        None,
        max_length=100,
        description="The `id` of the `policy`, if there is one: the candidate confirms it",
    )


class Candidate(Schema):
    passcode: str = Field("", max_length=100)


class Activated(Schema):
    model_config = CAMEL_ANSWER

    operation_id: str
    interview_id: str


@router.get(
    "/interviews/by-passcode/{passcode}",
    response={200: CandidateInterview, 404: ErrorOut, 429: ErrorOut, 503: ErrorOut},
)
def by_passcode(request: HttpRequest, response: HttpResponse, passcode: str) -> CandidateInterview:
    """The test of a passcode, as it stands now."""
    response["Cache-Control"] = "no-store, private"
    interview = interview_for(request, passcode)
    state = page_state_of(interview)
    return CandidateInterview(
        id=interview.id,
        type=interview.type,
        status=interview.status,
        candidate_name=interview.candidate_name,
        challenge=interview.challenge,
        challenge_name=state.challenge_name,
        custom_instructions=interview.custom_instructions,
        duration_minutes=int(interview.duration_minutes),
        length_minutes=state.duration_minutes,
        valid_until=interview.valid_until,
        activated_at=interview.activated_at,
        ready_at=interview.ready_at,
        auto_destroy_at=state.deadline,
        paused_at=interview.paused_at if state.is_paused else None,
        completed_at=interview.completed_at,
        end_reason=interview.end_reason,
        archive_bytes=state.saved_bytes,
        not_saved=[
            NotSavedOut.model_validate(each.attribute_values) for each in interview.not_saved or []
        ],
        not_saved_count=int(interview.not_saved_count or 0),
        may_retry=state.may_retry,
        access_url=state.access_url,
        password=state.password,
        policy=_policy_of(state.policy),
        policy_confirmed_at=interview.policy_confirmed_at,
        checks=[CandidateCheckOut(name=each.name, command=each.command) for each in state.checks],
        practice=_practice_of(state.practice),
        queue=LineOut.model_validate(state.position) if state.position else None,
        server_time=now(),
    )


def _policy_of(policy: Policy) -> CandidatePolicy | None:
    return None if policy.is_empty else CandidatePolicy(id=policy.id, **policy.stored())


def _practice_of(practice: PracticeState | None) -> CandidatePractice | None:
    if practice is None:
        return None
    return CandidatePractice(
        phase=practice.phase,
        minutes=practice.minutes,
        left=practice.left,
        may_start=practice.may_start,
        ends_at=practice.deadline,
        access_url=practice.access_url,
        password=practice.password,
    )


@router.post(
    "/interviews/{interview_id}/activate",
    response={202: Activated, **REFUSED},
)
def activate(
    request: HttpRequest,
    response: HttpResponse,
    interview_id: str,
    activation: Activation | None = None,
) -> Status[Activated]:
    """Start the test. Pressed again, it answers the same. If the test has a `policy`, a candidate
    confirms it with `confirmedPolicy`: without, it is refused (422)."""
    response["Cache-Control"] = "no-store, private"
    passcode = activation.passcode if activation else None
    if passcode is None and request.user.is_staff and request.user.has_perm(MANAGE):
        interview, origin = _for_staff(request, interview_id)
        with audit.acting_as(origin):
            operation_id = actions.activate(interview, by=origin.actor)
    else:
        interview = interview_for(request, passcode or "", interview_id=interview_id)
        confirmed = activation.confirmed_policy if activation else None
        operation_id = actions.activate(interview, by="candidate", confirmed_policy=confirmed)
    return Status(202, Activated(operation_id=operation_id, interview_id=interview.id))


@router.post("/interviews/{interview_id}/practice", response={202: None, **REFUSED})
def practice(
    request: HttpRequest,
    response: HttpResponse,
    interview_id: str,
    candidate: Candidate | None = None,
) -> Status[None]:
    """Start a practice workspace before the start, or try again if it failed. Pressed again, it
    answers the same. `GET /api/interviews/by-passcode/...` shows it as `practice`."""
    response["Cache-Control"] = "no-store, private"
    actions.start_practice(_for_candidate(request, interview_id, candidate))
    return Status(202, None)


@router.post("/interviews/{interview_id}/practice/end", response={202: None, **REFUSED})
def end_practice(
    request: HttpRequest,
    response: HttpResponse,
    interview_id: str,
    candidate: Candidate | None = None,
) -> Status[None]:
    """End the practice workspace. Nothing in it is kept."""
    response["Cache-Control"] = "no-store, private"
    actions.end_practice(_for_candidate(request, interview_id, candidate))
    return Status(202, None)


@router.post("/interviews/{interview_id}/leave-line", response={202: None, **REFUSED})
def leave_line(
    request: HttpRequest,
    response: HttpResponse,
    interview_id: str,
    candidate: Candidate | None = None,
) -> Status[None]:
    """Leave the line for a workspace. The test can be started again, and is the last in line then.
    Pressed again, it answers the same."""
    response["Cache-Control"] = "no-store, private"
    actions.leave_line(_for_candidate(request, interview_id, candidate), by="candidate")
    return Status(202, None)


def _for_candidate(
    request: HttpRequest, interview_id: str, candidate: Candidate | None
) -> Interview:
    """Return the interview of the passcode. A browser in which staff is signed in needs a CSRF
    token, as for every change."""
    if request.user.is_authenticated and check_csrf(request) is not None:
        raise AuthorizationError(403, _("The CSRF token is missing or wrong."))
    passcode = candidate.passcode if candidate else ""
    return interview_for(request, passcode, interview_id=interview_id)


def _for_staff(request: HttpRequest, interview_id: str) -> tuple[Interview, Origin]:
    """Return the interview and the origin; a session request needs a CSRF token."""
    if check_csrf(request) is not None:
        raise AuthorizationError(403, _("The CSRF token is missing or wrong."))
    interview = queries.get_interview(interview_id)
    if interview is None or interview.is_practice:
        raise Http404(_("Interview not found."))
    name = cast(User, request.user).get_username()
    address = rate_limit.client_network(request.META.get("REMOTE_ADDR") or "")
    return interview, Origin(name, Channel.API, address)
