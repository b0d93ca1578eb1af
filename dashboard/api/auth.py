"""Authentication of the staff API: tokens and sessions, and the permission of each endpoint."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf, contribute_operation_callback

from dashboard.auth.api_tokens import actor_of_token
from dashboard.permissions.decorators import may, origin
from dashboard.permissions.roles import ROLES, TITLES, Actor, Permission
from dashboard.second_factor.requirement import person_setting_up
from operations import audit
from operations.exceptions import InvalidInputError

F = TypeVar("F", bound=Callable[..., Any])


class SecondFactorRequiredError(Exception):
    """This session is good for nothing but setting up a second factor."""


class TokenAuth(HttpBearer):
    """A token of a machine. It reads no cookie, so it needs no CSRF token."""

    openapi_description = "A token of `manage.py create_api_token`. It starts with `thp_`."

    def __init__(self, permission: Permission = Permission.VIEW) -> None:
        super().__init__()
        self._permission = permission

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Replace ninja's check, which logs other schemes' headers in DEBUG mode, passwords
        included.
        """
        scheme, _, token = request.headers.get(self.header, "").partition(" ")
        return self.authenticate(request, token) if scheme.lower() == "bearer" else None

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The actor of a token.

        Raises:
            AuthenticationError: (401) if the token is unknown or revoked.
            AuthorizationError: (403) if its role lacks the permission.
        """
        actor = actor_of_token(token)
        if actor is None:
            raise AuthenticationError(401, _("This token is unknown or was revoked."))
        request.actor = actor  # type: ignore[attr-defined]
        _refuse_lesser_role(request, self._permission)
        return actor


class SessionAuth(APIKeyCookie):
    """The dashboard's session, with a CSRF token for every write."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "A signed-in browser, with `X-CSRFToken` for every change."

    def __init__(self, permission: Permission = Permission.VIEW) -> None:
        super().__init__()
        self._permission = permission

    def __call__(self, request: HttpRequest) -> User:
        """The signed-in user.

        Raises:
            SecondFactorRequiredError: (403) if they must set up a second factor first.
            AuthenticationError: (401) if no user is signed in.
            AuthorizationError: (403) if their role lacks the permission.
        """
        user = request.user
        if person_setting_up(request) is not None:
            raise SecondFactorRequiredError
        if not user.is_authenticated:
            raise AuthenticationError(401, _("Sign in first, at /login/."))
        if not may(request, Permission.VIEW):
            raise AuthorizationError(403, _("Only staff with a role may do this."))
        # Check the role first: the CSRF check reads the whole body.
        _refuse_lesser_role(request, self._permission)
        if check_csrf(request) is not None:
            raise AuthorizationError(
                403,
                _("The CSRF token is missing or wrong. Send the csrftoken cookie as X-CSRFToken."),
            )
        return user

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        return self(request)


# ninja names the security schemes of /api/openapi.json after the classes. Clients are generated
# from those names, so they stay as they were.
TokenAuth.__name__, SessionAuth.__name__ = "Machine", "StaffSession"


def needs(permission: Permission) -> Callable[[F], F]:
    """State the permission of an endpoint, and check it before anything of the request is read.

    The audit trail attributes what the endpoint does to the person or the token.

    Raises:
        AuthorizationError: (403) if the role lacks the permission.
        InvalidInputError: if the query string has an unknown parameter.
    """

    def decorate(endpoint: F) -> F:
        known: set[str] = set()

        @wraps(endpoint)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _refuse_lesser_role(request, permission)
            # Refuse unknown filters: ignoring one would return far more than was requested.
            for name in request.GET.keys() - known:
                raise InvalidInputError(
                    name, _("There's no parameter “%(name)s” here.") % {"name": name[:50]}
                )
            with audit.acting_as(origin(request)):
                return endpoint(request, *args, **kwargs)

        def set_up(operation: Any) -> None:
            operation.auth_param = [TokenAuth(permission), SessionAuth(permission)]
            operation.auth_callbacks = operation.auth_param
            for model in operation.models:
                if model.__ninja_param_source__ == "query":
                    known.update(model.__ninja_flatten_map__)

        contribute_operation_callback(checked, set_up)
        checked.permission = permission  # type: ignore[attr-defined]
        checked.__doc__ = f"{inspect.getdoc(endpoint)}\n\n{_for_whom(permission)}"
        return cast(F, checked)

    return decorate


def _refuse_lesser_role(request: HttpRequest, permission: Permission) -> None:
    if not may(request, permission):
        raise AuthorizationError(
            403,
            _("Your role doesn't have the permission “%(permission)s”.")
            % {"permission": TITLES[permission]},
        )


def _for_whom(permission: Permission) -> str:
    """The permission, for the OpenAPI description of the endpoint."""
    roles = ", ".join(role for role in ROLES if permission in ROLES[role])
    with override("en"):
        return f"*Permission: {TITLES[permission]}. Roles: {roles}.*"
