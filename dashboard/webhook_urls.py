"""The addresses below /webhooks/; all of them are for whoever may set up webhooks."""

from django.urls import path

from dashboard import webhook_views as views

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("new/", views.create, name="webhook-create"),
    path("<int:webhook_id>/", views.webhook, name="webhook"),
    path("<int:webhook_id>/change/", views.change, name="webhook-change"),
    path("<int:webhook_id>/test/", views.test, name="webhook-test"),
    path("<int:webhook_id>/on/", views.switch_on, name="webhook-on"),
    path("<int:webhook_id>/off/", views.switch_off, name="webhook-off"),
    path("<int:webhook_id>/secret/", views.roll_secret, name="webhook-secret"),
    path("<int:webhook_id>/delete/", views.delete, name="webhook-delete"),
    path("<int:webhook_id>/resend/", views.resend_given_up, name="webhook-resend-given-up"),
    path("<int:webhook_id>/resend/<uuid:delivery_id>/", views.resend, name="webhook-resend"),
]
