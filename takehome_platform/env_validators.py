"""What a setting may hold: read once, and refused with its name where it cannot be meant."""

from collections.abc import Iterable
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

# These name a place on this machine, and no host.
WITHOUT_HOST = {"unix", "filemail"}
# Where the address of a mail server names no port.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
# With the name before it. A message's row has room for so much.
LONGEST_MAILBOX = 254


def address(name: str, value: str, schemes: set[str]) -> str:
    """The address; ImproperlyConfigured, which never quotes it: there may be a password in it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} cannot be read as an address. Signs in a password are written with %: "
            "%23 for #, %2F for /, %3A for :, %3F for ?, %40 for @."
        ) from None
    place = parts.path if parts.scheme in WITHOUT_HOST else parts.hostname
    if parts.scheme not in schemes or not place:
        wanted = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise ImproperlyConfigured(f"{name} must be an address that starts with {wanted}.")
    return value


def mail_server(name: str, value: str) -> str:
    """Where e-mails go: a server, or a folder of this machine."""
    parts = urlsplit(address(name, value, {*MAIL_PORTS, "filemail"}))
    if parts.scheme == "filemail" and (parts.netloc or not parts.path.startswith("//")):
        raise ImproperlyConfigured(
            f"{name} must name the folder from the root on: filemail:////var/mail (four slashes)."
        )
    return value


def site(name: str, value: str) -> str:
    """The address of a web site, to which paths are added."""
    parts = urlsplit(address(name, value, {"http", "https"}))
    if parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} must end with the host, such as https://tests.example.com"
        )
    return value


def issuer(name: str, value: str) -> str:
    """Who signs people in, as the provider names itself: its description is found below that."""
    parts = urlsplit(address(name, value, {"http", "https"}))
    if parts.query or parts.fragment or "/.well-known/" in parts.path:
        raise ImproperlyConfigured(
            f"{name} must be the issuer alone, such as https://id.example.com: "
            "/.well-known/openid-configuration is looked for below it."
        )
    return value


def domains(name: str, value: str) -> list[str]:
    """What stands behind the @ of addresses, in small letters. One that is written and names none
    would let everybody in, or nobody."""
    found = [part.lower().removeprefix("@") for part in stripped(value.split(","))]
    try:
        for domain in found:
            validate_email(f"somebody@{domain}")
    except ValidationError:
        found = []
    if not found and value.strip():
        raise ImproperlyConfigured(
            f"{name} must be domains of e-mail addresses with commas between them, such as "
            "example.com, example.org"
        )
    return found


def mailbox(name: str, value: str) -> str:
    """An e-mail address, with a name before it or without."""
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        value = ""
    if not 0 < len(value) <= LONGEST_MAILBOX or not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be an e-mail address such as tests@example.com.")
    return value


def stripped(values: Iterable[str]) -> list[str]:
    """The parts of a list, of which one may write `a, b`."""
    return [value.strip() for value in values if value.strip()]
