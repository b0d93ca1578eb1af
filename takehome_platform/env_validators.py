"""Validate and parse environment variables.

Every function takes the variable's name and its value, and raises ImproperlyConfigured with a
sentence that has the name. No message quotes a URL, which may hold a password.
"""

import re
from collections.abc import Iterable
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

# URLs with a path on this machine instead of a host.
SCHEMES_WITHOUT_HOST = {"unix", "filemail"}
# The default ports of mail servers.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
# Including the display name; the column of a stored message has this length.
MAX_MAILBOX_LENGTH = 254
MAX_COMPANY_NAME = 60
MIN_SECRET_KEY_LENGTH = 32
CONNECT_TIMEOUT_SECONDS = 5


def parse_bool(name: str, value: str, *, default: bool) -> bool:
    """`true` or `false` in any case; the default if empty."""
    if value.lower() not in ("", "true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return value.lower() == "true" if value else default


def parse_port(name: str, value: str) -> int:
    """A TCP port; 0 if empty."""
    value = value or "0"
    if not (value.isascii() and value.isdecimal() and int(value) < 65536):
        raise ImproperlyConfigured(f"{name} must be a number from 1 to 65535, or empty.")
    return int(value)


def parse_reminder_hours(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value):
        raise ImproperlyConfigured(f"{name} must be a number of hours, or 0 for no reminders.")
    return int(value)


def parse_retention_days(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= 3650:
        raise ImproperlyConfigured(f"{name} must be a whole number of days, from 1 to 3650.")
    return int(value)


def parse_practice_minutes(name: str, value: str) -> int:
    """0 to 60; 10 if empty."""
    value = value.strip() or "10"
    if not re.fullmatch(r"[0-9]{1,2}", value) or int(value) > 60:
        raise ImproperlyConfigured(
            f"{name} must be a whole number of minutes, up to 60, or 0 for no practice workspaces."
        )
    return int(value)


def parse_count(name: str, value: str, default: int) -> int:
    if not value.strip():
        return default
    if not re.fullmatch(r"[0-9]{1,6}", value.strip()):
        raise ImproperlyConfigured(f"{name} must be a whole number, from 0 to 999999.")
    return int(value)


def parse_language(name: str, value: str, codes: list[str]) -> str:
    """One of the codes in any case; the first if empty."""
    code = value.strip().lower() or codes[0]
    if code not in codes:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(codes)}.")
    return code


def read_secret_key(value: str, file: str) -> str:
    """SECRET_KEY, or the content of SECRET_KEY_FILE if that is empty."""
    if file and not value:
        try:
            value = Path(file).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"SECRET_KEY_FILE names {file}, which can't be read ({error.strerror})."
            ) from None
    if len(value) < MIN_SECRET_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"SECRET_KEY must be set to at least {MIN_SECRET_KEY_LENGTH} random characters; make "
            "one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


def parse_database_url(name: str, value: str) -> dict[str, Any]:
    """Django's settings for the SQL database at this URL."""
    try:
        database: dict[str, Any] = environ.Env.db_url_config(value)
        engine = database["ENGINE"]
    except (KeyError, ValueError):
        raise ImproperlyConfigured(
            f"{name} must be an address such as postgres://user:password@host/name."
        ) from None
    if engine.endswith("sqlite3"):
        # Web and worker share the file, and wait for each other's writes instead of failing.
        database["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif engine.endswith("postgresql"):
        # Without it a page waits for a server that hangs as long as the server does.
        database.setdefault("OPTIONS", {}).setdefault("connect_timeout", CONNECT_TIMEOUT_SECONDS)
    return database


def validate_table_prefix(name: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{0,100}", value):
        raise ImproperlyConfigured(
            f"{name} may hold letters, digits, '_', '-' and '.', 100 at most."
        )
    return value


def validate_table_name(name: str, value: str) -> str:
    """The name of a DynamoDB table, or empty."""
    if not re.fullmatch(r"|[A-Za-z0-9_.-]{3,255}", value):
        raise ImproperlyConfigured(
            f"{name} must be the name of a table: letters, digits, '_', '-' and '.'."
        )
    return value


def validate_url(name: str, value: str, schemes: set[str]) -> str:
    """A URL with one of the schemes."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} isn't a valid address. Escape special characters in a password: "
            "%23 for #, %2F for /, %3A for :, %3F for ?, %40 for @."
        ) from None
    target = parts.path if parts.scheme in SCHEMES_WITHOUT_HOST else parts.hostname
    if parts.scheme not in schemes or not target:
        allowed = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise ImproperlyConfigured(f"{name} must be an address that starts with {allowed}.")
    return value


def validate_mail_server(name: str, value: str) -> str:
    """The URL of a mail server, or of a folder on this machine."""
    parts = urlsplit(validate_url(name, value, {*MAIL_PORTS, "filemail"}))
    if parts.scheme == "filemail" and (parts.netloc or not parts.path.startswith("//")):
        raise ImproperlyConfigured(
            f"{name} must be an absolute folder: filemail:////var/mail (four slashes)."
        )
    return value


def validate_site(name: str, value: str) -> str:
    """The URL of a web site without a path, because paths are appended to it."""
    parts = urlsplit(validate_url(name, value, {"http", "https"}))
    if parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} must end after the host, as in https://tests.example.com"
        )
    return value


def validate_issuer(name: str, value: str) -> str:
    """The issuer of an OpenID Connect provider; discovery appends its well-known path."""
    parts = urlsplit(validate_url(name, value, {"http", "https"}))
    if parts.query or parts.fragment or "/.well-known/" in parts.path:
        raise ImproperlyConfigured(
            f"{name} must be the issuer only, such as https://id.example.com: "
            "/.well-known/openid-configuration is looked for below it."
        )
    return value


def parse_domains(name: str, value: str) -> list[str]:
    """Domains of email addresses, separated by commas, in lower case.

    A value without any domain is refused: it would admit everybody or nobody.
    """
    parsed = [part.lower().removeprefix("@") for part in strip_items(value.split(","))]
    try:
        for domain in parsed:
            validate_email(f"somebody@{domain}")
    except ValidationError:
        parsed = []
    if not parsed and value.strip():
        raise ImproperlyConfigured(
            f"{name} must be email domains separated by commas, such as example.com, example.org"
        )
    return parsed


def validate_mailbox(name: str, value: str) -> str:
    """An email address, with or without a display name."""
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        value = ""
    if not 0 < len(value) <= MAX_MAILBOX_LENGTH or not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be an email address such as tests@example.com.")
    return value


def validate_email_address(name: str, value: str) -> str:
    """An email address without a display name."""
    if parseaddr(value)[1] != value:
        raise ImproperlyConfigured(f"{name} must be an address alone, such as jobs@example.com.")
    return validate_mailbox(name, value)


def parse_company_name(name: str, value: str) -> str:
    """A name on one line, or empty."""
    value = value.strip()
    if len(value) > MAX_COMPANY_NAME or not value.isprintable():
        raise ImproperlyConfigured(
            f"{name} must be one line of at most {MAX_COMPANY_NAME} characters."
        )
    return value


def strip_items(values: Iterable[str]) -> list[str]:
    """The items that are not empty, without surrounding spaces, so that `a, b` works."""
    return [value.strip() for value in values if value.strip()]
