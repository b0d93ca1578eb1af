"""The indexes of the operations table, and the step record inside its rows."""

from typing import Any

from pynamodb.attributes import MapAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from interviews.dynamodb import MillisecondsAttribute, TimeAttribute


class StatusDueIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "StatusDueIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    due_at = TimeAttribute(attr_name="dueAt", range_key=True)


class InterviewIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "InterviewIndex"
        projection = AllProjection()

    interview_id = UnicodeAttribute(attr_name="interviewId", hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class Step(MapAttribute[str, Any]):
    """A step and the time at which it began; it lasted until the next step began."""

    name = UnicodeAttribute()
    at = MillisecondsAttribute()
