"""An invalid value is refused with the name of its setting, and never quoted."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from takehome_platform.env_validators import (
    parse_domains,
    parse_practice_minutes,
    strip_items,
    validate_issuer,
    validate_mail_server,
    validate_mailbox,
    validate_site,
    validate_url,
)

UNREADABLE = "EMAIL_URL isn't a valid address. Escape special characters in a password: "


def said(refusal: pytest.ExceptionInfo[ImproperlyConfigured]) -> str:
    return str(refusal.value)


@pytest.mark.parametrize("sign", ["#", "/", "?"])
def test_unescaped_character_is_reported_without_the_password(sign: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_mail_server("EMAIL_URL", f"smtp+tls://ada:hush{sign}hush@mail.example.com:587")
    assert said(refusal).startswith(UNREADABLE)
    assert "hush" not in said(refusal)
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    "value", ["smtp+tls://", "smtp+tls://ada:hush@:587", "smtp+tls:mail.example.com", "mail:x"]
)
def test_mail_server_needs_a_host(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_mail_server("EMAIL_URL", value)
    assert said(refusal) == (
        "EMAIL_URL must be an address that starts with "
        "filemail:// or smtp:// or smtp+ssl:// or smtp+tls://."
    )


@pytest.mark.parametrize("value", ["filemail:///var/mail", "filemail://var/mail"])
def test_folder_for_mails_must_be_absolute(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_mail_server("EMAIL_URL", value)
    assert "four slashes" in said(refusal)
    assert validate_mail_server("EMAIL_URL", "filemail:////var/mail") == "filemail:////var/mail"


@pytest.mark.parametrize(
    "value",
    ["https://a.example.com/tests", "https://a.example.com?x=1", "https:///x", "https://[::1"],
)
def test_site_has_no_path(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_site("SITE_URL", value)
    assert said(refusal).startswith("SITE_URL ")


@pytest.mark.parametrize("value", ["http://[::1]:8000", "https://tests.example.com"])
def test_valid_site_is_accepted(value: str) -> None:
    assert validate_site("SITE_URL", value) == value


def test_socket_needs_no_host() -> None:
    assert validate_url("REDIS_URL", "unix:///run/redis.sock", {"redis", "unix"})


@pytest.mark.parametrize(
    "value",
    ["Example Ltd", "tests@", "a@example.com\nBcc: b@example.com", f"{'A' * 250} <a@b.de>", ""],
)
def test_invalid_mailbox_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_mailbox("DEFAULT_FROM_EMAIL", value)
    assert said(refusal) == (
        "DEFAULT_FROM_EMAIL must be an email address such as tests@example.com."
    )


@pytest.mark.parametrize(
    "value",
    [
        "https://id.example.com/.well-known/openid-configuration",
        "https://id.example.com?realm=staff",
        "https://id.example.com#staff",
        "id.example.com",
        "https://",
    ],
)
def test_invalid_issuer_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        validate_issuer("OIDC_ISSUER", value)
    assert said(refusal).startswith("OIDC_ISSUER must be ")


@pytest.mark.parametrize("value", ["https://id.example.com", "http://[::1]:8080/realms/staff/"])
def test_issuer_may_have_a_path(value: str) -> None:
    assert validate_issuer("OIDC_ISSUER", value) == value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", []),
        (" ", []),
        ("example.com", ["example.com"]),
        ("@Example.com , example.org,", ["example.com", "example.org"]),
    ],
)
def test_domains_are_parsed_in_lower_case_without_the_at_sign(value: str, found: list[str]) -> None:
    assert parse_domains("OIDC_ALLOWED_DOMAINS", value) == found


@pytest.mark.parametrize(
    "value",
    [",", "@", "*.example.com", "ada@example.com", "example.com example.org", "https://x.de"],
)
def test_value_without_any_domain_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse_domains("OIDC_ALLOWED_DOMAINS", value)
    assert said(refusal) == (
        "OIDC_ALLOWED_DOMAINS must be email domains separated by commas, "
        "such as example.com, example.org"
    )


@pytest.mark.parametrize(
    "value", ["noreply@localhost", "Example Ltd <tests@example.com>", "Büro <a@example.com>"]
)
def test_mailbox_may_have_a_display_name(value: str) -> None:
    assert validate_mailbox("DEFAULT_FROM_EMAIL", value) == value


def test_blanks_around_list_items_are_removed() -> None:
    assert strip_items(["a", " b ", "", " "]) == ["a", "b"]


@pytest.mark.parametrize(("given", "minutes"), [("", 10), (" 0 ", 0), ("60", 60)])
def test_practice_minutes(given: str, minutes: int) -> None:
    assert parse_practice_minutes("PRACTICE_MINUTES", given) == minutes


@pytest.mark.parametrize("wrong", ["61", "-1", "ten", "1.5", "100", "\u0663"])
def test_wrong_practice_minutes_are_named(wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PRACTICE_MINUTES must be a whole number"):
        parse_practice_minutes("PRACTICE_MINUTES", wrong)
