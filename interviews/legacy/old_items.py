"""Write an interview as an item of the old `takehome` table. No I/O."""

from datetime import timedelta
from typing import Any

from interviews.dynamodb import TimeAttribute
from interviews.legacy.models import (
    ACTIVATED,
    ACTIVE,
    COMPLETED,
    REVOKED,
    IsoAttribute,
    carried_attributes,
)
from interviews.lifecycle import Status
from interviews.models import Interview

# How long the old table keeps a row after its invitation expired.
ROW_LIFETIME = timedelta(days=30)
OLD_STATUS = {
    Status.AVAILABLE: ACTIVE,
    Status.COMPLETED: COMPLETED,
    **dict.fromkeys((Status.EXPIRED, Status.REVOKED, Status.CANCELLED), REVOKED),
}


def to_old_item(interview: Interview) -> dict[str, dict[str, Any]]:
    """Return the old table's item for a take-home test, in DynamoDB's format.

    Data that the old portal does not know is in additive attributes.
    """
    iso = IsoAttribute().serialize
    status = OLD_STATUS.get(interview.state, ACTIVATED)
    allowance = interview.allowance_percent
    total_minutes = (
        interview.length.total_seconds() // 60 if allowance else interview.duration_minutes
    )
    item: dict[str, dict[str, Any]] = {
        "passcode": {"S": interview.passcode},
        "candidateName": {"S": interview.candidate_name},
        "challenge": {"S": interview.challenge},
        "customInstructions": {"S": interview.custom_instructions},
        "status": {"S": status},
        "validUntil": {"S": iso(interview.valid_until)},
        "createdAt": {"S": iso(interview.created_at)},
        "durationMinutes": {"N": str(int(total_minutes))},
        "ttl": {"N": TimeAttribute().serialize(interview.valid_until + ROW_LIFETIME)},
        "unifiedId": {"S": interview.id},
    }
    if status != ACTIVE:
        item["interviewId"] = {"S": interview.id}
    if interview.activated_at is not None:
        item["activatedAt"] = {"S": iso(interview.activated_at)}
    if allowance:
        item["baseMinutes"] = {"N": str(int(interview.duration_minutes))}
    if interview.created_by:
        item["createdBy"] = {"S": interview.created_by}
    defaults = Interview().attribute_values
    for name, attribute in carried_attributes().items():
        value = getattr(interview, name)
        # The defaults of a new interview are left out.
        if value is not None and value != defaults.get(name):
            item[attribute.attr_name] = {attribute.attr_type: attribute.serialize(value)}
    return item
