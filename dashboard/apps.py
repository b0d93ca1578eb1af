"""App configurations of the dashboard and of Django's admin with the platform's own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Interviews and team"

    def ready(self) -> None:
        from dashboard.audit import signals

        signals.listen()


class TeamAdminConfig(AdminConfig):
    # Beside `dashboard.admin`, not in it: importing that package registers records, which loads the
    # site, and they would end up in a second site that nothing serves.
    default_site = "dashboard.admin_site.TeamAdminSite"
