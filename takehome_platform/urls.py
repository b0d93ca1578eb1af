"""Which face answers which address; those that machines ask are in `machines.py`."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from dashboard.auth.login import sign_in
from takehome_platform.api.app import api

urlpatterns: list[URLPattern | URLResolver] = [
    # One door, with one lock: the admin's own form counts no attempts.
    path("admin/login/", sign_in),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("candidate_portal.urls")),
    path("", include("dashboard.urls")),
]
