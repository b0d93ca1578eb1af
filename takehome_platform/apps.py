"""The wiring that must be in place in every process, whichever program it runs."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "takehome_platform"

    def ready(self) -> None:
        # Only now: these read the settings, and register themselves.
        from operations import metrics
        from operations.lifecycle import OperationType
        from takehome_platform.observability import celery_signals  # noqa: F401

        metrics.initialize_series([type_.value for type_ in OperationType])
