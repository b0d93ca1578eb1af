"""E-mails and files of candidates in Django's admin: to be read there."""

from django.contrib import admin

from dashboard.admin_access import Guarded
from dashboard.roles import Permission
from operations.batches import Batch, BatchRow
from operations.mail.models import Message


@admin.register(Message)
class MessageAdmin(Guarded):
    list_display = ("created_at", "kind", "to", "interview_id", "state", "attempts", "error")
    list_filter = ("state", "kind")
    search_fields = ("to", "interview_id")
    date_hierarchy = "created_at"


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
