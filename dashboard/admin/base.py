"""Who may do what in Django's admin: the permissions of everywhere, not those of its models."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission

# How the filters in the margin of a list, and the days above it, narrow it by a field.
HOW = {"", "exact", "isnull", "isempty", "id__exact", "gte", "lt", "year", "month", "day"}


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
        """What the list itself offers, and nothing else: a filter typed into the address would tell
        bit by bit what no page shows, and of most that can be typed a database makes an error."""
        filters = self.get_list_filter(request)
        offered = {each[0] if isinstance(each, tuple) else each for each in filters}
        field, _, how = lookup.partition("__")
        is_offered = field in offered | {self.date_hierarchy} and how in HOW
        # PostgreSQL has no text for this sign.
        return is_offered and "\x00" not in value and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Of a day that no calendar has the admin says that it is wrong."""
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def _may_change(self, request: HttpRequest) -> bool:
        return self.changes is not None and may(request, self.changes)
