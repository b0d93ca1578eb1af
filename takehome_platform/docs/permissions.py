"""`python -m takehome_platform.docs.permissions`: writes docs/permissions.md from the URL patterns.

The page lists every URL with its permission and the roles that have it. A test compares the two,
and thereby fails for a page of the dashboard without a permission.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import django
from django.urls.resolvers import URLPattern, URLResolver

from takehome_platform.local_stack.config import ROOT

PAGE = ROOT / "docs" / "permissions.md"

# Pages of the dashboard without a permission, because they are for signing in and out.
PUBLIC_PAGES = {
    *("/login/", "/login/code/", "/login/sso/", "/login/sso/finish/", "/logout/"),
    "/password/<uidb64>/<token>/",
}

INTRODUCTION = """\
# Permissions

<!-- Made from the URL patterns by: make docs -->

A role is a Django group. `ROLES` in `dashboard/permissions/roles.py` says which permissions it has,
and pages, API, event stream and admin all ask `Actor.may`. A page names its permission with
`@require` (`dashboard/permissions/decorators.py`), an endpoint of the API with `@needs`
(`dashboard/api/auth.py`). A superuser has every permission; an API token has those of its role.
With `REQUIRE_SECOND_FACTOR` a session by password has none before
[two-step sign-in](two-step-sign-in.md) is set up: `dashboard/second_factor/requirement.py` hides
the person from every view but those under `/profile/two-step/`.

On the pages that a viewer may open there is no link and no password of a candidate, and no button
for an action that the role does not have. `Permission.SEE_CREDENTIALS` decides who sees links and
passwords, and `dashboard/permissions/credentials.py` in which statuses they are shown at all.
"""

OPEN_ENDPOINTS = """\
## Without a role

| URL | who may open it |
|---|---|
| `/take-home/<passcode>/...`, `/interview/<passcode>/...`, and the candidate's endpoints of the API | anyone with the passcode; `candidate_portal/access.py` checks it and limits wrong guesses |
| `/login/...`, `/logout/` | anyone |
| `/password/<uidb64>/<token>/`, to set a password | anyone with the link, once, for 3 days |
| `/brand/...`: the company's logo and color | anyone |
| `/api/events` | a candidate with the passcode, for that interview alone; staff with *view_interviews*, for all: `takehome_platform/sse_authorization.py` |
| `/api/docs` | staff with *view_interviews* |
| `/api/openapi.json` | staff with *view_interviews*, and tokens with it |
| `/healthz`, `/readyz` | anyone |
| `/metrics` | anyone with `METRICS_TOKEN` |
| `/admin/...` | staff with *view_interviews*; a class in `dashboard/admin/` may ask for more |
"""  # noqa: E501


class UnmarkedPageError(Exception):
    """A page of the dashboard has no permission; the message is its URL."""


@dataclass(frozen=True)
class Route:
    url: str
    permission: str | None


def dashboard_routes() -> list[Route]:
    """The pages of the dashboard, in the order of their URL patterns.

    Raises:
        UnmarkedPageError: if a page is neither public nor marked with `@require`.
    """
    from dashboard import urls  # only after django.setup()

    routes = list(_routes(urls.urlpatterns, "/"))
    for route in routes:
        if route.permission is None and route.url not in PUBLIC_PAGES:
            raise UnmarkedPageError(route.url)
    return routes


def _routes(patterns: Iterable[object], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, f"{prefix}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            permission = getattr(pattern.callback, "permission", None)
            yield Route(f"{prefix}{pattern.pattern}", permission)


def api_routes() -> list[Route]:
    """The endpoints of the API by method and URL; the candidate's have no permission."""
    from takehome_platform.api.app import api  # only after django.setup()

    return [
        Route(f"{method} /api{path}", getattr(operation.view_func, "permission", None))
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def render_page() -> str:
    """Render the page as Markdown."""
    from dashboard.permissions.roles import ROLES, TITLES  # only after django.setup()

    def roles_with(permission: str) -> str:
        return ", ".join(role for role, granted in ROLES.items() if permission in granted)

    def table(heading: str, routes: list[Route]) -> list[str]:
        rows = [
            f"| `{route.url}` | {route.permission} | {roles_with(route.permission)} |"
            for route in routes
            if route.permission is not None
        ]
        return ["", f"## {heading}", "", "| URL | permission | roles |", "|---|---|---|", *rows]

    lines = [INTRODUCTION, "| permission | allows to | roles |", "|---|---|---|"]
    for permission, title in TITLES.items():
        lines.append(f"| {permission} | {title} | {roles_with(permission)} |")
    lines += table("Pages", dashboard_routes())
    lines += table("API", api_routes())
    return "\n".join(lines) + "\n\n" + OPEN_ENDPOINTS


def main() -> int:
    # Nothing is signed and no store is opened, so any key will do.
    os.environ.setdefault("SECRET_KEY", "only-to-render-the-documentation-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "takehome_platform.settings")
    django.setup()
    try:
        PAGE.write_text(render_page())
    except UnmarkedPageError as error:
        sys.stderr.write(f"{error} has no permission: mark its view with @require\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
