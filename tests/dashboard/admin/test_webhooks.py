"""Webhooks in Django's admin, read only."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import path

from dashboard.admin import webhooks
from takehome_platform import urls
from tests.dashboard.webhooks import SECRET, make_delivery, make_webhook

# The admin's addresses as they are with those registered, whoever came first.
urlpatterns = [path("admin/", admin.site.urls), *urls.urlpatterns]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def delivery(db):
    return make_delivery(make_webhook(old_secret=SECRET + "old"))


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


def lists():
    return ["/admin/operations/webhook/", "/admin/operations/delivery/"]


def rows(delivery):
    return [f"{lists()[0]}{delivery.webhook.pk}/change/", f"{lists()[1]}{delivery.pk}/change/"]


def test_admin_shows_webhooks_and_messages_without_a_secret(root, delivery):
    for address in [*lists(), *rows(delivery)]:
        response = root.get(address)
        assert response.status_code == 200, address
        assert SECRET not in response.text


def test_admin_changes_nothing(root, delivery):
    for address in rows(delivery):
        assert root.post(address, {"name": "x"}).status_code == 403
        gone = address.replace("change", "delete")
        assert root.post(gone, {"post": "yes"}).status_code == 403
    for address in lists():
        assert root.get(f"{address}add/").status_code == 403


def test_outsider_is_kept_out(client, outsider, delivery):
    client.force_login(outsider)
    for address in [*lists(), *rows(delivery)]:
        assert client.get(address).status_code == 302


def test_both_are_there():
    shown = {model._meta.model_name for model in admin.site._registry}
    assert {"webhook", "delivery"} <= shown
    assert webhooks.WebhookAdmin.exclude == ("secret", "old_secret")
