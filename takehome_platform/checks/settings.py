"""System checks for settings that contradict each other, each with a hint.

A value that is wrong by itself is refused where `settings.py` reads it. An error here stops every
process at its start (`checks/startup.py`); a warning is logged.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.http.request import validate_host

from interviews.schemas.limits import MAX_VALID_DAYS
from operations.management.commands.create_tables import TABLES

MIN_TOKEN_LENGTH = 32
# A key of fifty random characters has many more.
MIN_DISTINCT_CHARACTERS = 5
MAKE_ANOTHER = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"


def _is_this_machine(host: str) -> bool:
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_allowed(host: str | None) -> bool:
    """Matched as Django matches the Host header, in which an IPv6 address has brackets."""
    host_header = f"[{host}]" if ":" in (host or "") else str(host)
    return validate_host(host_header, settings.ALLOWED_HOSTS)


@register
def check_secret_key(**_: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    is_weak = len(set(key)) < MIN_DISTINCT_CHARACTERS or key.startswith("django-insecure-")
    if settings.DEBUG or not is_weak:
        return []
    return [Error("SECRET_KEY is too easy to guess.", hint=MAKE_ANOTHER, id="platform.E001")]


@register
def check_hosts(**_: Any) -> Iterator[CheckMessage]:
    hosts = settings.ALLOWED_HOSTS
    if settings.DEBUG:
        elsewhere = [host for host in hosts if not _is_this_machine(host) and host != "0.0.0.0"]  # noqa: S104
        if elsewhere:
            yield Warning(
                f"DEBUG is on, and ALLOWED_HOSTS has {elsewhere[0]}, which isn't this machine.",
                hint="Set DEBUG=false where others can reach the site.",
                id="platform.W001",
            )
        return
    if "*" in hosts:
        yield Warning(
            "ALLOWED_HOSTS=* lets any visitor choose the host name in emailed links.",
            hint="List the host names of the site.",
            id="platform.W002",
        )
    elif all(_is_this_machine(host) for host in hosts):
        yield Warning(
            "DEBUG is off, but ALLOWED_HOSTS only has this machine: nobody else can reach it.",
            hint="List the host names of the site.",
            id="platform.W003",
        )


@register
def check_origins(**_: Any) -> Iterator[CheckMessage]:
    """Django's own check (4_0.E001) reports an origin without a scheme."""
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        try:
            parts = urlsplit(origin)
        except ValueError:
            parts = urlsplit("")
        if not parts.scheme:
            continue
        if parts.path or parts.query:
            yield Error(
                f"CSRF_TRUSTED_ORIGINS has {origin}, which no browser sends.",
                hint=f"Remove what follows the host: {parts.scheme}://{parts.netloc}",
                id="platform.E002",
            )
        if parts.scheme == "http" and settings.SESSION_COOKIE_SECURE:
            yield Error(
                f"CSRF_TRUSTED_ORIGINS has {origin}, but cookies go over https alone while "
                "DEBUG is off: nobody could sign in there.",
                hint=f"Serve it over TLS, and use https://{parts.netloc}",
                id="platform.E003",
            )
        if "*" not in parts.netloc and not _is_allowed(parts.hostname):
            yield Warning(
                f"CSRF_TRUSTED_ORIGINS has {origin}, whose host isn't in ALLOWED_HOSTS.",
                hint=f"Add {parts.hostname} to ALLOWED_HOSTS, or remove the origin.",
                id="platform.W004",
            )


