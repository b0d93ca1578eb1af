"""The URLs of the candidate's page and its actions."""

from django.urls import path

from candidate_portal import accessibility, branding, practice_views, views
from interviews.attributes import LIVE

# The passcode of a take-home test opens none of these.
FOR_LIVE = {"type_": LIVE}

app_name = "candidate_portal"
urlpatterns = [
    path("accessibility/", accessibility.statement, name="accessibility"),
    path("brand/<str:name>", branding.logo, name="logo"),
    path("brand/color/<str:color>.css", branding.color, name="brand-color"),
    path("take-home/<str:passcode>/", views.page, name="page"),
    path("interview/<str:passcode>/", views.page, FOR_LIVE, name="live"),
    path("take-home/<str:passcode>/open", views.open_workspace, name="open"),
    path("interview/<str:passcode>/open", views.open_workspace, FOR_LIVE, name="live-open"),
    path("take-home/<str:passcode>/files", views.files, name="files"),
    path("interview/<str:passcode>/files", views.files, FOR_LIVE, name="live-files"),
    path("take-home/<str:passcode>/start", views.start, name="start"),
    path("take-home/<str:passcode>/submit", views.submit, name="submit"),
    path("take-home/<str:passcode>/retry", views.retry, name="retry"),
    path("take-home/<str:passcode>/leave-line", views.leave_line, name="leave-line"),
    path("take-home/<str:passcode>/practice", practice_views.start, name="practice"),
    path("take-home/<str:passcode>/practice/end", practice_views.end, name="practice-end"),
    path("take-home/<str:passcode>/practice/open", practice_views.open_, name="practice-open"),
    path("interview/<str:passcode>/practice", practice_views.start, FOR_LIVE, name="live-practice"),
    path(
        "interview/<str:passcode>/practice/end",
        practice_views.end,
        FOR_LIVE,
        name="live-practice-end",
    ),
    path(
        "interview/<str:passcode>/practice/open",
        practice_views.open_,
        FOR_LIVE,
        name="live-practice-open",
    ),
    path("take-home/<str:passcode>/problem", views.problem, name="problem"),
    path("interview/<str:passcode>/problem", views.problem, FOR_LIVE, name="live-problem"),
    path("take-home/<str:passcode>/feedback", views.feedback, name="feedback"),
    path("interview/<str:passcode>/feedback", views.feedback, FOR_LIVE, name="live-feedback"),
    path("take-home/<str:passcode>/seen", views.seen, name="seen"),
    path("interview/<str:passcode>/seen", views.seen, FOR_LIVE, name="live-seen"),
]
