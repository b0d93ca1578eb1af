"""The dashboard's addresses. All but the sign-in and the sign-out are for staff."""

from django.urls import path

from dashboard import log_views, sign_in, views

app_name = "dashboard"
urlpatterns = [
    path("", views.take_homes, name="take-homes"),
    path("ended/", views.take_homes_ended, name="take-homes-ended"),
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("interviews/invite/", views.invite, name="invite"),
    path("interviews/invite/form/", views.invite_form, name="invite-form"),
    path("interviews/<str:interview_id>/row/", views.row, name="row"),
    path("interviews/<str:interview_id>/revoke/", views.revoke, name="revoke"),
    path("interviews/<str:interview_id>/end/", views.end, name="end"),
    path(
        "interviews/<str:interview_id>/end-without-saving/",
        views.end_without_saving,
        name="end-without-saving",
    ),
    path("interviews/<str:interview_id>/retry/", views.retry, name="retry"),
    path("interviews/<str:interview_id>/logs/", log_views.logs, name="logs"),
    path("operations/<str:operation_id>/lines/", log_views.lines, name="lines"),
]
