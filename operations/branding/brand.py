"""The brand that pages and e-mails show, kept in each process for some seconds."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from operations.branding import colors
from operations.branding.colors import Palette
from operations.branding.models import BrandRecord

logger = structlog.get_logger(__name__)

PRODUCT = "Takehome Platform"
# After this time a process reads the row again, so that all of them show a change soon. A page of
# a candidate costs no query otherwise, and needs no SQL database.
KEPT_SECONDS = 10


@dataclass(frozen=True)
class Brand:
    """What candidates see of the company. Each text is "" if nothing was set."""

    company: str
    contact: str
    color: str
    logo_name: str

    @property
    def name(self) -> str:
        """The name in headers and titles: the company's, or the product's."""
        return self.company or PRODUCT

    @property
    def logo_url(self) -> str:
        """The path of the logo, which changes with its content, or ""."""
        return self.logo_name and reverse("candidate_portal:logo", args=[self.logo_name])

    @property
    def stylesheet_url(self) -> str:
        """The path of the style sheet with the company's color, or ""."""
        color = self.color.removeprefix("#")
        return color and reverse("candidate_portal:brand-color", args=[color])

    @property
    def accessibility_url(self) -> str:
        """The address of the accessibility statement: a path, unless the company has its own."""
        own: str = settings.ACCESSIBILITY_URL
        return own or reverse("candidate_portal:accessibility")

    @property
    def accessibility_link(self) -> str:
        """The same as an absolute URL, for e-mails."""
        url = self.accessibility_url
        return f"{settings.SITE_URL}{url}" if url.startswith("/") else url

    @property
    def schemes(self) -> tuple[tuple[str, Palette], ...]:
        """The palette of each color scheme, by the scheme's name."""
        return ("light", self.light), ("dark", self.dark)

    @property
    def is_adjusted(self) -> bool:
        """True if a scheme shows another color than was chosen, to stay readable."""
        return bool(self.color) and {self.light.accent, self.dark.accent} != {self.color}

    @property
    def light(self) -> Palette:
        return colors.light_palette(self.color)

    @property
    def dark(self) -> Palette:
        return colors.dark_palette(self.color)


_lock = threading.Lock()
# The brand and the monotonic time, in seconds, until which it holds.
_kept: tuple[Brand, float] | None = None


def current_brand() -> Brand:
    """The brand as it was at most KEPT_SECONDS ago.

    Without an answer of the database it stays as it was, or is that of the settings.
    """
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() < kept[1]:
        return kept[0]
    try:
        brand = load_brand()
    except DatabaseError as error:
        logger.warning("brand_not_read", error=type(error).__name__)
        brand = kept[0] if kept is not None else of_record(None)
    with _lock:
        _kept = (brand, time.monotonic() + KEPT_SECONDS)
    return brand


def forget_brand() -> None:
    """Let this process read the row again."""
    global _kept
    with _lock:
        _kept = None


def load_brand() -> Brand:
    """Read the brand, without the logo's content."""
    rows = BrandRecord.objects.filter(pk=BrandRecord.ONLY_ID)
    return of_record(rows.defer("logo").first())


def of_record(record: BrandRecord | None) -> Brand:
    """The brand of a row; what it leaves open is that of the settings."""
    record = record or BrandRecord()
    return Brand(
        company=record.company_name or settings.COMPANY_NAME,
        contact=record.contact or settings.COMPANY_CONTACT,
        color=record.color,
        logo_name=record.logo_name,
    )


def brand_context(request: HttpRequest) -> dict[str, Any]:
    """The context variable `brand`. It is read only if the template uses it."""
    return {"brand": SimpleLazyObject(current_brand)}
