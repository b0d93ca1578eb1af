"""The time zone data of every process: the pinned package `tzdata`, whatever the system has.

`zoneinfo` prefers the system's data, which may be years older, so that the same local time would be
another instant on another machine. The package `takehome_platform` imports this module first.
"""

import re
import zoneinfo
from datetime import date, timedelta
from importlib import import_module, metadata, resources

from django.utils.translation import gettext as _

MAX_AGE = timedelta(days=365)

zoneinfo.reset_tzpath(to=())
# Zones that were read before, from the system.
zoneinfo.ZoneInfo.clear_cache()

# For example "2026f", and as the package's version "2026.6".
VERSION: str = import_module("tzdata").IANA_VERSION
PACKAGE_VERSION = metadata.version("tzdata")


def describe() -> str:
    return _("Time zone data: %(version)s (tzdata %(package)s).") % {
        "version": VERSION,
        "package": PACKAGE_VERSION,
    }


def not_older_than() -> date:
    """Return a day on or before the release of the data, at most about half a year before it.

    The package does not say when it was released. Its list of leap seconds says when that was
    updated, which is every January and July.
    """
    first = date(int(VERSION[:4]), 1, 1)
    leap_seconds = resources.files("tzdata.zoneinfo").joinpath("leapseconds")
    try:
        found = re.search(
            r"^#updated .*\((\d{4}-\d\d-\d\d)", leap_seconds.read_text(), re.MULTILINE
        )
    except OSError:
        found = None
    return max(first, date.fromisoformat(found[1])) if found else first
