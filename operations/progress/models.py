"""The tables of kept progress. The files and their lists are in the file store."""

from django.db import models
from django.db.models import Sum, Window

MAX_INTERVIEW_ID = 100
MAX_KEY = 300


class ProgressWatch(models.Model):
    """Of an interview whose progress is kept: when it is due, and who keeps it now.

    It is written before anything is stored, so that whatever is stored has a row to be found by.
    """

    interview_id = models.CharField(primary_key=True, max_length=MAX_INTERVIEW_ID)
    due_at = models.DateTimeField(db_index=True)
    # The random token of the worker that keeps it, and until when that one is believed to live.
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    # The sitting of the last look, and from when on the next one reads changed files: a time of the
    # engine, in nanoseconds.
    sitting = models.PositiveIntegerField(default=0)
    since_ns = models.BigIntegerField(default=0)
    # When the workspace was looked at last, whether anything had changed or not.
    kept_at = models.DateTimeField(null=True)
    # Of all contents and lists in the store, packed.
    stored_bytes = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.interview_id


class ProgressState(models.Model):
    """A state of the files that differs from the one before, numbered from 1 per interview."""

    interview_id = models.CharField(max_length=MAX_INTERVIEW_ID)
    number = models.PositiveIntegerField()
    sitting = models.PositiveIntegerField()
    # The changes are from between these: the look before, if there was one, and this look.
    since = models.DateTimeField(null=True)
    at = models.DateTimeField()
    # The key of its list of files in the store.
    key = models.CharField(max_length=MAX_KEY)
    # All files and the lines of all texts, without those of `.git`.
    files = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    # Against the state before, or the starting files: also without `.git`.
    files_added = models.PositiveIntegerField(default=0)
    files_changed = models.PositiveIntegerField(default=0)
    files_deleted = models.PositiveIntegerField(default=0)
    lines_added = models.PositiveIntegerField(default=0)
    lines_deleted = models.PositiveIntegerField(default=0)
    # The files with the most changed lines: `path` as text, `status`, `added` and `deleted`.
    largest = models.JSONField(default=list)
    # What its contents added to the store, packed.
    new_bytes = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("interview_id", "number"), name="progress_state_once"),
        )

    def __str__(self) -> str:
        return f"{self.interview_id} {self.number}"


def last_state_and_bytes(interview_id: str) -> tuple[ProgressState | None, int]:
    """The last state, and what the contents of all states take in the store."""
    states = ProgressState.objects.filter(interview_id=interview_id)
    last = states.annotate(content_bytes=Window(Sum("new_bytes"))).last()
    return last, last.content_bytes if last is not None else 0
