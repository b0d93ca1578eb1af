"""The indexes of the interviews table, and the nested records of its rows."""

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from interviews.dynamodb import MapListAttribute, TimeAttribute


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
    """Interviews per status, in the order in which the reconciler must act on them."""

    class Meta:
        index_name = "StatusDueIndex"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    due_at = TimeAttribute(attr_name="dueAt", range_key=True)


class ListKeyIndex(GlobalSecondaryIndex[Any]):
    """One list of the dashboard, in order of creation; a page of it costs a page of reads."""

    class Meta:
        index_name = "TabIndex"
        projection = AllProjection()

    list_key = UnicodeAttribute(attr_name="tab", hash_key=True)
    created_at = TimeAttribute(attr_name="createdAt", range_key=True)


class EndedIndex(GlobalSecondaryIndex[Any]):
    """The ended interviews of one type, in order of end."""

    class Meta:
        index_name = "EndedIndex"
        projection = AllProjection()

    list_key = UnicodeAttribute(attr_name="tab", hash_key=True)
    completed_at = TimeAttribute(attr_name="completedAt", range_key=True)


class EndedByStatusIndex(GlobalSecondaryIndex[Any]):
    """The ended interviews of one type and final status, in order of end."""

    class Meta:
        index_name = "KindIndex"
        projection = AllProjection()

    type_status_key = UnicodeAttribute(attr_name="kind", hash_key=True)
    completed_at = TimeAttribute(attr_name="completedAt", range_key=True)


class ChallengeIndex(GlobalSecondaryIndex[Any]):
    """The ended interviews of one challenge, in order of end; dry runs are among them."""

    class Meta:
        index_name = "ChallengeIndex"
        projection = KeysOnlyProjection()

    challenge = UnicodeAttribute(hash_key=True)
    completed_at = TimeAttribute(attr_name="completedAt", range_key=True)


class OutboxIndex(GlobalSecondaryIndex[Any]):
    """Rows with a status change to relay (`interviews.outbox`); nearly always empty."""

    class Meta:
        index_name = "OutboxIndex"
        projection = KeysOnlyProjection()

    outbox = UnicodeAttribute(hash_key=True)
    updated_at = TimeAttribute(attr_name="updatedAt", range_key=True)


class TimelineEntry(MapAttribute[str, Any]):
    """One event of the timeline: a new status, or another change (`what`); when, and by whom."""

    status = UnicodeAttribute()
    at = TimeAttribute()
    by = UnicodeAttribute()
    # A TimelineEvent; `seconds` is the time that it gave or, if negative, took.
    what = UnicodeAttribute(null=True)
    seconds = NumberAttribute(null=True)
    # Of an edit: the stored names of the attributes that changed. Never their values, which may be
    # a name or an address.
    changed = ListAttribute(of=UnicodeAttribute, null=True)
    # Of a move: the new time of the interview, and the zone in which staff chose it. Of a restored
    # workspace, and of one on another machine: when its files were kept.
    moved_to = TimeAttribute(attr_name="movedTo", null=True)
    zone = UnicodeAttribute(null=True)
    # Whether those who were written to before are to be written to again.
    notify = BooleanAttribute(null=True)
    # Of a problem report: what the candidate wrote, and what the page knew, such as the browser.
    text = UnicodeAttribute(null=True)
    context = JSONAttribute(null=True)


class NotSavedEntry(MapAttribute[str, Any]):
    """A file or folder that an archive does not have."""

    path = UnicodeAttribute()
    # A NotSavedReason of the provisioners.
    reason = UnicodeAttribute()
    # Of a folder: how many files it has, and their bytes. None if that is unknown.
    files = NumberAttribute(null=True)
    bytes = NumberAttribute(null=True)


class EarlierArchive(MapAttribute[str, Any]):
    """An archive of an earlier sitting, as a test can be reopened after its end, or of a workspace
    that was left behind."""

    key = UnicodeAttribute()
    bytes = NumberAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    at = TimeAttribute(null=True)
    # The number of its sitting, from 1; None on rows older than sittings.
    sitting = NumberAttribute(null=True)
    # The workspace that it is of, if that was left on a machine that was down, and found there
    # after the sitting had gone on or ended without it.
    left_behind = UnicodeAttribute(attr_name="leftBehind", null=True)
    not_saved = MapListAttribute(attr_name="notSaved", of=NotSavedEntry, null=True)
    not_saved_count = NumberAttribute(attr_name="notSavedCount", null=True)

    @property
    def is_left_behind(self) -> bool:
        return self.left_behind is not None


class EarlierSitting(MapAttribute[str, Any]):
    """A completed sitting, as the row had it when the test was reopened. None: not known."""

    number = NumberAttribute()
    started_at = TimeAttribute(attr_name="startedAt", null=True)
    ready_at = TimeAttribute(attr_name="readyAt", null=True)
    ended_at = TimeAttribute(attr_name="endedAt", null=True)
    worked_seconds = NumberAttribute(attr_name="workedSeconds", null=True)
    length_seconds = NumberAttribute(attr_name="lengthSeconds", null=True)
    end_reason = UnicodeAttribute(attr_name="endReason", null=True)
