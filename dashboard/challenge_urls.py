"""The addresses of the challenge library."""

from django.urls import path

from dashboard import challenge_edit_views, challenge_views

urlpatterns = [
    path("challenges/", challenge_views.library, name="challenges"),
    path("challenges/<str:challenge_id>/", challenge_views.challenge, name="challenge"),
    path("challenges/<str:challenge_id>/edit/", challenge_edit_views.edit, name="challenge-edit"),
    path("challenges/<str:challenge_id>/file/", challenge_views.file, name="challenge-file"),
    path("challenges/<str:challenge_id>/archive/", challenge_views.archive, name="archive"),
    path("challenges/<str:challenge_id>/restore/", challenge_views.restore, name="restore"),
    path("challenges/<str:challenge_id>/dry-run/", challenge_views.dry_run, name="dry-run"),
    path("new-challenge/", challenge_edit_views.create, name="challenge-create"),
    path("new-challenge/text/", challenge_edit_views.text, name="challenge-text"),
]
