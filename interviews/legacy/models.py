"""The rows of the old `takehome` table. No I/O.

Rows that this platform creates have additive attributes for data that the old table had no place
for; the old portal leaves attributes alone that it does not know.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self

from django.conf import settings
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import STRING
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews.dynamodb import (
    now,
    split_readable,
    table_meta,
)
from interviews.legacy.ids import id_for_passcode
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.passcodes import PASSCODE

# The statuses of an old row. This platform adds COPYING, while it migrates a row.
ACTIVE, COPYING, ACTIVATED = "active", "copying", "activated"
COMPLETED, REVOKED = "completed", "revoked"

# Longer than any real id, and larger than any real row. DynamoDB's limit is 400 kB, and a copy
# is larger than its original.
MAX_ID, MAX_BYTES = 100, 300_000
# The attributes of an interview that have a column of the old table:
COLUMNS = frozenset(
    {
        "id",
        "passcode",
        "candidate_name",
        "challenge",
        "custom_instructions",
        "status",
        "valid_until",
        "created_at",
        "activated_at",
        "duration_minutes",
        "created_by",
    }
)
# The attributes that `mapping` derives whenever it reads a row:
DERIVED = frozenset(
    {
        "type",
        "list_key",
        "type_status_key",
        "timeline",
        "updated_at",
        "due_at",
        "ready_at",
        "completed_at",
        "end_reason",
        "ttl",
        "outbox",
        "outbox_done",
        "write_id",
        "legacy_attributes",
    }
)
# All others are carried: a row keeps each that is set, under its name in `interviews`.
REQUIRED = (
    "candidate_name",
    "challenge",
    "status",
    "valid_until",
    "created_at",
    "duration_minutes",
)


class UnreadableRowError(ValueError):
    """The row is invalid; the message says why, without its passcode."""


class IsoAttribute(Attribute[datetime]):
    """An aware UTC datetime, stored as ISO 8601 with milliseconds and a Z (S)."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def deserialize(self, value: str) -> datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        return at.astimezone(UTC)


class OldStatusIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "StatusIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    # Text, since a query must be able to continue after any stored value.
    created_at = UnicodeAttribute(attr_name="createdAt", range_key=True)


