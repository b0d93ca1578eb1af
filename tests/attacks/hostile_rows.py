"""Rows with a script in every field that a person or a program in a workspace can write.

They are written past every validation: a template escapes what it shows, whoever checked it before.
"""

import json
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from dashboard.models import ApiToken
from dashboard.permissions.roles import VIEWER
from interviews.challenges import versions
from interviews.derived_keys import list_key_of
from interviews.indexes import TimelineEntry
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.search.index import index_interview
from operations import operation_log
from operations.audit.models import AuditEntry
from operations.bulk_import.models import Batch, BatchRow
from operations.checks.models import CheckRun, RunState, Subject
from operations.mail.models import Message
from operations.models import get_operation
from operations.reaper.models import EngineLook, Orphan
from operations.webhooks.models import Delivery, Webhook

planted: set[str] = set()

CHALLENGE = "hostile"


def script(field: str) -> str:
    """Ends an attribute and a tag, and runs. `field` says where it came through."""
    planted.add(field)
    return f"{field}\"'><img src=pwned data-pwned={field} onerror=pwned('{field}')>"


# A path of a challenge's file has no slash in a name.
FILE = "<img src=pwned data-pwned=file onerror=pwned('file')>.py"
README = f"""# {script("readme")}

{script("text")}
<script>pwned("readme-script")</script>
<div data-pwned=readme-html onclick=pwned("readme-html") hx-on:load=pwned("readme-html")>html</div>

[link](javascript:pwned("readme-link")) [data](data:text/html,<script>pwned(1)</script>)
[upper](JaVaScRiPt:pwned(1)) [entity](&#106;avascript:pwned(1)) [tab](java&#9;script:pwned(1))
<javascript:pwned(1)> ![image](javascript:pwned("readme-image")) ![x" onerror=pwned(1) y="](x)
[title](https://example.com 'x" onmouseover=pwned(1) data-pwned=title y="') [ref][r]
[file](README.md"onmouseover=pwned(1)) `{script("code")}`

[r]: vbscript:pwned(1)

```"><img/src=pwned/data-pwned=fence/onerror=pwned(1)>
{script("fence")}
```

| {script("cell")} |
|---|
| x |
"""


def put_hostile_challenge() -> None:
    versions.put_challenge(
        CHALLENGE,
        name=script("challenge-name"),
        description=script("challenge-description"),
        language=script("language"),
        duration_minutes=60,
        files={"README.md": README.encode(), FILE: script("file-content").encode()},
        by=script("challenge-by"),
    )


def make_hostile(interview: Interview, status: Status, **attributes: Any) -> Interview:
    """Overwrite what a person, an engine or an earlier portal may have written."""
    by = script("timeline-by")
    values = {
        "status": status.value,
        "list_key": list_key_of(interview.type, status),
        "candidate_name": script("candidate-name"),
        "candidate_email": script("candidate-email"),
        "challenge": CHALLENGE,
        "challenge_version": 1,
        "custom_instructions": script("instructions"),
        "created_by": script("invited-by"),
        "password": script("workspace-password"),
        "access_url": f"http://127.0.0.1:9/{script('access-url')}",
        "problem": script("problem"),
        "feedback_text": script("feedback"),
        "feedback_at": timezone.now(),
        "provisioner": script("engine"),
        "timeline": [TimelineEntry(status=status.value, at=timezone.now(), by=by)],
        **attributes,
    }
    for name, value in values.items():
        setattr(interview, name, value)
    index_interview(interview, script("challenge-name"))
    interview.save()
    if operation := get_operation(interview.operation_id or ""):
        operation.error = script("operation-error")
        operation.requested_by = script("operation-by")
        operation.save()
        operation_log.add_line(operation, script("log-line"), level="error")
    return interview


