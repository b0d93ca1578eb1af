"""Which face answers which address."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from takehome_platform.api import api
from takehome_platform.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("healthz", healthz),
    path("", include("candidate_portal.urls")),
    path("", include("dashboard.urls")),
]
