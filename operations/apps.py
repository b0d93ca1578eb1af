"""The operations app, and the system check of its engine."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from operations import provisioners
from operations.provisioners.checks import get_check_runner

SQL_MODELS = (
    "operations.admission.models",
    "operations.audit.models",
    "operations.branding.models",
    "operations.bulk_import.models",
    "operations.checks.models",
    "operations.mail.models",
    "operations.mail.texts.models",
    "operations.notices.models",
    "operations.progress.models",
    "operations.reaper.models",
    "operations.reviews.models",
    "operations.webhooks.models",
)


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Messages and webhooks")

    def import_models(self) -> None:
        """Import the SQL models, which are in the packages of the features that own them."""
        super().import_models()
        for module in SQL_MODELS:
            import_module(module)

    def ready(self) -> None:
        checks.register(check_provisioner)


def check_provisioner(**_: Any) -> list[checks.CheckMessage]:
    """Check that the engine in PROVISIONER exists, may be used here, and can run checks.

    A wrong setting must stop the start of the platform, not the first candidate.
    """
    try:
        provisioners.get_provisioner(settings.PROVISIONER)
        get_check_runner(settings.PROVISIONER)
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="operations.E001")]
    return []
