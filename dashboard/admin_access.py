"""Who may do what in Django's admin: the permissions of everywhere, not those of its models."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dashboard.access import may
from dashboard.roles import Permission


class Guarded(admin.ModelAdmin):  # type: ignore[type-arg]
    """Seen by who may `sees`, changed by who may `changes`; None: by nobody, here."""

    sees: Permission = Permission.VIEW
    changes: Permission | None = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, self.sees)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, self.sees)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not what no page shows: a filter typed into the address would tell it bit by bit. Nor a
        sign that PostgreSQL has no text for."""
        is_shown = lookup.partition("__")[0] not in (self.exclude or ())
        return is_shown and "\x00" not in value and super().lookup_allowed(lookup, value, request)

    def _may_change(self, request: HttpRequest) -> bool:
        return self.changes is not None and may(request, self.changes)
