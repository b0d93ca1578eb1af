"""The admin at /admin/: for staff with a role, in the look of the dashboard."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission


class TeamAdminSite(AdminSite):
    site_header = site_title = "Takehome Platform"
    index_title = "Admin"
    # The way around is in the header and in the breadcrumbs.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request, Permission.VIEW)
