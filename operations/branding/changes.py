"""Changing the brand, which is written to the audit trail."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from interviews.schemas.validators import validate_email_address
from operations import audit
from operations.audit import AuditAction
from operations.branding import brand
from operations.branding.colors import read_color
from operations.branding.logos import Logo, read_logo
from operations.branding.models import MAX_NAME, BrandRecord
from operations.exceptions import InvalidInputError


@dataclass(frozen=True)
class BrandInput:
    """What an administrator entered; "" leaves a text to the settings and the color to us."""

    company_name: str = ""
    contact: str = ""
    color: str = ""
    # A new logo, or None to leave it as it is.
    logo: bytes | None = None
    removes_logo: bool = False


def change_brand(wanted: BrandInput) -> None:
    """Store what was entered. Other processes show it after some seconds.

    Raises:
        InvalidInputError: if a field cannot be accepted; then nothing is changed.
    """
    values = {
        "company_name": _read_company_name(wanted.company_name),
        "contact": _read_contact(wanted.contact),
        "color": read_color(wanted.color),
    }
    logo = read_logo(wanted.logo) if wanted.logo is not None else None
    with transaction.atomic():
        record, _created = BrandRecord.objects.select_for_update().get_or_create(
            pk=BrandRecord.ONLY_ID
        )
        changed = [name for name, value in values.items() if getattr(record, name) != value]
        for name, value in values.items():
            setattr(record, name, value)
        if _change_logo(record, logo, removes=wanted.removes_logo):
            changed.append("logo")
        if changed:
            record.save()
            audit.record(
                AuditAction.BRANDING_CHANGED,
                target=values["company_name"],
                detail=", ".join(changed).replace("_", " "),
            )
    brand.forget_brand()


def _read_company_name(text: str) -> str:
    """Return the name without surrounding spaces.

    Raises:
        InvalidInputError: if it is too long, or has line breaks or other control characters.
    """
    name = text.strip()
    if len(name) > MAX_NAME:
        raise InvalidInputError(
            "company_name", _("Use %(count)s characters or fewer.") % {"count": MAX_NAME}
        )
    if not name.isprintable():
        raise InvalidInputError("company_name", _("Use visible characters on one line."))
    return name


def _read_contact(text: str) -> str:
    """Return the address without surrounding spaces, or "".

    Raises:
        InvalidInputError: if it is no email address.
    """
    contact = text.strip()
    if contact:
        try:
            validate_email_address(contact)
        except ValueError:
            message = _("Enter an email address, such as jobs@example.com.")
            raise InvalidInputError("contact", message) from None
    return contact


def _change_logo(record: BrandRecord, logo: Logo | None, *, removes: bool) -> bool:
    """Set or remove the logo, and return whether that is a change. A new one wins."""
    if logo is None and not removes:
        return False
    name_before = record.logo_name
    record.logo = logo.content if logo else None
    record.logo_type = logo.type if logo else ""
    record.logo_name = logo.name if logo else ""
    return record.logo_name != name_before
