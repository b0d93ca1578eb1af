"""Webhooks in Django's admin, read only. Their own pages change them."""

from django.contrib import admin

from dashboard.admin.base import Guarded
from dashboard.permissions.roles import Permission
from operations.webhooks.models import Delivery, Webhook


@admin.register(Webhook)
class WebhookAdmin(Guarded):
    sees = Permission.ADMINISTER
    # Secrets are never shown here.
    exclude = ("secret", "old_secret")
    list_display = ("name", "url", "is_active", "failing_since", "created_by", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "url")


@admin.register(Delivery)
class DeliveryAdmin(Guarded):
    sees = Permission.ADMINISTER
    exclude = ("lease",)
    list_display = ("created_at", "webhook", "event", "interview_id", "state", "attempts", "error")
    list_filter = ("state", "webhook", "event")
    list_select_related = ("webhook",)
    search_fields = ("interview_id",)
    date_hierarchy = "created_at"
