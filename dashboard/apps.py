"""The dashboard as a Django app: what it is called in the admin, and what it listens to."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Interviews and team"

    def ready(self) -> None:
        from dashboard import audit_signals

        audit_signals.listen()
