"""The audit trail: who did what to which interview, when, through which channel and from where.

The function that does something writes the entry, once it has succeeded. It does not know who
called it: a page, the API, the admin or a command establishes that with `acting_as`.
"""

from operations.audit.codes import AuditAction
from operations.audit.origin import Channel, Origin, acting_as, current_origin
from operations.audit.trail import (
    record,
    record_credentials_shown,
    record_once,
    record_progress_opened,
    record_submission_opened,
)

__all__ = [
    "AuditAction",
    "Channel",
    "Origin",
    "acting_as",
    "current_origin",
    "record",
    "record_credentials_shown",
    "record_once",
    "record_progress_opened",
    "record_submission_opened",
]
