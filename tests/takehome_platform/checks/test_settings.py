"""Each contradiction between settings is reported by its own check, with a hint."""

import subprocess
import sys
from typing import Any

import pytest
import structlog
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from takehome_platform.checks import oidc, zone_data
from takehome_platform.checks import settings as settings_checks
from takehome_platform.checks.startup import require_valid_settings

OURS = (oidc, settings_checks)
# A deployment as it should be.
GOOD = {
    "DEBUG": False,
    "SECRET_KEY": "pT7-wqGz0Lr4uXb9_nYk2cVe8sJd5hMf1aKi6oRt3QZxWvSA",
    "ALLOWED_HOSTS": ["tests.example.com"],
    "CSRF_TRUSTED_ORIGINS": ["https://tests.example.com"],
    "SESSION_COOKIE_SECURE": True,
    "REDIS_URL": "redis://redis.internal:6379/0",
    "DYNAMODB_ENDPOINT_URL": "",
    "DYNAMODB_REGION": "eu-central-1",
    "LEGACY_TAKEHOME_TABLE": "takehome",
    "UNIFIED_TAKEHOMES": False,
    "FILES_BUCKET": "takehome-files",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "METRICS_TOKEN": "t" * 32,
    "PROVISIONER": "docker",
    "DOCKER_WORKSPACE_URL": "https://{name}.workspaces.example.com/",
    "DOCKER_PUBLISH_ADDRESS": "127.0.0.1",
    "WEBHOOK_ALLOW_PRIVATE": False,
    "MAIL_IS_ON": True,
    "SITE_URL": "https://tests.example.com",
    "DEFAULT_FROM_EMAIL": "Example Ltd <tests@example.com>",
    "REMIND_HOURS": 24,
    "ADMINS": [("", "ops@example.com")],
    "OIDC_ISSUER": "https://id.example.com",
    "OIDC_CLIENT_ID": "takehome",
    "OIDC_CLIENT_SECRET": "a secret",
    "OIDC_ROLE_CLAIM": "takehome_role",
    "OIDC_DEFAULT_ROLE": "Viewer",
    "OIDC_ALLOWED_DOMAINS": ["example.com"],
}
TRIED_OUT = {
    "DEBUG": True,
    "SESSION_COOKIE_SECURE": False,
    "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"],
    "CSRF_TRUSTED_ORIGINS": [],
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "FILES_BUCKET": "",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}},
    "METRICS_TOKEN": "",
    "SITE_URL": "http://[::1]:8000",
    "DEFAULT_FROM_EMAIL": "noreply@localhost",
}


NO_SIGN_ON = dict.fromkeys((name for name in GOOD if name.startswith("OIDC_")), "")


