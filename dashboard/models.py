"""Models of the dashboard: API tokens, single sign-on and the audit trail.

DynamoDB records have unmanaged models here, without a table: Django's permissions and its admin
work with models.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from dashboard.permissions.roles import ROLES, TITLES


class InterviewRecord(models.Model):
    """An interview in the admin. The staff permissions belong to this model."""

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(permission.value, title) for permission, title in TITLES.items()]
        verbose_name = "interview"

    def __str__(self) -> str:
        return self.id


class OperationRecord(models.Model):
    """An operation in the admin."""

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = "operation"

    def __str__(self) -> str:
        return self.id


class ChallengeRecord(models.Model):
    """A challenge in the admin."""

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = "challenge"

    def __str__(self) -> str:
        return self.id


class ApiToken(models.Model):
    """A machine's key to the API.

    Only its hash is stored; the key is shown once, when it is created.
    """

    name = models.CharField(max_length=100, unique=True, help_text="Shown in timelines and audit.")
    role = models.CharField(max_length=30, choices=[(role, role) for role in ROLES])
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="How the token begins.")
    created_by = models.CharField(max_length=150, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = "API token"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class SingleSignOn(models.Model):
    """The user that a subject of the OpenID Connect provider signs in as."""

    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        verbose_name = "single sign-on"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_per_subject")
        ]

    def __str__(self) -> str:
        return self.subject


class Appended(models.QuerySet[Any]):
    """Rows that can only be added and read."""

    def update(self, **changes: Any) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

    def delete(self) -> NoReturn:
        raise TypeError("The audit trail is only added to.")

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert rows.

        Raises:
            TypeError: if the options could overwrite rows.
        """
        if kwargs.get("update_conflicts"):
            raise TypeError("The audit trail is only added to.")
        return super().bulk_create(objs, *args, **kwargs)


class AuditEntry(models.Model):
    """Who did what to which interview, when, and from where."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=150, db_index=True)
    what = models.CharField(max_length=40, db_index=True)
    interview_id = models.CharField(max_length=100, blank=True, db_index=True)
    # The target if it is not an interview: challenge, token, webhook or user.
    target = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=45, blank=True)
    via = models.CharField(max_length=10)

    objects = Appended.as_manager()

    class Meta:
        # Django's own operations, such as cascading deletes, use the append-only manager as well.
        base_manager_name = "objects"
        ordering = ("-at", "-id")
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.what} {self.interview_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert a new row.

        Raises:
            TypeError: if the row was saved before.
        """
        if self.pk is not None:
            raise TypeError("The audit trail is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse every deletion.

        Raises:
            TypeError: in every case.
        """
        raise TypeError("The audit trail is only added to.")
