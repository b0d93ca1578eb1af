"""System checks of the settings for single sign-on."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from dashboard.permissions.roles import ROLES


@register
def check_single_sign_on(**_: Any) -> Iterator[CheckMessage]:
    """The issuer, the client id and its secret belong together, and users need a role."""
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if not getattr(settings, name)]
    role = settings.OIDC_DEFAULT_ROLE
    if role and role not in ROLES:
        yield Error(
            f"OIDC_DEFAULT_ROLE is {role}, which isn't a role.",
            hint=f"Use one of {', '.join(ROLES)}, or leave it empty.",
            id="platform.E013",
        )
    if len(missing) == len(names):
        dependent = ("OIDC_ROLE_CLAIM", "OIDC_DEFAULT_ROLE", "OIDC_ALLOWED_DOMAINS")
        if idle := [name for name in dependent if getattr(settings, name)]:
            yield Warning(
                f"Single sign-on is off, so these have no effect: {', '.join(idle)}.",
                hint=f"Set {', '.join(names)}, or leave them empty.",
                id="platform.W015",
            )
        return
    if missing:
        yield Error(
            f"{' and '.join(missing)} must be set as well. Single sign-on needs all three.",
            hint=f"Set {', '.join(names)} together, or none of them.",
            id="platform.E011",
        )
    issuer = urlsplit(settings.OIDC_ISSUER)
    if issuer.scheme == "http" and not settings.DEBUG:
        yield Error(
            "OIDC_ISSUER starts with http://: anyone on the network could sign in as someone else.",
            hint=f"Write https://{issuer.netloc}{issuer.path}",
            id="platform.E012",
        )
    if role in ROLES and not settings.OIDC_ALLOWED_DOMAINS:
        yield Warning(
            "OIDC_DEFAULT_ROLE is set and OIDC_ALLOWED_DOMAINS is not: everybody whom the provider "
            f"knows is {role} here.",
            hint="Set OIDC_ALLOWED_DOMAINS to your domains.",
            id="platform.W009",
        )
