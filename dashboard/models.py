"""Models of the dashboard: API tokens, single sign-on, and when people were last seen.

DynamoDB records have unmanaged models here, without a table: Django's permissions and its admin
work with models.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class InterviewRecord(models.Model):
    """An interview in the admin. The staff permissions belong to this model.

    `permissions.groups` stores them, so that a new permission needs no schema migration.
    """

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")

    def __str__(self) -> str:
        return self.id


class OperationRecord(models.Model):
    """An operation in the admin."""

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("operation")
        verbose_name_plural = _("operations")

    def __str__(self) -> str:
        return self.id


class ChallengeRecord(models.Model):
    """A challenge in the admin."""

    id = models.CharField(primary_key=True, max_length=100)

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    def __str__(self) -> str:
        return self.id


class ApiToken(models.Model):
    """A machine's key to the API.

    Only its hash is stored; the key is shown once, when it is created.
    """

    name = models.CharField(max_length=100, unique=True, help_text="Shown in timelines and audit.")
    # Checked where a token is made. As `choices`, each new role would be a schema migration.
    role = models.CharField(max_length=30)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="How the token begins.")
    created_by = models.CharField(max_length=150, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class SingleSignOn(models.Model):
    """The user that a subject of the OpenID Connect provider signs in as."""

    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("single sign-on")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_per_subject")
        ]

    def __str__(self) -> str:
        return self.subject


class Profile(models.Model):
    """What people choose for themselves, beside what Django's user has."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    # The zone of all times on pages; "" is the browser's.
    time_zone = models.CharField(max_length=64, default="", db_default="", blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.time_zone or 'the zone of the browser'}"


class LastSeen(models.Model):
    """When a person last used the dashboard, to within some minutes, and in which language."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="last_seen"
    )
    at = models.DateTimeField()
    # For e-mails to the person.
    language = models.CharField(max_length=10, default="", db_default="", blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.at:%Y-%m-%d %H:%M}"