@register
def check_stores(**_: Any) -> Iterator[CheckMessage]:
    endpoint = settings.DYNAMODB_ENDPOINT_URL
    if not settings.DYNAMODB_REGION:
        yield Error(
            "DYNAMODB_REGION is empty, so requests can't be addressed or signed.",
            hint="Set a region. Your own server accepts any, such as us-east-1.",
            id="platform.E004",
        )
    if (urlsplit(endpoint).hostname or "").endswith(".amazonaws.com"):
        yield Error(
            "DYNAMODB_ENDPOINT_URL is an AWS address, but it's meant for your own server: "
            "AWS would be called without your credentials.",
            hint="Leave DYNAMODB_ENDPOINT_URL empty, and set DYNAMODB_REGION.",
            id="platform.E005",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "unix" or _is_this_machine(redis.hostname or ""):
        return
    # Several hosts that run one platform share a Redis, so these hosts must share the rest too.
    if not settings.FILES_BUCKET:
        yield Warning(
            "Redis is on another machine, but files are in a folder of this one: another host "
            "wouldn't find them.",
            hint="Set FILES_BUCKET to an S3 bucket, unless this is the only host.",
            id="platform.W005",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            "Redis is on another machine, but users are in a file of this one: another host "
            "wouldn't know them.",
            hint="Set DATABASE_URL to a PostgreSQL server, unless this is the only host.",
            id="platform.W006",
        )


@register
def check_earlier_portal(**_: Any) -> Iterator[CheckMessage]:
    """Writing to an earlier portal's table needs such a table, and it must not be one of ours."""
    name = settings.LEGACY_TAKEHOME_TABLE
    if not name and not settings.UNIFIED_TAKEHOMES:
        yield Error(
            "UNIFIED_TAKEHOMES is false and LEGACY_TAKEHOME_TABLE is empty, so new tests would "
            "have no table.",
            hint="Set it to the earlier portal's table, or set UNIFIED_TAKEHOMES=true.",
            id="platform.E014",
        )
    if name and name in {model.Meta.table_name for model in TABLES}:
        yield Error(
            f"LEGACY_TAKEHOME_TABLE is {name}, which is one of this platform's own tables.",
            hint="Set it to the earlier portal's table of take-home tests.",
            id="platform.E015",
        )


@register
def check_metrics(**_: Any) -> list[CheckMessage]:
    if 0 < len(settings.METRICS_TOKEN) < MIN_TOKEN_LENGTH:
        return [
            Error(
                f"METRICS_TOKEN has fewer than {MIN_TOKEN_LENGTH} characters.",
                hint=MAKE_ANOTHER,
                id="platform.E006",
            )
        ]
    return []


@register
def check_webhooks(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG or not settings.WEBHOOK_ALLOW_PRIVATE:
        return []
    return [
        Warning(
            "WEBHOOK_ALLOW_PRIVATE lets anyone who adds a webhook reach every service of your "
            "network that this platform can reach.",
            hint="Set it to false, unless you trust all of them with that.",
            id="platform.W007",
        )
    ]


@register
def check_mail(**_: Any) -> Iterator[CheckMessage]:
    """E-mail needs a sender address and the site's address for its links."""
    if not settings.MAIL_IS_ON:
        if settings.ADMINS:
            yield Warning(
                "ADMIN_EMAILS is set, but email isn't set up.",
                hint="Set EMAIL_URL to your mail server, or leave ADMIN_EMAILS empty.",
                id="platform.W008",
            )
        return
    site = urlsplit(settings.SITE_URL)
    if not site.netloc:
        yield Error(
            "EMAIL_URL is set but SITE_URL isn't, so links in emails would lead nowhere.",
            hint="Set SITE_URL to the address of this site, such as https://tests.example.com",
            id="platform.E007",
        )
    elif not _is_allowed(site.hostname):
        yield Error(
            f"SITE_URL leads to {site.hostname}, which isn't in ALLOWED_HOSTS: links in emails "
            "would be refused.",
            hint=f"Add {site.hostname} to ALLOWED_HOSTS.",
            id="platform.E008",
        )
    elif site.scheme == "http" and settings.SESSION_COOKIE_SECURE:
        yield Error(
            "SITE_URL starts with http://, but cookies only work over https while DEBUG is off.",
            hint=f"Serve the site over TLS, and use https://{site.netloc}",
            id="platform.E009",
        )
    elif not settings.DEBUG and _is_this_machine(site.hostname or ""):
        yield Warning(
            "SITE_URL is an address of this machine: a candidate's link leads to their own.",
            hint="Set SITE_URL to an address that candidates can reach.",
            id="platform.W010",
        )
    if settings.REMIND_HOURS >= MAX_VALID_DAYS * 24:
        yield Warning(
            f"REMIND_HOURS is {settings.REMIND_HOURS}, longer than anyone has to start a test, so "
            "no reminders are sent.",
            hint=f"Set it below {MAX_VALID_DAYS * 24}, or to 0 for no reminders.",
            id="platform.W011",
        )
    if not settings.DEBUG and settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield Error(
            "EMAIL_URL is set but DEFAULT_FROM_EMAIL isn't. Mail servers refuse email from "
            "localhost.",
            hint="Set DEFAULT_FROM_EMAIL, for example: Example Ltd <tests@example.com>",
            id="platform.E010",
        )


@register
def check_docker(**_: Any) -> Iterator[CheckMessage]:
    """A value that is wrong by itself is reported by the engine's own check (operations.E001)."""
    if settings.PROVISIONER != "docker":
        return
    url = urlsplit(settings.DOCKER_WORKSPACE_URL.replace("{port}", "1").replace("{name}", "x"))
    is_remote = not _is_this_machine(url.hostname or "")
    published = settings.DOCKER_PUBLISH_ADDRESS
    if is_remote and "{port}" in settings.DOCKER_WORKSPACE_URL and _is_this_machine(published):
        yield Warning(
            f"DOCKER_WORKSPACE_URL leads to {url.hostname}, but workspaces are published at "
            f"{published}, which only the engine's machine can reach.",
            hint="Set DOCKER_PUBLISH_ADDRESS to an address that browsers can reach.",
            id="platform.W012",
        )
    if is_remote and url.scheme == "http" and not settings.DEBUG:
        yield Warning(
            "DOCKER_WORKSPACE_URL starts with http://: passwords and work aren't encrypted, and "
            "parts of VS Code don't work.",
            hint="Put a proxy with TLS in front of it: docs/workspaces.md has an example.",
            id="platform.W013",
        )
    site = urlsplit(settings.SITE_URL).hostname
    if "{port}" in settings.DOCKER_WORKSPACE_URL and url.hostname == site and not settings.DEBUG:
        yield Warning(
            f"DOCKER_WORKSPACE_URL and SITE_URL lead to the same name, {site}: browsers send the "
            "platform's cookies to all its ports, so a candidate's program could read staff's.",
            hint="Give workspaces another name, or a domain of their own with {name}.",
            id="platform.W014",
        )
    elif is_remote and "{name}" not in settings.DOCKER_WORKSPACE_URL and not settings.DEBUG:
        yield Warning(
            f"DOCKER_WORKSPACE_URL gives all workspaces the same host name, {url.hostname}: "
            "browsers send the cookies of one to the programs of another.",
            hint="Point a wildcard domain at the engine's machine, and write {name} into it: "
            f"{url.scheme}://{{name}}.{url.hostname}:{{port}}/",
            id="platform.W017",
        )


@register
def check_kubernetes(**_: Any) -> Iterator[CheckMessage]:
    """A value that is wrong by itself is reported by the engine's own check (operations.E001)."""
    if settings.PROVISIONER != "kubernetes" or settings.DEBUG:
        return
    if settings.KUBERNETES_WORKSPACE_URL.startswith("http://"):
        yield Warning(
            "KUBERNETES_WORKSPACE_URL starts with http://: passwords and work aren't encrypted, "
            "and parts of VS Code don't work.",
            hint="Give the proxy a wildcard certificate, and use https://",
            id="platform.W020",
        )


@register
def check_swarm(**_: Any) -> Iterator[CheckMessage]:
    """A value that is wrong by itself is reported by the engine's own check (operations.E001)."""
    if settings.PROVISIONER != "swarm" or settings.DEBUG:
        return
    if settings.SWARM_WORKSPACE_URL.startswith("http://"):
        yield Warning(
            "SWARM_WORKSPACE_URL starts with http://: passwords and work aren't encrypted, and "
            "parts of VS Code don't work.",
            hint="Put a proxy with TLS on each machine, or use a closed network.",
            id="platform.W018",
        )
    if "{name}" not in settings.SWARM_WORKSPACE_URL:
        yield Warning(
            "SWARM_WORKSPACE_URL gives all workspaces of a machine the same host name: browsers "
            "send the cookies of one to the programs of another.",
            hint="Point a wildcard domain at each machine, name it in the machine's label "
            "takehome.host, and set http://{name}.{node}:{port}/",
            id="platform.W019",
        )