class Takehome(Model):
    """An invitation as the old portal stores it. Reading one never fails.

    `unreadable_attributes` and `unknown_attributes` have the attributes that this model cannot
    read or does not know, as stored.
    """

    Meta = table_meta("")
    Meta.table_name = settings.LEGACY_TAKEHOME_TABLE or "takehome"

    status_index = OldStatusIndex()

    passcode = UnicodeAttribute(hash_key=True)
    candidate_name = UnicodeAttribute(attr_name="candidateName", null=True)
    challenge = UnicodeAttribute(null=True)
    custom_instructions = UnicodeAttribute(attr_name="customInstructions", null=True)
    status = UnicodeAttribute(null=True)
    valid_until = IsoAttribute(attr_name="validUntil", null=True)
    created_at = IsoAttribute(attr_name="createdAt", null=True)
    activated_at = IsoAttribute(attr_name="activatedAt", null=True)
    duration_minutes = NumberAttribute(attr_name="durationMinutes", null=True)
    interview_id = UnicodeAttribute(attr_name="interviewId", null=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    # Any number; this platform does not use it.
    ttl = NumberAttribute(null=True)

    # Additive, on rows that this platform created: the interview's id.
    unified_id = UnicodeAttribute(attr_name="unifiedId", null=True)
    # `durationMinutes` includes the allowance, so that the old portal gives the whole time too.
    base_minutes = NumberAttribute(attr_name="baseMinutes", null=True)

    # The values of `carried_attributes`, by the interview's Python names.
    carried: Mapping[str, Any] = MappingProxyType({})
    unreadable_attributes: Mapping[str, Any] = MappingProxyType({})
    unknown_attributes: Mapping[str, Any] = MappingProxyType({})
    # `createdAt` as stored, to continue an index query after this row.
    created_at_text: str = ""
    # Upper bound of the row's size in its copy.
    size_bytes: int = 0

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        known = {attribute.attr_name for attribute in cls.get_attributes().values()}
        good, unreadable = split_readable(cls, data)
        row = super().from_raw_data(good)
        row.unreadable_attributes = unreadable
        if row.is_created_here:
            row._read_carried(data)
            known |= {attribute.attr_name for attribute in carried_attributes().values()}
        row.size_bytes = len(json.dumps(_json_safe(data)))
        row.unknown_attributes = {name: value for name, value in data.items() if name not in known}
        row.created_at_text = data.get("createdAt", {}).get("S", "")
        return row

    def _read_carried(self, data: dict[str, Any]) -> None:
        attributes = carried_attributes()
        names = {attribute.attr_name for attribute in attributes.values()}
        stored = {name: value for name, value in data.items() if name in names}
        good, unreadable = split_readable(Interview, stored)
        self.unreadable_attributes = {**self.unreadable_attributes, **unreadable}
        self.carried = {
            name: attribute.deserialize(attribute.get_value(good[attribute.attr_name]))
            for name, attribute in attributes.items()
            if attribute.attr_name in good
        }

    def __repr__(self) -> str:
        # The default shows every attribute, and the passcode is one.
        return f"<Takehome {self.status}>"

    @property
    def is_created_here(self) -> bool:
        """True if this platform created the row, for the old portal to read."""
        return self.unified_id is not None


def carried_attributes() -> dict[str, Attribute[Any]]:
    """Return the interview's attributes that an old row keeps as they are, by Python name."""
    return {
        name: attribute
        for name, attribute in Interview.get_attributes().items()
        if name not in COLUMNS | DERIVED
    }


def interview_id_of(old: Takehome) -> str:
    """Return the id of the interview that the row stands for."""
    return str(old.interview_id or old.unified_id or id_for_passcode(old.passcode))


def own_fields(old: Takehome) -> dict[str, Any]:
    """Return the attributes that the interview takes from this row, by Python name.

    They stay the same over the interview's life.

    Raises:
        UnreadableRowError: if the row is invalid.
    """
    check_row(old)
    minutes = old.duration_minutes if old.base_minutes is None else old.base_minutes
    return {
        "passcode": old.passcode,
        "candidate_name": old.candidate_name,
        "challenge": old.challenge,
        "custom_instructions": old.custom_instructions or "",
        "duration_minutes": int(minutes),
        "created_by": old.created_by,
        "valid_until": old.valid_until.replace(microsecond=0),
        "created_at": old.created_at.replace(microsecond=0),
        "legacy_attributes": {
            name: _json_safe(value) for name, value in old.unknown_attributes.items()
        }
        or None,
        **old.carried,
    }


def check_row(old: Takehome) -> None:
    """Check that the row has everything that an interview needs.

    Raises:
        UnreadableRowError: if it does not.
    """
    if not PASSCODE.fullmatch(old.passcode):
        raise UnreadableRowError("The passcode isn't 8 letters and digits.")
    for name in old.unreadable_attributes:
        raise UnreadableRowError(f"{name} has an unexpected value.")
    for name in REQUIRED:
        if getattr(old, name) in (None, ""):
            stored = Takehome.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} is missing.")
    if old.status not in (ACTIVE, COPYING, ACTIVATED, COMPLETED, REVOKED):
        raise UnreadableRowError("The status isn't one of the old portal.")
    if not 0 < float(old.duration_minutes) <= 24 * 60:
        raise UnreadableRowError("durationMinutes is out of range.")
    for name in ("valid_until", "created_at", "activated_at"):
        if not is_plausible_date(getattr(old, name)):
            stored = Takehome.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} isn't a plausible date.")
    if len(old.interview_id or "") > MAX_ID:
        raise UnreadableRowError("interviewId isn't valid.")
    if old.size_bytes > MAX_BYTES:
        raise UnreadableRowError(f"The row is larger than {MAX_BYTES // 1000} kB.")


def is_plausible_date(at: datetime | None) -> bool:
    """True if the date is plausible, or None."""
    return at is None or 1970 <= at.year <= 2100


def status_of(old: Takehome) -> Status:
    """Return the status of a row that has no interview, or whose interview was deleted."""
    is_past = old.valid_until <= now()
    if old.status in (ACTIVE, COPYING):
        return Status.EXPIRED if is_past else Status.AVAILABLE
    if old.status == REVOKED:
        # The old portal wrote the same status for expired and for revoked invitations.
        return Status.EXPIRED if is_past and old.activated_at is None else Status.REVOKED
    # The workspace was ended, and the TTL deleted the row of its interview.
    return Status.COMPLETED


def _json_safe(value: Any) -> Any:
    """Return a stored value in a form that JSON can represent."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: _json_safe(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_json_safe(inner) for inner in value]
    return value
