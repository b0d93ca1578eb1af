"""A setting that cannot work is found when the platform starts, not by its first candidate."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners

SQL_MODELS = (
    "operations.bulk_import.models",
    "operations.mail.models",
    "operations.reaper.models",
    "operations.webhooks.models",
)


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "Messages and webhooks"

    def import_models(self) -> None:
        """The tables of the SQL database lie beside the rules that own them."""
        super().import_models()
        for module in SQL_MODELS:
            import_module(module)

    def ready(self) -> None:
        checks.register(check_provisioner)


def check_provisioner(**_: Any) -> list[checks.CheckMessage]:
    """Is there an engine of the name that PROVISIONER says, and may it be used here?"""
    try:
        provisioners.get_provisioner(settings.PROVISIONER)
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="operations.E001")]
    return []
