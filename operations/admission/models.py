"""The tables of admission: the workspaces that have or wait for a place, and their engines."""

from typing import ClassVar

from django.db import models

MAX_NAME = 100
MAX_ENGINE = 30


class Priority(models.IntegerChoices):
    """Who goes first, whenever they came. Staff's own choice is before all of these."""

    LIVE = 10
    TAKE_HOME = 20
    # Practice workspaces and dry runs, for which nobody's time is planned.
    TRIAL = 30


class Admission(models.Model):
    """One workspace: in line while `admitted_at` is empty, then the holder of a place."""

    engine = models.CharField(max_length=MAX_ENGINE)
    workspace = models.CharField(max_length=MAX_NAME, unique=True)
    interview_id = models.CharField(max_length=MAX_NAME, db_index=True)
    # The interview whose pages show it: that of a practice workspace, otherwise the same.
    shown_at = models.CharField(max_length=MAX_NAME)
    type = models.CharField(max_length=20)
    # The start that waits; empty if the workspace was there before the limit.
    operation_id = models.CharField(max_length=MAX_NAME, blank=True)
    # A Priority, or less once staff moved it to the front.
    priority = models.IntegerField(choices=Priority)
    # When Start was pressed first, which a start that failed on our side keeps, and this time.
    since = models.DateTimeField()
    queued_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True)
    # For estimates: how long its candidate has, and when that ends as of the last sweep.
    length_seconds = models.PositiveIntegerField()
    ends_at = models.DateTimeField(null=True)
    # The wait in minutes that its page was told to show last; empty if none is known.
    told_minutes = models.PositiveIntegerField(null=True)
    # Since when its start has failed, while the workspace of that could not be removed.
    left_since = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Admission"]] = models.Manager()

    class Meta:
        indexes = (models.Index(fields=("engine", "admitted_at"), name="admission_places"),)

    def __str__(self) -> str:
        return f"{self.engine} {self.workspace}"

    @property
    def is_moved_up(self) -> bool:
        """Whether staff moved it to the front of the line."""
        return self.priority < Priority.LIVE


class LimitedEngine(models.Model):
    """The lock of an engine's rows: every transaction that changes them writes `changes` first."""

    engine = models.CharField(primary_key=True, max_length=MAX_ENGINE)
    changes = models.BigIntegerField(default=0)
    # The workspaces from before the limit have their rows.
    is_counted = models.BooleanField(default=False)
    # Until when nobody is admitted, as the engine itself had no room for the last one.
    full_until = models.DateTimeField(null=True)
    # When places became free lately, in epoch seconds, oldest first, for estimates.
    freed = models.JSONField(default=list)

    objects: ClassVar[models.Manager["LimitedEngine"]] = models.Manager()

    def __str__(self) -> str:
        return self.engine


# The order of the line.
LINE_ORDER = ("priority", "since", "queued_at", "pk")


def in_line(engine: str) -> models.QuerySet[Admission]:
    """The starts that wait for a place, in order."""
    return Admission.objects.filter(engine=engine, admitted_at=None).order_by(*LINE_ORDER)


def left_behind(engine: str) -> models.QuerySet[Admission]:
    """The places of failed starts whose workspaces could not be removed yet, oldest first."""
    return places_taken(engine).exclude(left_since=None).order_by("left_since", "pk")


def places_taken(engine: str) -> models.QuerySet[Admission]:
    """The workspaces that hold a place."""
    return Admission.objects.filter(engine=engine).exclude(admitted_at=None)
