"""Export a candidate's data: a zip file with one JSON document and the saved archives.

`docs/candidate-data.md` documents the fields. Passcodes, passwords and addresses of workspaces are
never in it.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.models import Interview
from interviews.search import index
from interviews.sittings import Sitting, sittings_of
from operations import audit, retention
from operations.archives.archive import CHUNK, earlier_archives
from operations.audit import AuditAction
from operations.audit.models import AuditEntry
from operations.bulk_import import service
from operations.bulk_import.models import BatchRow
from operations.candidate_data.selection import Candidate
from operations.checks.records import check_records
from operations.mail import outbox
from operations.mail.models import Message
from operations.models import Operation
from operations.operation_log import OperationLog
from operations.progress.records import changed_contents, state_record, states_of
from operations.reviews.access import Viewer
from operations.reviews.records import review_records
from operations.submissions.zip_stream import ChunkBuffer, UniqueNames
from operations.webhooks import delivery_log
from operations.webhooks.models import Delivery

FILE_NAME = "candidate-data.zip"
DOCUMENT = "candidate-data.json"
# Attributes of an interview that say nothing about the candidate, or that open something.
CREDENTIALS = frozenset({"passcode", "password", "access_url", "workspace_state"})
INTERNAL = frozenset(
    {
        "list_key",
        "type_status_key",
        "request_digest",
        "write_id",
        "outbox",
        "outbox_done",
        "due_at",
        "operation_id",
        "time_changes",
        "time_changes_seen",
        # Of a practice workspace alone.
        "practice_of",
        "practice_language",
        # Addresses of staff.
        "interviewers",
    }
)
# Attributes that the document has in another form.
REWRITTEN = frozenset(
    {
        "timeline",
        "legacy_attributes",
        "earlier_archives",
        "sittings",
        "history_s3_key",
        "archive_bytes",
        "archive_sha256",
        "archive_at",
        "archive_of",
        "not_saved",
        "not_saved_count",
    }
)
# In the attributes that only an earlier portal understands.
_CREDENTIAL_NAME = re.compile("pass|secret|token|key|url", re.IGNORECASE)


@dataclass(frozen=True)
class _Archive:
    """A saved archive, and its path in the zip file.

    The path has numbers, because the id of an earlier portal's row may hold any character.
    """

    path: str
    saved: EarlierArchive
    is_stored: bool


def export_candidate(candidate: Candidate, viewer: Viewer | None = None) -> Iterator[bytes]:
    """Return the zip file in chunks; only the tables are read before the first one.

    It has no more of the reviews than `viewer` may see; all of them without one.

    An archive that the store does not have is named in the document, with `isMissing`. If the store
    fails later, the chunks end with its error, and the file is no valid zip file.
    """
    archives = [
        _archives(interview, number)
        for number, interview in enumerate(candidate.interviews, start=1)
    ]
    document = _document(candidate, archives, viewer)
    for interview in candidate.interviews:
        audit.record(AuditAction.EXPORTED_CANDIDATE, interview.id)
    if not candidate.interviews:
        audit.record(AuditAction.EXPORTED_CANDIDATE)
    stored = [each for some in archives for each in some if each.is_stored]
    return _zip_chunks(document, stored, [interview.id for interview in candidate.interviews])


def _document(
    candidate: Candidate, archives: list[list[_Archive]], viewer: Viewer | None
) -> dict[str, Any]:
    return {
        "exportedAt": now(),
        "candidateEmail": candidate.email or None,
        "interviews": [
            _interview(interview, some)
            | review_records(interview.id, viewer)
            | check_records(interview.id)
            for interview, some in zip(candidate.interviews, archives, strict=True)
        ],
        "otherEmails": [_email(each) for each in candidate.other_messages()],
        "otherImportRows": [_import_row(each) for each in candidate.other_rows()],
    }


def _interview(interview: Interview, archives: list[_Archive]) -> dict[str, Any]:
    left_out = CREDENTIALS | INTERNAL | REWRITTEN
    attributes = {
        attribute.attr_name: getattr(interview, name)
        for name, attribute in Interview.get_attributes().items()
        if name not in left_out
    }
    carried = interview.legacy_attributes or {}
    return attributes | {
        "timeline": [each.attribute_values for each in interview.timeline],
        "earlierPortal": {
            name: value for name, value in carried.items() if not _CREDENTIAL_NAME.search(name)
        },
        "sittings": [_sitting(each) for each in sittings_of(interview)],
        "archives": [
            {
                "path": each.path,
                "sitting": each.saved.sitting,
                "bytes": each.saved.bytes,
                "sha256": each.saved.sha256,
                "savedAt": each.saved.at,
                "notSaved": [entry.attribute_values for entry in each.saved.not_saved or []],
                "notSavedCount": int(each.saved.not_saved_count or 0),
                "isMissing": not each.is_stored,
            }
            for each in archives
        ],
        "operations": [_operation(each) for each in retention.operations_of(interview)],
        "searchWords": index.indexed_words_of(interview),
        "emails": [
            _email(each) for each in outbox.messages_of(interview.id) if not each.interviewer
        ],
        "importRows": [_import_row(each) for each in service.rows_of(interview.id)],
        "webhookMessages": [_delivery(each) for each in delivery_log.messages_about(interview.id)],
        "progress": [state_record(each) for each in states_of(interview.id)],
        "auditEntries": [
            _audit_entry(each) for each in AuditEntry.objects.filter(interview_id=interview.id)
        ],
    }


def _sitting(sitting: Sitting) -> dict[str, Any]:
    return {
        "number": sitting.number,
        "status": sitting.status.value,
        "startedAt": sitting.started_at,
        "readyAt": sitting.ready_at,
        "endedAt": sitting.ended_at,
        "workedSeconds": _seconds_or_none(sitting.worked),
        "lengthSeconds": _seconds_or_none(sitting.length),
        "endReason": sitting.end_reason,
    }


def _seconds_or_none(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "type": operation.type,
        "status": operation.status,
        "steps": [each.attribute_values for each in operation.steps],
        "error": operation.error,
        "attempts": operation.attempts,
        "requestedBy": operation.requested_by,
        "createdAt": operation.created_at,
        "startedAt": operation.started_at,
        "finishedAt": operation.finished_at,
        "log": [
            {"at": line.at, "level": line.level, "message": line.message}
            for line in OperationLog.query(operation.id, consistent_read=True)
        ],
    }


def _email(message: Message) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "to": message.to,
        "subject": message.subject,
        "status": message.state,
        "timeZone": message.zone,
        "sendAt": message.send_at,
        "sentAt": message.sent_at,
        "error": message.error,
        "createdBy": message.created_by,
        "createdAt": message.created_at,
    }


def _import_row(row: BatchRow) -> dict[str, Any]:
    return {
        "fileName": row.batch.file_name,
        "importedAt": row.batch.created_at,
        "line": row.line,
        "status": row.state,
        "cells": row.cells,
        "problem": row.problem,
        "error": row.error,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "webhook": delivery.webhook.name,
        "event": delivery.event,
        "status": delivery.state,
        "createdAt": delivery.created_at,
        "deliveredAt": delivery.delivered_at,
        "message": json.loads(delivery.body),
    }


def _audit_entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "via": entry.via,
        "detail": entry.detail,
    }


def _archives(interview: Interview, number: int) -> list[_Archive]:
    """The saved archives, oldest first."""
    return [
        _Archive(
            f"files/interview-{number}/{place}.tar.gz", saved, default_storage.exists(saved.key)
        )
        for place, saved in enumerate(earlier_archives(interview), start=1)
    ]


def _zip_chunks(
    document: dict[str, Any], archives: list[_Archive], interview_ids: list[str]
) -> Iterator[bytes]:
    written = ChunkBuffer()
    with zipfile.ZipFile(written, "w") as archive:  # type: ignore[call-overload]
        text = json.dumps(document, default=_to_json, ensure_ascii=False, indent=2)
        archive.writestr(DOCUMENT, text, zipfile.ZIP_DEFLATED)
        yield written.take()
        for each in archives:
            # Compressed already. The size is not known before the end, and may exceed 4 GB.
            with (
                default_storage.open(each.saved.key, "rb") as file,
                archive.open(each.path, "w", force_zip64=True) as entry,
            ):
                while chunk := file.read(CHUNK):
                    entry.write(chunk)
                    yield written.take()
        names = UniqueNames()
        for number, interview_id in enumerate(interview_ids, start=1):
            for path, content in changed_contents(interview_id):
                name = names.take(f"progress/interview-{number}/{path}".replace("\\", "_"))
                archive.writestr(name, content, zipfile.ZIP_DEFLATED)
                yield written.take()
    yield written.take()


def _to_json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(type(value).__name__)
