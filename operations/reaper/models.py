"""What the sweep has found: workspaces that nobody needs; and its last look at each engine."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# Staff has so long to see it before it is ended.
GRACE = timedelta(hours=1)
# Nobody can say whose files these are, and there is no place to save them to.
GRACE_OF_STRANGERS = timedelta(days=1)
# More of them in one engine look like tables that were lost, or like another deployment's.
MOST_STRANGERS = 3


class OrphanReason(models.TextChoices):
    """Why nobody needs it."""

    STRANGER = "stranger", "There is no interview of this name"
    OVER = "over", "Its interview is over"
    OTHER_OPENING = "other_opening", "Its interview goes on in another workspace"


class Orphan(models.Model):
    """A workspace of an engine that no interview needs, from the first look at it until its end."""

    engine = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    why = models.CharField(max_length=20, choices=OrphanReason)
    # Whose it was; empty where there is none.
    interview_id = models.CharField(max_length=100, blank=True)
    # Since when the engine has it; what it wants to be reminded of.
    since = models.DateTimeField()
    state = models.JSONField(default=dict)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    end_at = models.DateTimeField()
    # Who asked to end it now, and without its files if need be; who wanted it kept for longer.
    ended_by = models.CharField(max_length=150, blank=True)
    save_files = models.BooleanField(default=True)
    kept_by = models.CharField(max_length=150, blank=True)
    # Why it could not be ended the last time, and at which step.
    problem = models.CharField(max_length=500, blank=True)
    failed_step = models.CharField(max_length=20, blank=True)
    # The worker that is ending it now.
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
    """The sweep's last look at an engine. `problem`: it could not look, and nothing is ended."""

    engine = models.CharField(primary_key=True, max_length=30)
    # The last time that it could, and how many workspaces there were.
    at = models.DateTimeField(null=True)
    held = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.engine


def open_orphans() -> models.QuerySet[Orphan]:
    return Orphan.objects.filter(ended_at=None)


def free(at: datetime) -> models.Q:
    """What no worker is ending. Of the row alone: two writes under it are not both done."""
    return models.Q(lease_until=None) | models.Q(lease_until__lte=at)


def engines_by_hand() -> set[str]:
    """The engines whose strangers are too many to be ended by themselves."""
    counts = (
        open_orphans()
        .filter(why=OrphanReason.STRANGER)
        .order_by()
        .values("engine")
        .annotate(count=models.Count("pk"))
        .filter(count__gt=MOST_STRANGERS)
    )
    return set(counts.values_list("engine", flat=True))


def due(at: datetime) -> models.QuerySet[Orphan]:
    """Those whose time has come and that no worker is ending."""
    by_hand = models.Q(why=OrphanReason.STRANGER, engine__in=engines_by_hand(), ended_by="")
    return open_orphans().filter(free(at), end_at__lte=at).exclude(by_hand)


def counts() -> dict[str, int]:
    """How many there are, by engine; none of an engine that is looked at is said too."""
    looked_at = EngineLook.objects.values_list("engine", flat=True)
    found = dict.fromkeys([settings.PROVISIONER, *looked_at], 0)
    rows = open_orphans().order_by().values("engine").annotate(count=models.Count("pk"))
    return found | {row["engine"]: row["count"] for row in rows}
