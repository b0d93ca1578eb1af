"""The URLs of the candidate's page and its actions."""

from django.urls import path

from candidate_portal import accessibility, branding, practice_views, views

app_name = "candidate_portal"
urlpatterns = [
    path("accessibility/", accessibility.statement, name="accessibility"),
    path("brand/<str:name>", branding.logo, name="logo"),
    path("brand/color/<str:color>.css", branding.color, name="brand-color"),
    path("take-home/<str:passcode>/", views.page, name="page"),
    path("interview/<str:passcode>/", views.live, name="live"),
    path("take-home/<str:passcode>/open", views.open_workspace, name="open"),
    path("interview/<str:passcode>/open", views.live_open_workspace, name="live-open"),
    path("take-home/<str:passcode>/files", views.files, name="files"),
    path("interview/<str:passcode>/files", views.live_files, name="live-files"),
    path("take-home/<str:passcode>/start", views.start, name="start"),
    path("take-home/<str:passcode>/submit", views.submit, name="submit"),
    path("take-home/<str:passcode>/retry", views.retry, name="retry"),
    path("take-home/<str:passcode>/practice", practice_views.start, name="practice"),
    path("take-home/<str:passcode>/practice/end", practice_views.end, name="practice-end"),
    path("take-home/<str:passcode>/practice/open", practice_views.open_, name="practice-open"),
    path("interview/<str:passcode>/practice", practice_views.live_start, name="live-practice"),
    path(
        "interview/<str:passcode>/practice/end", practice_views.live_end, name="live-practice-end"
    ),
    path(
        "interview/<str:passcode>/practice/open",
        practice_views.live_open,
        name="live-practice-open",
    ),
    path("take-home/<str:passcode>/problem", views.problem, name="problem"),
    path("interview/<str:passcode>/problem", views.live_problem, name="live-problem"),
    path("take-home/<str:passcode>/feedback", views.feedback, name="feedback"),
    path("interview/<str:passcode>/feedback", views.live_feedback, name="live-feedback"),
    path("take-home/<str:passcode>/seen", views.seen, name="seen"),
    path("interview/<str:passcode>/seen", views.live_seen, name="live-seen"),
]
