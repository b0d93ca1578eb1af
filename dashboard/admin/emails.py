"""E-mails and bulk invitations in Django's admin, read only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dashboard.admin.base import Guarded
from dashboard.permissions.decorators import may
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from operations.bulk_import.models import Batch, BatchRow
from operations.mail.models import TO_STAFF, Message
from operations.reviews import hidden_names


@admin.register(Message)
class MessageAdmin(Guarded):
    list_display = ("created_at", "kind", "to", "interview_id", "state", "attempts", "error")
    list_filter = ("state", "kind")
    search_fields = ("to", "interview_id")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Hide messages to staff from everyone but administrators.

        Addresses tell names. No row here says whose challenge hides them, so while one does, there
        is no message for those who do not see its names.
        """
        queryset: QuerySet[Any] = super().get_queryset(request)
        if hidden_names.is_any_hidden_from(viewer_of(request)):
            return queryset.none()
        return (
            queryset if may(request, Permission.ADMINISTER) else queryset.exclude(kind__in=TO_STAFF)
        )


@admin.register(Batch)
class BatchAdmin(Guarded):
    sees = Permission.INVITE
    list_display = ("created_at", "file_name", "created_by", "send_email")
    search_fields = ("file_name", "created_by")
    date_hierarchy = "created_at"


@admin.register(BatchRow)
class BatchRowAdmin(Guarded):
    sees = Permission.INVITE
    list_display = ("batch", "number", "state", "interview_id", "problem", "error")
    list_filter = ("state",)
    list_select_related = ("batch",)
    search_fields = ("interview_id",)
