"""The SQL models of a bulk import: a file of candidates and its rows."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interviews.events import BatchChanged, publish
from interviews.schemas.limits import MAX_INSTRUCTIONS

MAX_FILE_NAME = 200


class RowStatus(models.TextChoices):
    NEW = "new", _("Not invited yet")
    # A worker will invite it.
    QUEUED = "wanted", _("Waiting")
    DONE = "done", _("Invited")
    FAILED = "failed", _("Failed")


CHOOSABLE = (RowStatus.NEW, RowStatus.FAILED)


class Batch(models.Model):
    """A file of candidates, with the values that apply to all of its rows."""

    file_name = models.CharField(_("file name"), max_length=MAX_FILE_NAME)
    created_by = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # Sentences for the reader on how the file was read.
    notices = models.JSONField(_("notes"), default=list)

    challenge = models.CharField(_("challenge"), max_length=100, blank=True)
    duration_minutes = models.PositiveIntegerField(_("time limit (minutes)"), null=True, blank=True)
    valid_days = models.PositiveIntegerField(_("days to start"))
    custom_instructions = models.CharField(
        _("instructions"), max_length=MAX_INSTRUCTIONS, blank=True
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    send_email = models.BooleanField(_("sends email"), default=False)

    # The lease of the worker that invites its rows.
    taken_until = models.DateTimeField(_("being processed until"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("bulk invite")
        verbose_name_plural = _("bulk invites")
        indexes = [models.Index(fields=["created_at"], name="batch_age")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"

    def counts(self) -> dict[str, int]:
        """The number of rows in total, by status, with a problem, and of duplicates."""
        by_status = {status.value: 0 for status in RowStatus}
        by_status |= dict(self.rows.order_by().values_list("state").annotate(models.Count("pk")))
        valid = self.rows.filter(state__in=CHOOSABLE, problem="")
        return by_status | {
            "rows": sum(by_status.values()),
            "good": valid.filter(twice="").count(),
            "twice": valid.exclude(twice="").count(),
            "problem": self.rows.filter(state__in=CHOOSABLE).exclude(problem="").count(),
        }

    def announce(self) -> None:
        publish(BatchChanged(batch_id=self.pk))


class BatchRow(models.Model):
    """A row of the file.

    `problem` says why it cannot be invited. `twice` says which invitation it seems to duplicate;
    staff can invite it all the same.
    """

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="rows", verbose_name=_("bulk invite")
    )
    # 1 is the first candidate.
    number = models.PositiveIntegerField(_("number"))
    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(_("cells"))
    invitation = models.JSONField(_("invitation"), null=True)
    key = models.CharField(_("key"), max_length=64, blank=True, db_index=True)
    problem = models.TextField(_("problem"), blank=True)
    twice = models.CharField(_("possible duplicate"), max_length=400, blank=True)
    state = models.CharField(
        _("status"), max_length=10, choices=RowStatus, default=RowStatus.NEW, db_index=True
    )
    wanted_by = models.CharField(_("invited by"), max_length=150, blank=True)
    # Why inviting it failed.
    error = models.CharField(_("error"), max_length=300, blank=True)
    interview_id = models.CharField(_("interview ID"), max_length=100, blank=True, db_index=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of a bulk invite")
        verbose_name_plural = _("rows of bulk invites")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_row_of_a_number"),
            # Holds even if two files are imported at once. A duplicate that staff invited all the
            # same has `twice`, and a row whose interview was deleted has no `key`.
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

    def planned_interview_id(self) -> str:
        """The id of the row's interview, always the same, so that it is created only once."""
        created_at = int(self.batch.created_at.timestamp())
        return f"takehome-{created_at}-b{self.batch_id}r{self.number}"
