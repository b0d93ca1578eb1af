"""The reaper's tables: orphaned workspaces, and the last scan of each engine."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# How long staff can see an orphan before it is ended.
ORPHAN_GRACE_PERIOD = timedelta(hours=1)
# Longer, because without an interview there is no place to save the files.
UNKNOWN_GRACE_PERIOD = timedelta(days=1)
# More on one engine may mean a lost table or another deployment: they are not ended automatically.
MAX_UNKNOWN_PER_ENGINE = 3


class OrphanReason(models.TextChoices):
    """Why a workspace is no longer needed."""

    UNKNOWN_INTERVIEW = "stranger", "There is no interview of this name"
    OVER = "over", "Its interview is over"
    OTHER_OPENING = "other_opening", "Its interview goes on in another workspace"
    LEFT_BEHIND = "left_behind", "Its machine was down, and its interview went on without it"


class Orphan(models.Model):
    """A workspace that no interview needs, from the first scan that found it until its end."""

    engine = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    why = models.CharField(max_length=20, choices=OrphanReason)
    # Its interview; empty if there is none.
    interview_id = models.CharField(max_length=100, blank=True)
    # When it was created, and the provisioner's notes about it.
    since = models.DateTimeField()
    state = models.JSONField(default=dict)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    end_at = models.DateTimeField()
    # Who ended it early, whether to save its files, and who kept it for longer.
    ended_by = models.CharField(max_length=150, blank=True)
    save_files = models.BooleanField(default=True)
    kept_by = models.CharField(max_length=150, blank=True)
    # Why the last attempt to end it failed, and at which step.
    problem = models.CharField(max_length=500, blank=True)
    failed_step = models.CharField(max_length=20, blank=True)
    # The lease of the worker that is ending it now.
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    saved_bytes = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("first_seen", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("engine", "name"),
                condition=models.Q(ended_at=None),
                name="one_orphan_per_workspace",
            )
        ]

    def __str__(self) -> str:
        return f"{self.engine} {self.name}"

    @property
    def is_being_ended(self) -> bool:
        return self.lease_until is not None and self.lease_until > timezone.now()


class EngineLook(models.Model):
    """The last scan of an engine. With a `problem` the scan failed, and nothing is ended."""

    engine = models.CharField(primary_key=True, max_length=30)
    # The last successful scan, and how many workspaces it found.
    at = models.DateTimeField(null=True)
    held = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    # Its machines as they were then, each with the fields of `Machine`.
    machines = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.engine


def open_orphans() -> models.QuerySet[Orphan]:
    return Orphan.objects.filter(ended_at=None)


def not_leased(at: datetime) -> models.Q:
    """Match orphans that no worker is ending.

    It only uses fields of the row, so that of two conditional updates with it only one succeeds.
    """
    return models.Q(lease_until=None) | models.Q(lease_until__lte=at)


def engines_needing_confirmation() -> set[str]:
    """Return the engines with so many unknown workspaces that staff must confirm their end."""
    counts = (
        open_orphans()
        .filter(why=OrphanReason.UNKNOWN_INTERVIEW)
        .order_by()
        .values("engine")
        .annotate(count=models.Count("pk"))
        .filter(count__gt=MAX_UNKNOWN_PER_ENGINE)
    )
    return set(counts.values_list("engine", flat=True))


def due_orphans(at: datetime) -> models.QuerySet[Orphan]:
    """Return the orphans that are due and that no worker is ending."""
    needs_confirmation = models.Q(
        why=OrphanReason.UNKNOWN_INTERVIEW, engine__in=engines_needing_confirmation(), ended_by=""
    )
    return open_orphans().filter(not_leased(at), end_at__lte=at).exclude(needs_confirmation)


def orphan_counts() -> dict[str, int]:
    """Return the number of open orphans by engine, including 0 for scanned engines without any."""
    scanned = EngineLook.objects.values_list("engine", flat=True)
    counts = dict.fromkeys([settings.PROVISIONER, *scanned], 0)
    rows = open_orphans().order_by().values("engine").annotate(count=models.Count("pk"))
    return counts | {row["engine"]: row["count"] for row in rows}
