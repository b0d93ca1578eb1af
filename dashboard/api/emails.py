"""/api/interviews/<id>/messages: the emails about it, and sending the candidate's again."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.api.schemas.responses import REFUSED, REFUSED_CHANGE
from dashboard.permissions.decorators import username
from dashboard.permissions.reviewing import is_name_hidden
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from interviews.schemas.fields import CAMEL, CAMEL_ANSWER
from operations.mail import outbox, resend
from operations.mail.models import Message, MessageKind

router = Router(by_alias=True, tags=["Emails"])


class Wanted(Schema):
    """Defaults to the candidate's address. Another address replaces it."""

    model_config = ConfigDict(
        strict=True,
        **CAMEL,
        json_schema_extra={"examples": [{"candidateEmail": "ada@example.com"}]},
    )

    candidate_email: Annotated[str, Field(max_length=1000)] | None = None


class MessageOut(Schema):
    """An email. Its text isn't stored, as its link opens the test."""

    model_config = CAMEL_ANSWER

    id: int
    interview_id: str
    kind: str = Field(
        description='"invitation", "scheduled" (a live interview), "reminder", "changed", '
        '"cancelled" (to an interviewer also: they no longer hold it), '
        '"ready" (the workspace, after a long wait), '
        '"submitted" (a confirmation), "problem" (the candidate reported one)'
    )
    recipient: str = Field(description='"candidate", "interviewer" or "inviter"')
    to: str
    subject: str
    state: str = Field(description='"planned", "queued", "sent", "failed", "skipped"')
    send_at: datetime = Field(description="The next attempt, if it isn't sent yet")
    sent_at: datetime | None
    attempts: int
    error: str
    created_by: str
    created_at: datetime

    @staticmethod
    def resolve_recipient(message: Message) -> str:
        if message.kind == MessageKind.PROBLEM:
            return "inviter"
        return "interviewer" if message.interviewer else "candidate"


class MessageList(Schema):
    items: list[MessageOut]
    next: str | None


@router.get("/interviews/{interview_id}/messages", response={200: MessageList, **REFUSED})
@needs(Permission.VIEW)
def messages(request: HttpRequest, interview_id: str) -> dict[str, object]:
    """The emails to the candidate and the interviewers, newest first."""
    interview = interview_or_404(interview_id)
    # An address would tell a name that is hidden.
    sent = [] if is_name_hidden(request, interview) else outbox.messages_of(interview.id)
    return {"items": sent, "next": None}


@router.post("/interviews/{interview_id}/messages", response={202: MessageOut, **REFUSED_CHANGE})
@needs(Permission.INVITE)
def send(
    request: HttpRequest, interview_id: str, body: Wanted | None = None
) -> Status[Message] | Status[Any]:
    """Email the link to the candidate, again or for the first time."""
    to = body.candidate_email if body is not None else None
    message = resend.resend_invitation(interview_or_404(interview_id), by=username(request), to=to)
    return Status(202, message)
