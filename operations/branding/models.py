"""The one row of what administrators chose on the page *Branding*."""

from django.db import models

MAX_NAME = 60
MAX_CONTACT = 254


class BrandRecord(models.Model):
    """There is no row, or one whose key is 1. An empty field means the setting, or the default."""

    ONLY_ID = 1

    company_name = models.CharField(max_length=MAX_NAME, blank=True, default="")
    contact = models.CharField(max_length=MAX_CONTACT, blank=True, default="")
    # Such as #2a4fc4.
    color = models.CharField(max_length=7, blank=True, default="")
    logo = models.BinaryField(null=True)
    # A MIME type that `logos` accepts, and the name under which browsers keep the logo for good:
    # it is made from the content.
    logo_type = models.CharField(max_length=20, blank=True, default="")
    logo_name = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.company_name or "(default)"
