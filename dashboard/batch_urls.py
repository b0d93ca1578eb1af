"""The addresses below /invitations/."""

from django.urls import path

from dashboard import batch_views as views

urlpatterns = [
    path("", views.invitations, name="batches"),
    path("template.csv", views.template, name="batch-template"),
    path("<int:batch_id>/", views.batch, name="batch"),
    path("<int:batch_id>/invite/", views.invite, name="batch-invite"),
    path("<int:batch_id>/result.csv", views.result, name="batch-result"),
]
