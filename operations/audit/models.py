"""The table of the audit trail: rows are added and read, never changed or deleted."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

READ_ONLY = "The audit trail is only added to."


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that can be added and read, and nothing else."""

    def update(self, **changes: Any) -> NoReturn:
        raise TypeError(READ_ONLY)

    def delete(self) -> NoReturn:
        raise TypeError(READ_ONLY)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Add rows.

        Raises:
            TypeError: if existing rows would be overwritten.
        """
        if kwargs.get("update_conflicts"):
            raise TypeError(READ_ONLY)
        return super().bulk_create(objs, *args, **kwargs)


class AuditEntry(models.Model):
    """Who did what to which interview, when, and from where."""

    at = models.DateTimeField(_("date and time"), auto_now_add=True, db_index=True)
    actor = models.CharField(_("person"), max_length=150, db_index=True)
    # An AuditAction, or a code of an earlier version.
    what = models.CharField(_("action"), max_length=40, db_index=True)
    interview_id = models.CharField(_("interview ID"), max_length=100, blank=True, db_index=True)
    # What is not an interview: a challenge, token, webhook or user.
    target = models.CharField(_("target"), max_length=200, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    # A Channel.
    via = models.CharField(_("source"), max_length=10)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        # The table, its permissions and its page in the admin belong to the dashboard since before
        # the actions wrote the entries.
        app_label = "dashboard"
        # Django uses the base manager for cascading deletions, which must fail as well.
        base_manager_name = "objects"
        ordering = ("-at", "-id")
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.what} {self.interview_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add this row.

        Raises:
            TypeError: if it was saved before.
        """
        if self.pk is not None:
            raise TypeError(READ_ONLY)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse, always.

        Raises:
            TypeError: always.
        """
        raise TypeError(READ_ONLY)
