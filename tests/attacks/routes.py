"""Every URL pattern of the platform, and URLs for them with ids that exist or that do not."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from dashboard.auth import api_tokens
from dashboard.permissions.roles import VIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults, table_from_json
from operations.bulk_import.models import BatchRow
from operations.checks.models import CheckRun, RunState, Subject
from operations.mail.models import Message
from operations.reviews.models import Review
from tests.attacks import expected_access
from tests.dashboard.webhooks import make_delivery, make_webhook
from tests.orphans import make_orphan

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Access:
    """A method and a URL pattern, and what a caller needs for it."""

    method: str
    pattern: str
    needs: str


def url_patterns() -> list[str]:
    """Every URL pattern, below /api/ one for all of its methods."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "/")))


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route


def expected() -> list[Access]:
    """The table of `expected_access.py`, line by line."""
    found = [
        *_lines(expected_access.OPEN, expected_access.ANYONE),
        *_lines(expected_access.WITH_PASSCODE, expected_access.PASSCODE),
    ]
    for permission, lines in expected_access.BY_PERMISSION.items():
        found += _lines(lines, permission)
    found += _lines(expected_access.ADMIN_PAGES, expected_access.VIEW)
    found += _lines(expected_access.FOR_NOBODY, expected_access.NOBODY)
    for model, (sees, adds, changes, deletes) in expected_access.ADMIN_MODELS.items():
        base, record = f"/admin/{model}/", f"/admin/{model}/<path:object_id>/"
        found += [
            *_both(base, sees),
            *_both(f"{base}add/", adds),
            *_both(record, expected_access.VIEW),
        ]
        found += [*_both(f"{record}history/", sees), *_both(f"{record}delete/", deletes)]
        found += [
            Access("GET", f"{record}change/", sees),
            Access("POST", f"{record}change/", changes),
        ]
    found += _both("/admin/auth/user/<id>/password/", expected_access.ADMINISTER)
    return found


def _lines(text: str, needs: str) -> list[Access]:
    pairs = [line.split() for line in text.strip().splitlines()]
    return [Access(method, pattern, needs) for method, pattern in pairs]


def _both(pattern: str, needs: str) -> list[Access]:
    return [Access(method, pattern, needs) for method in ("GET", "POST")]


def existing_ids(interview: Interview) -> dict[str, str]:
    """Values of every parameter that lead to something, so that a leak has something to leak."""
    webhook = make_webhook()
    rows = [{"name": interview.candidate_name, "challenge": interview.challenge}]
    batch = service.import_table("a.csv", table_from_json(rows), Defaults(), by="recruiter")
    return {
        "interview_id": interview.id,
        "operation_id": interview.operation_id or "",
        "passcode": interview.passcode or "",
        "challenge_id": interview.challenge,
        "number": "1",
        "batch_id": str(batch.pk),
        "webhook_id": str(webhook.pk),
        "orphan_id": str(make_orphan(name=interview.id).pk),
        "token_id": str(api_tokens.create(f"of {interview.id}", VIEWER, by="recruiter")[0].pk),
        "delivery_id": str(make_delivery(webhook).pk),
        "app_label": "operations",
        "url": "nothing",
        "name": "logo.png",
        "color": "2a4fc4",
        "user_id": str(User.objects.get_or_create(username="colleague", is_staff=True)[0].pk),
        "uidb64": "MQ",
        "token": "no-token",
        "key": "test-invitation",
        "language": "en",
        "review_id": str(_assigned_review(interview).pk),
        "reviewer": "colleague",
        "run_id": str(_trial(interview.challenge).pk),
    }


def _trial(challenge_id: str) -> CheckRun:
    """A trial of the challenge's checks that has ended."""
    return CheckRun.objects.create(
        subject=Subject.STARTING,
        challenge_id=challenge_id,
        version=1,
        state=RunState.FINISHED,
        queued_at=timezone.now(),
        due_at=timezone.now(),
        passed=0,
        total=1,
    )


def _assigned_review(interview: Interview) -> Review:
    """A review that was assigned and not written yet."""
    colleague, _ = User.objects.get_or_create(username="colleague", is_staff=True)
    return Review.objects.get_or_create(
        interview_id=interview.id,
        reviewer=colleague,
        defaults={"reviewer_name": "colleague", "is_assigned": True, "assigned_by": "recruiter"},
    )[0]


def admin_ids(interview: Interview, ids: dict[str, str]) -> dict[str, str]:
    """For each model of the admin, the id of a record."""
    AuditEntry.objects.create(actor="ada", what="ended", via="page")
    message = Message.objects.create(
        interview_id=interview.id, kind="invitation", to="ada@example.com", send_at=timezone.now()
    )
    return {
        "dashboard/apitoken": ids["token_id"],
        "dashboard/auditentry": str(AuditEntry.objects.latest("pk").pk),
        "dashboard/challengerecord": ids["challenge_id"],
        "dashboard/interviewrecord": interview.id,
        "dashboard/operationrecord": ids["operation_id"],
        "operations/message": str(message.pk),
        "operations/batch": ids["batch_id"],
        "operations/batchrow": str(BatchRow.objects.get(batch_id=ids["batch_id"]).pk),
        "operations/webhook": ids["webhook_id"],
        "operations/delivery": ids["delivery_id"],
        "auth/user": str(User.objects.create_user("somebody-else").pk),
        "auth/group": str(Group.objects.create(name="another").pk),
    }


def no_ids() -> dict[str, str]:
    """Values that lead to nothing: what a caller with the permission may ask for without harm."""
    ids = ("number", "batch_id", "webhook_id", "orphan_id", "token_id", "review_id")
    numbers = dict.fromkeys(ids, "987654")
    texts = dict.fromkeys(("interview_id", "operation_id", "challenge_id"), "there-is-none")
    rest = {"app_label": "operations", "url": "nothing", "name": "logo.png", "color": "none"}
    rest |= {"user_id": "987654", "uidb64": "MQ", "token": "no-token", "reviewer": "nobody"}
    rest |= {"key": "there-is-none", "language": "en"}
    return {
        **numbers,
        **texts,
        **rest,
        "passcode": "ZZZZZZZZ",
        "delivery_id": str(uuid4()),
        "run_id": str(uuid4()),
    }


def fill(pattern: str, ids: dict[str, str], of_admin: dict[str, str] | None = None) -> str:
    """The URL of a pattern.

    Raises:
        AssertionError: if a parameter has no value here.
    """
    if pattern == "/admin/(?P<url>.*)$":
        return "/admin/nothing"
    pattern = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)/?\$", r"<\1>/", pattern)
    model = "/".join(pattern.split("/")[2:4])
    known = {**ids, **({"object_id": of_admin.get(model, "1")} if of_admin else {})}
    known.setdefault("object_id", "987654")
    known["id"] = known["object_id"]
    for name, value in known.items():
        pattern = re.sub(rf"<(\w+:)?{name}>", value.replace("\\", r"\\"), pattern)
    assert "<" not in pattern, f"fill in the parameter of {pattern}"
    return pattern
