"""A case: what an action is done to, how each channel does it, and the entry it writes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews.lifecycle import EndReason
from interviews.local_time import utc_to_local
from interviews.models import Interview
from operations import actions
from operations.audit import AuditAction, Channel
from operations.audit.models import AuditEntry
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults
from operations.bulk_import.models import Batch

PAGE, API, ADMIN = Channel.PAGE, Channel.API, Channel.ADMIN
CSV = "candidate_name,challenge\nAda,word-count\n"


@dataclass(frozen=True)
class Entry:
    """What an entry says besides who wrote it and from where."""

    action: AuditAction
    interview_id: str = ""
    target: str = ""
    detail: str = ""


def boss() -> User:
    return User.objects.get(username="boss")


def import_csv() -> Batch:
    return service.import_file("candidates.csv", CSV.encode(), Defaults(), by="admin")


def readme() -> SimpleUploadedFile:
    return SimpleUploadedFile("README.md", b"# Another\n")


def page(path: str, **form: Any) -> Callable[[Client, Any], Any]:
    """A form of a page; the path may name attributes of what is acted upon."""
    return lambda client, it: client.post(path.format(it=it), form)


def api(path: str, body: Any = None, method: str = "POST") -> Callable[[Client, Any], Any]:
    def call(client: Client, it: Any) -> Any:
        text = "" if body is None else json.dumps(body)
        return client.generic(method, path.format(it=it), text, "application/json")

    return call


def admin(model: str, verb: str, key: str = "id", **form: Any) -> Callable[[Client, Any], Any]:
    """An action of the admin's list, with its question answered."""

    def call(client: Client, it: Any) -> Any:
        data = {"action": verb, "_selected_action": [getattr(it, key)], "post": "yes"}
        return client.post(f"/admin/dashboard/{model}/", {**data, **form})

    return call


def on_interview(verb: str, body: Any = None, **form: Any) -> dict[Channel, Any]:
    return {
        PAGE: page(f"/interviews/{{it.id}}/{verb}/", **form),
        API: api(f"/api/interviews/{{it.id}}/{verb}", body),
        ADMIN: admin("interviewrecord", verb, **form),
    }


def on_webhook(page_verb: str, api_verb: str) -> dict[Channel, Any]:
    return {
        PAGE: page(f"/webhooks/{{it.pk}}/{page_verb}/"),
        API: api(f"/api/webhooks/{{it.pk}}/{api_verb}"),
    }


def with_files(path: str, **form: Any) -> Callable[[Client, Any], Any]:
    return lambda client, it: client.post(path.format(it=it), {**form, "files": readme()})


@dataclass(frozen=True)
class Case:
    """An action of staff: what it is done to, how each channel does it, and how code does it."""

    action: AuditAction
    subject: str | None
    channels: dict[Channel, Callable[[Client, Any], Any]]
    function: Any
    call: Callable[[Any], Any]
    entry: Callable[[Any], Entry]


def of_interview(action: AuditAction, detail: str = "") -> Callable[[Any], Entry]:
    return lambda it: Entry(action, it.id, detail=detail)


def of_target(action: AuditAction, target: str, detail: str = "") -> Callable[[Any], Entry]:
    return lambda it: Entry(action, target=target, detail=detail)


def newest(action: AuditAction, target: str = "") -> Callable[[Any], Entry]:
    """The interview is created by the action itself."""
    return lambda it: Entry(action, AuditEntry.objects.latest("pk").interview_id, target)


def end_interview(it: Interview, **more: Any) -> Any:
    return actions.end(it, by="ada", reason=EndReason.ENDED_BY_STAFF, **more)


def seen(it: Interview) -> dict[str, datetime]:
    """What the page says of `replanned`: an hour later is what was said."""
    at = it.created_at + timedelta(days=1)
    return {"planned": at, "reading": at + timedelta(hours=1)}


def of_zone_change(action: AuditAction, choice: str, function: Any) -> Case:
    def click(client: Client, it: Any) -> Any:
        form = {name: int(at.timestamp()) for name, at in seen(it).items()}
        return client.post(f"/interviews/{it.id}/zone/", form | {"choice": choice})

    def entry(it: Any) -> Entry:
        kept, moved = seen(it).values()
        if action is A.TIME_KEPT:
            detail = f"{utc_to_local(kept, 'UTC')} UTC, {kept:%H:%M} UTC"
        else:
            detail = f"{utc_to_local(moved, 'UTC').replace('T', ' ')} UTC, 60 minutes"
        return Entry(action, it.id, detail=detail)

    return Case(
        action,
        "replanned",
        {PAGE: click},
        function,
        lambda it: function(it, **seen(it), by="ada"),
        entry,
    )


A = AuditAction