def make_hostile_records(interview: Interview) -> dict[str, str]:
    """Rows of the database; returns the ids that URLs name."""
    webhook = Webhook.objects.create(
        name=script("webhook-name"),
        url=f"https://hooks.example.com/{script('webhook-url')}",
        secret="whsec_c2VjcmV0",
        types=["take-home"],
        created_by=script("webhook-by"),
        disabled_because=script("webhook-disabled"),
    )
    delivery = Delivery.objects.create(
        webhook=webhook,
        event=script("event"),
        interview_id=interview.id,
        moment=0,
        body=json.dumps(
            {"interview": {"status": "completed", "candidateName": script("body-name")}}
        ),
        error=script("delivery-error"),
        state="given_up",
    )
    batch = Batch.objects.create(
        file_name=script("batch-file"),
        created_by=script("batch-by"),
        notices=[script("batch-notice")],
        custom_instructions=script("batch-instructions"),
        valid_days=7,
    )
    cells = {
        "candidate_name": script("cell-name"),
        "candidate_email": script("cell-email"),
        "challenge": script("cell-challenge"),
    }
    for number in (1, 2, 3):
        row = BatchRow.objects.create(
            batch=batch,
            number=number,
            line=number,
            cells=cells,
            problem=script("row-problem") if number == 1 else "",
            twice=script("row-twice") if number == 2 else "",
            error=script("row-error") if number == 3 else "",
            state="failed" if number == 3 else "new",
        )
    message = Message.objects.create(
        interview_id=interview.id,
        kind="invitation",
        to=script("mail-to"),
        subject=script("mail-subject"),
        error=script("mail-error"),
        state="failed",
        send_at=timezone.now(),
        created_by=script("mail-by"),
    )
    orphan = Orphan.objects.create(
        engine=script("orphan-engine"),
        name=script("orphan-name"),
        why="unknown_interview",
        since=timezone.now(),
        end_at=timezone.now(),
        problem=script("orphan-problem"),
        failed_step="save",
    )
    EngineLook.objects.create(engine="fake", at=timezone.now(), problem=script("engine-problem"))
    token = ApiToken.objects.create(
        name=script("token-name"),
        role=VIEWER,
        digest="0" * 64,
        hint="thp_<img>",
        created_by=script("token-by"),
    )
    entry = AuditEntry.objects.create(
        actor=script("audit-actor"),
        what="ended",
        interview_id=interview.id,
        target=script("audit-target"),
        detail=script("audit-detail"),
        address="<img src=pwned data-pwned=ip>",
        via="page",
    )
    user = User(username=script("user-name"), first_name=script("first-name"), email="a@b.example")
    user.is_staff = True
    user.save()
    return {
        "webhook_id": str(webhook.pk),
        "delivery_id": str(delivery.pk),
        "batch_id": str(batch.pk),
        "orphan_id": str(orphan.pk),
        "token_id": str(token.pk),
        "user_id": str(user.pk),
        "run_id": str(_check_runs(interview).pk),
        "uidb64": "MQ",
        "token": "none",
        "name": "logo.png",
        "color": "2a4fc4",
        "operations/batchrow": str(row.pk),
        "operations/message": str(message.pk),
        "dashboard/auditentry": str(entry.pk),
        "auth/user": str(user.pk),
        "auth/group": str(Group.objects.create(name=script("group-name")).pk),
    }


def _check_runs(interview: Interview) -> CheckRun:
    """A trial, and a run of the interview's checks, whose texts are those of hostile programs."""
    for interview_id in (interview.id, ""):
        run = CheckRun.objects.create(
            subject=Subject.SUBMISSION if interview_id else Subject.STARTING,
            interview_id=interview_id,
            challenge_id=CHALLENGE,
            version=1,
            state=RunState.FINISHED,
            reason="engine",
            detail=script("run-detail"),
            requested_by=script("run-by"),
            queued_at=timezone.now(),
            due_at=timezone.now(),
            finished_at=timezone.now(),
            passed=0,
            total=1,
        )
        test = {"group": script("test-group"), "name": script("test-name"), "seconds": 1}
        run.results.create(
            position=0,
            name=script("check-name"),
            is_visible=False,
            problem="time",
            seconds=1,
            output=script("check-output"),
            tests=[test | {"outcome": "failed", "text": script("test-text"), "counts": True}],
            passed=0,
            total=1,
        )
    return run
