"""The indexes of the interviews' table, and the records inside its rows."""

from typing import Any

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from interviews.dynamodb import TimeAttribute


class StatusIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "StatusIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class PasscodeIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "PasscodeIndex"
        projection = AllProjection()

    passcode = UnicodeAttribute(hash_key=True)


class TypeStatusIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "TypeStatusIndex"
        projection = AllProjection()

    type = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute(range_key=True)


class StatusDueIndex(GlobalSecondaryIndex[Any]):
    """What must happen next without a click, per status, soonest first."""

    class Meta:
        index_name = "StatusDueIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    due_at = TimeAttribute(attr_name="dueAt", range_key=True)


class ListKeyIndex(GlobalSecondaryIndex[Any]):
    """One tab of the dashboard, in the order of creation: a page of it costs a page of reads."""

    class Meta:
        index_name = "TabIndex"
        projection = AllProjection()

    tab = UnicodeAttribute(hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class EndedIndex(GlobalSecondaryIndex[Any]):
    """What ended, of one type, in the order of the ends."""

    class Meta:
        index_name = "EndedIndex"
        projection = AllProjection()

    tab = UnicodeAttribute(hash_key=True)
    completed_at = TimeAttribute(attr_name="completedAt", range_key=True)


class EndedByStatusIndex(GlobalSecondaryIndex[Any]):
    """What ended in one way (`kind_of`: type and status), in the order of the ends."""

    class Meta:
        index_name = "KindIndex"
        projection = AllProjection()

    kind = UnicodeAttribute(hash_key=True)
    completed_at = TimeAttribute(attr_name="completedAt", range_key=True)


class OutboxIndex(GlobalSecondaryIndex[Any]):
    """Rows with a status that was not passed on yet (`interviews.outbox`); nearly always empty."""

    class Meta:
        index_name = "OutboxIndex"
        projection = KeysOnlyProjection()

    outbox = UnicodeAttribute(hash_key=True)
    updated_at = TimeAttribute(attr_name="updatedAt", range_key=True)


class TimelineEvent(MapAttribute[str, Any]):
    """One line of the timeline: what the interview became, or what else happened to it (`what`),
    when, and through whom."""

    status = UnicodeAttribute()
    at = TimeAttribute()
    by = UnicodeAttribute()
    # "extended", "credited", "reopened": the seconds are those that were given.
    what = UnicodeAttribute(null=True)
    seconds = NumberAttribute(null=True)


class EarlierArchive(MapAttribute[str, Any]):
    """Files that were saved at an end before the last one: a test can be opened again."""

    key = UnicodeAttribute()
    bytes = NumberAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    at = TimeAttribute(null=True)