class Names:
    """Replaces the settings for the checks, without any other attribute."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(GOOD | values)


REGISTERED = """
import django
django.setup()
from django.core.checks.registry import registry
print(*sorted({each.__module__ for each in registry.get_checks()}))
"""


def test_process_registers_the_checks_of_each_module() -> None:
    """Checked in a new process, because this one imports the check modules itself."""
    modules = subprocess.check_output([sys.executable, "-c", REGISTERED], text=True).split()
    ours = [name for name in modules if name.startswith("takehome_platform.")]
    assert ours == [*(module.__name__ for module in OURS), zone_data.__name__]


def found(monkeypatch: pytest.MonkeyPatch, **values: Any) -> list[checks.CheckMessage]:
    for module in OURS:
        monkeypatch.setattr(module, "settings", Names(**values))
    names = [module.__name__ for module in OURS]
    return [
        message
        for check in checks.registry.registry.get_checks()
        if check.__module__ in names
        for message in check(app_configs=None, databases=None)
    ]


@pytest.mark.parametrize("values", [{}, TRIED_OUT, NO_SIGN_ON, {"MAIL_IS_ON": False, "ADMINS": []}])
def test_consistent_settings_have_no_message(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    assert found(monkeypatch, **values) == []


@pytest.mark.parametrize(
    ("values", "id_"),
    [
        ({"SECRET_KEY": "django-insecure-" + GOOD["SECRET_KEY"]}, "platform.E001"),  # type: ignore[operator]
        ({"SECRET_KEY": "k" * 50}, "platform.E001"),
        ({"CSRF_TRUSTED_ORIGINS": ["https://tests.example.com/"]}, "platform.E002"),
        ({"CSRF_TRUSTED_ORIGINS": ["http://tests.example.com"]}, "platform.E003"),
        ({"DYNAMODB_REGION": ""}, "platform.E004"),
        ({"DYNAMODB_ENDPOINT_URL": "https://dynamodb.eu-west-1.amazonaws.com"}, "platform.E005"),
        ({"METRICS_TOKEN": "t" * 31}, "platform.E006"),
        ({"SITE_URL": ""}, "platform.E007"),
        ({"SITE_URL": "https://other.example.com"}, "platform.E008"),
        ({"SITE_URL": "http://tests.example.com"}, "platform.E009"),
        ({"DEFAULT_FROM_EMAIL": "noreply@localhost"}, "platform.E010"),
        ({"OIDC_ISSUER": ""}, "platform.E011"),
        ({"OIDC_CLIENT_ID": ""}, "platform.E011"),
        ({"OIDC_CLIENT_SECRET": ""}, "platform.E011"),
        ({"OIDC_ISSUER": "http://id.example.com"}, "platform.E012"),
        ({"OIDC_DEFAULT_ROLE": "Janitor"}, "platform.E013"),
        ({"OIDC_DEFAULT_ROLE": "Janitor", "OIDC_ALLOWED_DOMAINS": []}, "platform.E013"),
        ({"LEGACY_TAKEHOME_TABLE": ""}, "platform.E014"),
        ({"LEGACY_TAKEHOME_TABLE": "interviews"}, "platform.E015"),
        (TRIED_OUT | {"ALLOWED_HOSTS": ["localhost", "::1", "tests.example.com"]}, "platform.W001"),
        ({"ALLOWED_HOSTS": ["*"]}, "platform.W002"),
        (
            {"ALLOWED_HOSTS": ["localhost"], "CSRF_TRUSTED_ORIGINS": [], "MAIL_IS_ON": False}
            | {"ADMINS": []},
            "platform.W003",
        ),
        ({"CSRF_TRUSTED_ORIGINS": ["https://other.example.com"]}, "platform.W004"),
        ({"FILES_BUCKET": ""}, "platform.W005"),
        ({"DATABASES": TRIED_OUT["DATABASES"]}, "platform.W006"),
        ({"WEBHOOK_ALLOW_PRIVATE": True}, "platform.W007"),
        ({"MAIL_IS_ON": False}, "platform.W008"),
        ({"OIDC_ALLOWED_DOMAINS": []}, "platform.W009"),
        (
            {"SITE_URL": "https://localhost", "ALLOWED_HOSTS": ["localhost", "tests.example.com"]},
            "platform.W010",
        ),
        ({"REMIND_HOURS": 30 * 24}, "platform.W011"),
        ({"DOCKER_WORKSPACE_URL": "https://{name}.example.com:{port}/"}, "platform.W012"),
        ({"DOCKER_WORKSPACE_URL": "http://{name}.example.com/"}, "platform.W013"),
        (
            {"DOCKER_WORKSPACE_URL": "https://tests.example.com:{port}/"}
            | {"DOCKER_PUBLISH_ADDRESS": "198.51.100.7"},
            "platform.W014",
        ),
        (
            {"DOCKER_WORKSPACE_URL": "https://work.example.com:{port}/"}
            | {"DOCKER_PUBLISH_ADDRESS": "198.51.100.7"},
            "platform.W017",
        ),
        (
            {"PROVISIONER": "swarm", "SWARM_WORKSPACE_URL": "http://{name}.{node}:{port}/"},
            "platform.W018",
        ),
        (
            {"PROVISIONER": "swarm", "SWARM_WORKSPACE_URL": "https://{node}:{port}/"},
            "platform.W019",
        ),
        (
            {"PROVISIONER": "kubernetes", "KUBERNETES_WORKSPACE_URL": "http://{name}.example.com/"},
            "platform.W020",
        ),
        (NO_SIGN_ON | {"OIDC_ROLE_CLAIM": "takehome_role"}, "platform.W015"),
        (NO_SIGN_ON | {"OIDC_DEFAULT_ROLE": "Viewer"}, "platform.W015"),
        (NO_SIGN_ON | {"OIDC_ALLOWED_DOMAINS": ["example.com"]}, "platform.W015"),
    ],
)
def test_each_contradiction_is_reported_alone_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], id_: str
) -> None:
    if id_ == "platform.W001":
        values = values | {"SITE_URL": "http://localhost:8000"}
    [message] = found(monkeypatch, **values)
    assert message.id == id_
    assert message.is_serious() == (id_[9] == "E")
    assert message.hint


@pytest.mark.parametrize(
    "values",
    [
        # A name for all below it, in both.
        {"ALLOWED_HOSTS": [".example.com"], "CSRF_TRUSTED_ORIGINS": ["https://*.example.com"]},
        # Without a scheme: Django says so itself.
        {"CSRF_TRUSTED_ORIGINS": ["tests.example.com"]},
        # This machine's Redis, whatever else: there is one host.
        {"REDIS_URL": "unix:///run/redis.sock", "FILES_BUCKET": ""},
        {"REDIS_URL": "redis://[::1]:6379/0", "FILES_BUCKET": ""},
        {"DYNAMODB_ENDPOINT_URL": "http://dynamodb.internal:8000"},
        # Workspaces for this machine's own browser, or on another engine.
        {"DOCKER_WORKSPACE_URL": "http://127.0.0.1:{port}/"},
        {"DOCKER_WORKSPACE_URL": "http://{name}.localhost:{port}/"},
        {"DOCKER_WORKSPACE_URL": "http://tests.example.com:{port}/", "PROVISIONER": "local"},
    ],
)
def test_unusual_but_valid_settings_have_no_message(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    assert found(monkeypatch, **values) == []


@pytest.mark.parametrize("role", ["Janitor", "viewer"])
def test_unknown_role_is_reported_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    for sign_on in ({}, NO_SIGN_ON):
        message = found(monkeypatch, **sign_on | {"OIDC_DEFAULT_ROLE": role})[0]
        assert (message.id, message.msg, message.hint) == (
            "platform.E013",
            f"OIDC_DEFAULT_ROLE is {role}, which isn't a role.",
            "Use one of Viewer, Reviewer, Interviewer, Administrator, or leave it empty.",
        )


def test_no_message_has_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "aaaabbbb"
    values = {"SECRET_KEY": secret * 6, "METRICS_TOKEN": secret}
    messages = found(monkeypatch, **values, REDIS_URL=f"redis://:{secret}@redis.internal/0")
    assert len(messages) == 2
    assert not any(secret in f"{message.msg} {message.hint}" for message in messages)


# -- at the start of a process ---------------------------------------------------------------------


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[checks.CheckMessage]:
    """The messages of the checks."""
    said: list[checks.CheckMessage] = []
    monkeypatch.setattr("takehome_platform.checks.startup.run_checks", lambda: said)
    return said


def test_error_stops_the_process_with_its_hint(messages: list[checks.CheckMessage]) -> None:
    messages += [checks.Warning("A."), checks.Error("It cannot work.", hint="Do this.")]
    with pytest.raises(ImproperlyConfigured) as stopped:
        require_valid_settings()
    assert str(stopped.value) == "It cannot work. Do this."


def test_warning_is_only_logged(messages: list[checks.CheckMessage]) -> None:
    messages.append(checks.Warning("Look at it.", hint="Do this.", id="platform.W001"))
    with structlog.testing.capture_logs() as lines:
        require_valid_settings()
    assert lines == [
        {
            "event": "setting_to_look_at",
            "log_level": "warning",
            "check": "platform.W001",
            "says": "Look at it.",
            "hint": "Do this.",
        }
    ]


def test_silenced_message_is_not_reported(
    messages: list[checks.CheckMessage], settings: Any
) -> None:
    settings.SILENCED_SYSTEM_CHECKS = ["platform.W001"]
    messages.append(checks.Warning("Look at it.", id="platform.W001"))
    with structlog.testing.capture_logs() as lines:
        require_valid_settings()
    assert lines == []


def test_settings_of_the_tests_have_no_error(db: None) -> None:
    assert [m for m in checks.run_checks() if m.id and m.id.startswith("platform.E")] == []
