"""The dashboard as a Django app, and Django's admin with the platform's own site in it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Interviews and team"

    def ready(self) -> None:
        from dashboard.audit import signals

        signals.listen()


class TeamAdminConfig(AdminConfig):
    # Not in `dashboard.admin`: that package needs the app registry that this helps to fill.
    default_site = "dashboard.admin.site.TeamAdminSite"
