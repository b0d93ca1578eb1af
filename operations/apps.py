"""A setting that cannot work is found when the platform starts, not by its first candidate."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        checks.register(check_provisioner)


def check_provisioner(**_: Any) -> list[checks.CheckMessage]:
    """Is there an engine of the name that PROVISIONER says, and may it be used here?"""
    try:
        provisioners.get(settings.PROVISIONER)
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="operations.E001")]
    return []
