"""The admin site at /admin/, for staff with a role, styled like the dashboard."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dashboard.permissions.decorators import may, origin
from dashboard.permissions.roles import Permission
from interviews.local_time import zone_data
from operations import audit


class TeamAdminSite(AdminSite):
    site_header = site_title = "Takehome Platform"
    index_title = _("Admin")
    # The header and the breadcrumbs are the navigation.
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        """Without "view on site": no record has such a page, and most have no table to look in."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"zone_data": zone_data.describe()}

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request, Permission.VIEW)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Attribute what the view does to the person, in the audit trail."""

        @wraps(view)
        def attributed(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with audit.acting_as(origin(request)):
                return view(request, *args, **kwargs)

        return super().admin_view(attributed, cacheable)
