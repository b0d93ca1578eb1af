"""A file of candidates and its rows, as the SQL database keeps them."""

from django.db import models
from django.utils import timezone

from interviews.events import BatchChanged, publish
from interviews.schemas import MAX_INSTRUCTIONS

MAX_FILE_NAME = 200


class RowStatus(models.TextChoices):
    NEW = "new"
    # Chosen; a worker invites it.
    QUEUED = "wanted"
    DONE = "done"
    FAILED = "failed"


CHOOSABLE = (RowStatus.NEW, RowStatus.FAILED)


class Batch(models.Model):
    """A file of candidates, as it was read, with what holds for all of them."""

    file_name = models.CharField(max_length=MAX_FILE_NAME)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    # Sentences on how the file was read.
    notices = models.JSONField(default=list)

    challenge = models.CharField(max_length=100, blank=True)
    duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    valid_days = models.PositiveIntegerField()
    custom_instructions = models.CharField(max_length=MAX_INSTRUCTIONS, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    send_email = models.BooleanField(default=False)

    # A worker invites its rows, until then at the latest.
    taken_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        indexes = [models.Index(fields=["created_at"], name="batch_age")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"

    def counts(self) -> dict[str, int]:
        """How many rows are there, of each state, with a problem, and there twice."""
        found = {state.value: 0 for state in RowStatus}
        states = self.rows.order_by().values_list("state").annotate(models.Count("pk"))
        found |= dict(states)
        good = self.rows.filter(state__in=CHOOSABLE, problem="")
        return found | {
            "rows": sum(found.values()),
            "good": good.filter(twice="").count(),
            "twice": good.exclude(twice="").count(),
            "problem": self.rows.filter(state__in=CHOOSABLE).exclude(problem="").count(),
        }

    def announce(self) -> None:
        publish(BatchChanged(batch_id=self.pk))


class BatchRow(models.Model):
    """A row of the file. `problem`: why it is no invitation. `twice`: who it seems to be again,
    which staff may overrule."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    # 1 is the first candidate.
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    invitation = models.JSONField(null=True)
    key = models.CharField(max_length=64, blank=True, db_index=True)
    problem = models.TextField(blank=True)
    twice = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=RowStatus, default=RowStatus.NEW, db_index=True)
    wanted_by = models.CharField(max_length=150, blank=True)
    # Why it was not invited although it was chosen.
    error = models.CharField(max_length=300, blank=True)
    interview_id = models.CharField(max_length=100, blank=True, db_index=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_row_of_a_number"),
            # Whatever happens in the same moment. Who is there twice and was chosen all the same
            # has `twice`; of a deleted interview there is no `key`.
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=("wanted", "done"), twice="") & ~models.Q(key=""),
                name="one_invitation_unasked",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of batch {self.batch_id}"

    @property
    def is_good(self) -> bool:
        return not self.problem and self.state in CHOOSABLE

    def interview_id_to_be(self) -> str:
        """The same each time: of two who invite this row, one creates the interview."""
        begun = int(self.batch.created_at.timestamp())
        return f"takehome-{begun}-b{self.batch_id}r{self.number}"
