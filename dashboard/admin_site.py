"""The admin site at /admin/, for staff with a role, styled like the dashboard."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission


class TeamAdminSite(AdminSite):
    site_header = site_title = "Takehome Platform"
    index_title = "Admin"
    # The header and the breadcrumbs are the navigation.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request, Permission.VIEW)
