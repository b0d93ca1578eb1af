"""The audit trail in the staff API, with the filters of its page."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from dashboard.api.auth import needs
from dashboard.audit.filters import AuditPage, AuditQuery
from dashboard.permissions.roles import Permission
from interviews.schemas.fields import CAMEL_ANSWER
from interviews.schemas.responses import ErrorOut

router = Router(by_alias=True, tags=["Audit"])

REFUSED = dict.fromkeys((401, 403, 422, 503), ErrorOut)


class AuditEntryOut(Schema):
    """Who did what, when and from where. `interviewId` or `target` name the object, if any."""

    model_config = CAMEL_ANSWER

    at: datetime
    actor: str
    what: str = Field(description="For example extended, saw_credentials, signed_in")
    interview_id: str
    target: str
    detail: str
    address: str
    via: str = Field(description="page, api, admin or command")


class AuditPageOut(Schema):
    model_config = ConfigDict(from_attributes=True)

    items: list[AuditEntryOut]
    next: str | None


@router.get("/audit", response={200: AuditPageOut, **REFUSED})
@needs(Permission.SEE_AUDIT)
def audit_trail(
    request: HttpRequest, query: Query[AuditQuery], cursor: str | None = None
) -> AuditPage:
    """Newest first, 50 at a time."""
    return query.page(cursor)
