"""Single sign-on by OpenID Connect, if OIDC_ISSUER is set: to the provider and back.

The library checks state, nonce, PKCE, signature, issuer and audience. `oidc_users` decides who may
sign in. The password form stays available for when the provider is down.
"""

import re
from functools import lru_cache
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import MismatchingStateError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from joserfc.errors import JoseError
from requests import RequestException

from dashboard.auth import oidc_users
from dashboard.auth.login import next_address, refused_page, too_many_page
from dashboard.permissions.decorators import address_of
from dashboard.second_factor.requirement import BY_PROVIDER
from operations import audit, rate_limit
from operations.audit import AuditAction, Channel, Origin

logger = structlog.get_logger(__name__)

# Attempts per minute: each one creates a session, and each denied one an audit entry.
BEGUN = ("single-sign-on", 60)
FINISHED = ("single-sign-on-finish", 60)
SECONDS = 10
# The provider's own keys only: attackers send "none", or sign with our secret as the key.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
NEXT = "sso_next"
ADDRESS = {"email", "email_verified"}

AWAY = _("Single sign-on isn't responding. Try again, or use a password.")
TOO_LATE = _("This sign-in took too long or started in another window. Try again.")
CALLED_OFF = _("The sign-in was cancelled. Try again.")
NOT_VERIFIED = _("We couldn't verify the sign-in. Try again.")


class ProviderError(Exception):
    """The provider's metadata cannot be used."""


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider, which sends the browser back to `finish`."""
    client = _client_or_404()
    if wait := _wait(request, *BEGUN):
        return too_many_page(request, wait)
    back = request.build_absolute_uri(reverse("dashboard:sso-finish"))
    try:
        _metadata(client)
        answer: HttpResponse = client.authorize_redirect(request, back)
    except (RequestException, ValueError, ProviderError) as error:
        logger.warning("sso_away", error=type(error).__name__)
        return refused_page(request, str(AWAY), status=503)
    request.session[NEXT] = next_address(request)
    return answer


@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Handle the provider's response. The user is signed in only after every check has passed."""
    client = _client_or_404()
    if wait := _wait(request, *FINISHED):
        return too_many_page(request, wait)
    try:
        user = _person(request, _claims(client, request))
    except MismatchingStateError:
        return _refused(request, str(TOO_LATE), 400, "state")
    except AuthlibBaseError as error:
        message = CALLED_OFF if error.error == "access_denied" else NOT_VERIFIED
        return _refused(request, str(message), 403, _code(error.error))
    except (RequestException, ProviderError) as error:
        logger.warning("sso_away", error=type(error).__name__)
        return refused_page(request, str(AWAY), status=503)
    except (JoseError, ValueError) as error:
        return _refused(request, str(NOT_VERIFIED), 403, type(error).__name__)
    except oidc_users.SignInDenied as error:
        return _refused(request, str(error), 403, error.reason, error.who)
    next_url = request.session.pop(NEXT, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    # The provider has a second step of its own, if the company wants one.
    request.session[BY_PROVIDER] = True
    return redirect(next_url or next_address(request))


def _person(request: HttpRequest, claims: dict[str, Any]) -> User:
    """Return the user for these claims. The audit trail names the provider as actor of a role
    change."""
    with audit.acting_as(Origin("single sign-on", Channel.PAGE, address_of(request))):
        return oidc_users.provision_user(claims)


def _claims(client: Any, request: HttpRequest) -> dict[str, Any]:
    """The user's claims: from the ID token, completed by the userinfo endpoint if it lacks some."""
    metadata = _metadata(client)
    expected = {
        "iss": {"essential": True, "values": [metadata["issuer"]]},
        "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
    }
    token = client.authorize_access_token(request, claims_options=expected)
    claims = dict(token.get("userinfo") or {})
    if not claims:
        raise ValueError("no ID token")
    needed = (ADDRESS | {settings.OIDC_ROLE_CLAIM}) - {""}
    if not needed <= claims.keys() and metadata.get("userinfo_endpoint"):
        more = dict(client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("the userinfo is somebody else's")
        # Read the address and whether it is verified from the same response.
        if ADDRESS - claims.keys():
            claims = {name: claim for name, claim in claims.items() if name not in ADDRESS}
        claims = {**more, **claims}
    return claims


def _client_or_404() -> Any:
    if not settings.OIDC_ISSUER:
        raise Http404(gettext("Single sign-on isn't set up on this server."))
    return _client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@lru_cache(maxsize=1)
def _client(issuer: str, client_id: str, client_secret: str) -> Any:
    """An OAuth client that fetches the provider's metadata on first use and keeps it."""
    return OAuth().register(
        "sso",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )


def _metadata(client: Any) -> dict[str, Any]:
    """The provider's metadata.

    Raises:
        RequestException: if the provider cannot be reached.
        ValueError: if the response is not JSON.
        ProviderError: if an endpoint is missing.
    """
    metadata: dict[str, Any] = client.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        _client.cache_clear()
        raise ProviderError("it is another issuer's")
    if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= metadata.keys():
        _client.cache_clear()
        raise ProviderError("an endpoint is missing")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = sorted(ALGORITHMS & set(offered))
    return metadata


def _wait(request: HttpRequest, name: str, per_minute: int) -> int | None:
    source = rate_limit.client_network(request.META.get("REMOTE_ADDR") or "")
    return rate_limit.record_attempt(name, source, per_minute)


def _code(error: str | None) -> str:
    """The provider's error code.

    The description is dropped: anyone who opens the URL can write a sentence there, which must not
    get into the audit trail.
    """
    return error if error and re.fullmatch("[a-z_]{1,50}", error) else "unknown error"


def _refused(
    request: HttpRequest, message: str, status: int, reason: str, who: str = "unknown"
) -> HttpResponse:
    logger.warning("sso_refused", reason=reason)
    audit.record(
        AuditAction.SIGN_IN_FAILED,
        detail=f"single sign-on: {reason}",
        origin=Origin(who, Channel.PAGE, address_of(request)),
    )
    return refused_page(request, message, status=status)
