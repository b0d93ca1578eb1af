"""Access to Django's admin by the platform's permissions instead of those of each model."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission

# Lookups that the sidebar's filters and the date hierarchy use.
HOW = {"", "exact", "isnull", "isempty", "id__exact", "gte", "lt", "year", "month", "day"}


class Guarded(admin.ModelAdmin):  # type: ignore[type-arg]
    """Visible with the permission `sees`, editable with `changes`; None makes it read-only for
    everyone.
    """

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
        """Allow only the lookups that the list itself offers.

        A filter typed into the URL could reveal hidden fields bit by bit, and most others make the
        database raise an error.
        """
        filters = self.get_list_filter(request)
        offered = {each[0] if isinstance(each, tuple) else each for each in filters}
        field, _, how = lookup.partition("__")
        is_offered = field in offered | {self.date_hierarchy} and how in HOW
        # PostgreSQL cannot store NUL in text.
        return is_offered and "\x00" not in value and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Report an impossible date in the URL as an invalid lookup."""
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def _may_change(self, request: HttpRequest) -> bool:
        return self.changes is not None and may(request, self.changes)
