"""Django's admin as an installed app, with the platform's own site in it."""

from django.contrib.admin.apps import AdminConfig


class TeamAdminConfig(AdminConfig):
    default_site = "dashboard.admin_site.TeamAdminSite"
