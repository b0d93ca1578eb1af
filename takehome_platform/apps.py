"""Signal handlers and initial metrics that every process needs, whichever program it runs."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "takehome_platform"

    def ready(self) -> None:
        # Imported here because they read the settings and register themselves.
        from operations.lifecycle import OperationType
        from operations.monitoring import metrics
        from takehome_platform.checks import oidc, settings, zone_data  # noqa: F401
        from takehome_platform.observability import celery_signals  # noqa: F401

        metrics.initialize_series([type_.value for type_ in OperationType])
