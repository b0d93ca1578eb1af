"""The root URL patterns; /healthz, /readyz and /metrics are in `infra_endpoints.py`."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from dashboard.auth.login import sign_in
from takehome_platform.api.app import api

urlpatterns: list[URLPattern | URLResolver] = [
    # The admin's own sign-in form has no rate limit.
    path("admin/login/", sign_in),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("candidate_portal.urls")),
    path("", include("dashboard.urls")),
]

handler400 = "takehome_platform.error_pages.bad_request"
handler403 = "takehome_platform.error_pages.permission_denied"
handler404 = "takehome_platform.error_pages.page_not_found"
handler500 = "takehome_platform.error_pages.server_error"
