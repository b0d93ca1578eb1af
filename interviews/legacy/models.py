"""A row of the old `takehome` table, and the interview that it stands for, both ways. No I/O.

Additive attributes are those that a portal which does not know them leaves alone: what is created
here for the old table keeps in them what that table had no room for.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Self

from django.conf import settings
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import STRING
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews.dynamodb import (
    TimeAttribute,
    now,
    split_readable,
    table_meta,
)
from interviews.legacy.ids import id_for_passcode
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.passcodes import PASSCODE

# The status of an old row. COPYING is ours, for the moment in which a row is being copied.
ACTIVE, COPYING, ACTIVATED = "active", "copying", "activated"
COMPLETED, REVOKED = "completed", "revoked"

# Longer than any id there is, and larger than any row that a person wrote. DynamoDB takes 400 kB,
# and a copy is larger than its original.
MAX_ID, MAX_BYTES = 100, 300_000
# How long the old table kept a row after the invitation's end.
ROW_LIFETIME = timedelta(days=30)
OLD_STATUS = {
    Status.AVAILABLE: ACTIVE,
    Status.COMPLETED: COMPLETED,
    **dict.fromkeys((Status.EXPIRED, Status.REVOKED, Status.CANCELLED), REVOKED),
}
REQUIRED = (
    "candidate_name",
    "challenge",
    "status",
    "valid_until",
    "created_at",
    "duration_minutes",
)


class UnreadableRowError(ValueError):
    """The row cannot be understood; says why, without its passcode."""


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
    # As text: whatever is there can be begun after.
    created_at = UnicodeAttribute(attr_name="createdAt", range_key=True)


class Takehome(Model):
    """An invitation as the old portal keeps it. Reading one never fails: `faults` tells of each
    attribute that could not be read, and `unknown` has those of other versions, as stored."""

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
    # A number, whatever it counts: nothing here goes by it.
    ttl = NumberAttribute(null=True)

    # Additive, on rows that were created here: the id that it has here.
    unified_id = UnicodeAttribute(attr_name="unifiedId", null=True)
    # `durationMinutes` has the allowance in it, so that either portal gives the whole time.
    base_minutes = NumberAttribute(attr_name="baseMinutes", null=True)
    allowance_percent = NumberAttribute(attr_name="allowancePercent", null=True)
    candidate_email = UnicodeAttribute(attr_name="candidateEmail", null=True)
    challenge_version = NumberAttribute(attr_name="challengeVersion", null=True)
    request_digest = UnicodeAttribute(attr_name="requestDigest", null=True)

    faults: Mapping[str, Any] = MappingProxyType({})
    unknown: Mapping[str, Any] = MappingProxyType({})
    # `createdAt` as it is stored, to find the place in the index again.
    stored_at: str = ""
    # How many bytes the row has at the most, as its copy would hold it.
    size: int = 0

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        known = {attribute.attr_name for attribute in cls.get_attributes().values()}
        good, faults = split_readable(cls, data)
        row = super().from_raw_data(good)
        row.faults = faults
        row.size = len(json.dumps(_json_safe(data)))
        row.unknown = {name: value for name, value in data.items() if name not in known}
        row.stored_at = data.get("createdAt", {}).get("S", "")
        return row

    def __repr__(self) -> str:
        # The default shows every attribute, and the passcode is one.
        return f"<Takehome {self.status}>"

    @property
    def is_from_here(self) -> bool:
        """Was it created by this platform, for the old portal to read?"""
        return self.unified_id is not None


def interview_id_of(old: Takehome) -> str:
    """The id of the interview that it stands for."""
    return str(old.interview_id or old.unified_id or id_for_passcode(old.passcode))


def own_fields(old: Takehome) -> dict[str, Any]:
    """What its interview has of it whatever happens to that later, by Python names. Unreadable."""
    check_row(old)
    minutes = old.duration_minutes if old.base_minutes is None else old.base_minutes
    return {
        "passcode": old.passcode,
        "candidate_name": old.candidate_name,
        "challenge": old.challenge,
        "custom_instructions": old.custom_instructions or "",
        "duration_minutes": int(minutes),
        "allowance_percent": old.allowance_percent,
        "candidate_email": old.candidate_email,
        "challenge_version": old.challenge_version,
        "request_digest": old.request_digest,
        "created_by": old.created_by,
        "valid_until": old.valid_until.replace(microsecond=0),
        "created_at": old.created_at.replace(microsecond=0),
        "legacy_attributes": {name: _json_safe(value) for name, value in old.unknown.items()}
        or None,
    }


def check_row(old: Takehome) -> None:
    """Raise Unreadable unless everything is there that an interview needs."""
    if not PASSCODE.fullmatch(old.passcode):
        raise UnreadableRowError("The passcode is not of 8 letters and digits.")
    for name in old.faults:
        raise UnreadableRowError(f"{name} is not what it should be.")
    for name in REQUIRED:
        if getattr(old, name) in (None, ""):
            stored = Takehome.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} is missing.")
    if old.status not in (ACTIVE, COPYING, ACTIVATED, COMPLETED, REVOKED):
        raise UnreadableRowError("The status is none that the old portal wrote.")
    if not 0 < float(old.duration_minutes) <= 24 * 60:
        raise UnreadableRowError("durationMinutes is no length of a test.")
    for name in ("valid_until", "created_at", "activated_at"):
        if not is_plausible_date(getattr(old, name)):
            stored = Takehome.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} is no date of a test.")
    if len(old.interview_id or "") > MAX_ID:
        raise UnreadableRowError("interviewId is none.")
    if old.size > MAX_BYTES:
        raise UnreadableRowError(f"The row is larger than {MAX_BYTES // 1000} kB.")


def is_plausible_date(at: datetime | None) -> bool:
    """Can it be reckoned with? None can, too: there is none."""
    return at is None or 1970 <= at.year <= 2100


def status_of(old: Takehome) -> Status:
    """How it stands where no interview was begun, or where that one is gone."""
    is_past = old.valid_until <= now()
    if old.status in (ACTIVE, COPYING):
        return Status.EXPIRED if is_past else Status.AVAILABLE
    if old.status == REVOKED:
        # Expiry wrote the same as a person did.
        return Status.EXPIRED if is_past and old.activated_at is None else Status.REVOKED
    # Its workspace was ended, and the row of it removed in the course of time.
    return Status.COMPLETED


def to_old_item(interview: Interview) -> dict[str, dict[str, str]]:
    """The item of the old table for a take-home, as DynamoDB has it; what the old portal does not
    know is in additive attributes."""
    iso = IsoAttribute().serialize
    status = OLD_STATUS.get(interview.state, ACTIVATED)
    allowance = interview.allowance_percent
    whole = interview.length.total_seconds() // 60 if allowance else interview.duration_minutes
    item = {
        "passcode": {"S": interview.passcode},
        "candidateName": {"S": interview.candidate_name},
        "challenge": {"S": interview.challenge},
        "customInstructions": {"S": interview.custom_instructions},
        "status": {"S": status},
        "validUntil": {"S": iso(interview.valid_until)},
        "createdAt": {"S": iso(interview.created_at)},
        "durationMinutes": {"N": str(int(whole))},
        "ttl": {"N": TimeAttribute().serialize(interview.valid_until + ROW_LIFETIME)},
        "unifiedId": {"S": interview.id},
    }
    if status != ACTIVE:
        item["interviewId"] = {"S": interview.id}
    if interview.activated_at is not None:
        item["activatedAt"] = {"S": iso(interview.activated_at)}
    if allowance:
        item["baseMinutes"] = {"N": str(int(interview.duration_minutes))}
        item["allowancePercent"] = {"N": str(int(allowance))}
    if interview.challenge_version is not None:
        item["challengeVersion"] = {"N": str(int(interview.challenge_version))}
    for name in ("created_by", "candidate_email", "request_digest"):
        if text := getattr(interview, name):
            item[Takehome.get_attributes()[name].attr_name] = {"S": text}
    return item


def _json_safe(value: Any) -> Any:
    """A stored value as JSON can hold it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: _json_safe(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_json_safe(inner) for inner in value]
    return value
