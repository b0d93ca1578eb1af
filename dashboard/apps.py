"""App configurations of the dashboard and of Django's admin with the platform's own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("Interviews and team")

    def ready(self) -> None:
        from django.contrib.auth.models import User

        from dashboard.audit import signals
        from dashboard.auth.usernames import refuse_reserved_username
        from dashboard.permissions.groups import update_roles

        signals.listen()
        # Every form and command that names a user asks the field's validators.
        User._meta.get_field("username").validators.append(refuse_reserved_username)
        # After Django's own receivers, which make the content types.
        post_migrate.connect(update_roles, sender=self, dispatch_uid="dashboard.update_roles")


class TeamAdminConfig(AdminConfig):
    # Beside `dashboard.admin`, not in it: importing that package registers records, which loads the
    # site, and they would end up in a second site that nothing serves.
    default_site = "dashboard.admin_site.TeamAdminSite"
