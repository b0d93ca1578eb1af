"""The audit log in the admin, read only."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from dashboard.admin.base import Guarded
from dashboard.audit import labels
from dashboard.permissions.roles import Permission
from operations.audit.models import AuditEntry


class Labelled(admin.AllValuesFieldListFilter):
    """A filter whose choices have the labels of the list."""

    label: Callable[[str], str]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield everything
        for choice in others:
            yield {**choice, "display": self.label(str(choice["display"]))}


class What(Labelled):
    label = staticmethod(labels.label)


class Via(Labelled):
    label = staticmethod(labels.source_label)


@admin.register(AuditEntry)
class AuditAdmin(Guarded):
    sees = Permission.SEE_AUDIT
    list_display = ("at", "actor", "done", "interview_id", "target", "detail", "address", "source")
    list_filter = (("what", What), ("via", Via), "at")
    fields = list_display
    readonly_fields = ("at", "done", "source")
    search_fields = ("=actor", "=interview_id", "target", "detail")
    search_help_text = _("Exact person or interview ID, or part of a target or detail.")
    date_hierarchy = "at"
    # Counting a table that only grows takes longer and longer.
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description=_("action"), ordering="what")
    def done(self, entry: AuditEntry) -> str:
        return labels.label(entry.what)

    @admin.display(description=_("source"), ordering="via")
    def source(self, entry: AuditEntry) -> str:
        return labels.source_label(entry.via)
