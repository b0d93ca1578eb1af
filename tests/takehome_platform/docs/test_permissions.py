"""docs/permissions.md has every URL with the permission that its view is marked with."""

from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from dashboard import urls
from dashboard.permissions.roles import ROLES, VIEWER
from takehome_platform.docs import permissions as permissions_docs
from takehome_platform.docs.permissions import UnmarkedPageError, api_routes, dashboard_routes

# Read-only pages. A new page for viewers has to be added here on purpose.
VIEWER_PAGES = [
    "/",
    "/ended/",
    "/find/",
    "/history/",
    "/history/history.csv",
    "/live/",
    "/profile/",
    "/profile/notices/",
    "/profile/password/",
    "/profile/end-sessions/",
    "/profile/two-step/",
    "/profile/two-step/set-up/",
    "/profile/two-step/codes/",
    "/profile/two-step/off/",
    "/challenges/",
    "/challenges/<str:challenge_id>/",
    "/challenges/<str:challenge_id>/file/",
    "/challenges/<str:challenge_id>/checks/<str:run_id>/",
    "/challenges/<str:challenge_id>/compare/",
    "/challenges/<str:challenge_id>/compare/comparison.csv",
    "/start-times/",
    "/start-times/paused/",
    "/workspaces/",
    "/interviews/<str:interview_id>/row/",
    "/interviews/<str:interview_id>/logs/",
    "/interviews/<str:interview_id>/notice/",
    "/interviews/<str:interview_id>/submission/",
    "/interviews/<str:interview_id>/submission/file/",
    "/interviews/<str:interview_id>/submission/difference/",
    "/interviews/<str:interview_id>/submission/raw/",
    "/interviews/<str:interview_id>/submission/download/",
    "/interviews/<str:interview_id>/submission/files.zip",
    "/interviews/<str:interview_id>/checks/",
    "/interviews/<str:interview_id>/progress/",
    "/interviews/<str:interview_id>/progress/file/",
    "/interviews/<str:interview_id>/progress/difference/",
    "/interviews/<str:interview_id>/progress/raw/",
    "/interviews/<str:interview_id>/progress/download/",
    "/interviews/<str:interview_id>/",
    "/operations/<str:operation_id>/lines/",
]


def test_page_in_docs_is_up_to_date() -> None:
    assert permissions_docs.PAGE.read_text() == permissions_docs.render_page(), (
        "docs/permissions.md is not what the URL patterns say: run make docs"
    )


def test_pages_of_a_viewer() -> None:
    urls_of_viewer = [
        route.url
        for route in dashboard_routes()
        if route.permission is not None and route.permission in ROLES[VIEWER]
    ]
    assert urls_of_viewer == VIEWER_PAGES


def test_public_pages_are_those_of_the_sign_in() -> None:
    public = {route.url for route in dashboard_routes() if route.permission is None}
    assert public == permissions_docs.PUBLIC_PAGES


def test_public_endpoints_are_those_of_the_candidate() -> None:
    assert [route.url for route in api_routes() if route.permission is None] == [
        "GET /api/interviews/by-passcode/{passcode}",
        "POST /api/interviews/{interview_id}/activate",
        "POST /api/interviews/{interview_id}/practice",
        "POST /api/interviews/{interview_id}/practice/end",
        "POST /api/interviews/{interview_id}/leave-line",
    ]


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_page_without_a_permission_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [*urls.urlpatterns, path("forgotten/", _page)]
    monkeypatch.setattr(urls, "urlpatterns", patterns)
    with pytest.raises(UnmarkedPageError, match=r"^/forgotten/$"):
        dashboard_routes()


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command writes, in this process, where Django is set up already."""
    # A second setup would tie the log to this test's stderr, which is closed when it ends.
    monkeypatch.setattr("django.setup", lambda: None)
    page = tmp_path / "permissions.md"
    monkeypatch.setattr(permissions_docs, "PAGE", page)
    return page


def test_command_writes_the_page(page: Path) -> None:
    assert permissions_docs.main() == 0
    assert page.read_text() == permissions_docs.render_page()


def test_command_names_a_page_without_a_permission(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(urls, "urlpatterns", [path("forgotten/", _page)])
    assert permissions_docs.main() == 2
    assert capsys.readouterr().err == (
        "/forgotten/ has no permission: mark its view with @require\n"
    )
    assert not page.exists()
