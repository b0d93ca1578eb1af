"""Replace `{placeholder}`s by values.

No template language: an edited text can name values, and do nothing else. A value is never read
again, so that what looks like a placeholder in a candidate's name stays as it is.
"""

import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

# Anything in braces on one line: what is no placeholder is an error, not text that is sent.
BRACES = re.compile(r"\{([^{}\n]*)\}")

# What is shown as a link (see `urlize`) and has a placeholder in it, or goes on after {link}.
_IN_ADDRESS = re.compile(
    rf"(?:://|\bwww\.|\.(?:com|edu|gov|int|mil|net|org)/)[^\s{{}}]*{BRACES.pattern}"
    rf"|\{{link\}}[/?#&]*(?:\w|{BRACES.pattern})",
    re.IGNORECASE,
)


def names_in(text: str) -> set[str]:
    return set(BRACES.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each placeholder that has a value, in one pass."""
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def problem_of(text: str, allowed: Collection[str], required: Collection[str] = ()) -> str:
    """Say in a sentence which placeholder is unknown or missing, or return ""."""
    used = names_in(text)
    if unknown := sorted(used - set(allowed)):
        return _("There's no placeholder %(unknown)s here. You can use: %(allowed)s.") % {
            "unknown": as_typed(unknown[:1]),
            "allowed": as_typed(allowed),
        }
    if missing := [name for name in required if name not in used]:
        return _("Put in %(missing)s: candidates need it.") % {"missing": as_typed(missing)}
    return ""


def is_in_address(text: str) -> bool:
    """True if a placeholder is part of a web address, of which only a part would be a link."""
    return _IN_ADDRESS.search(text) is not None


def as_typed(names: Collection[str]) -> str:
    """Return for example "{name}, {link}"."""
    return ", ".join(f"{{{name}}}" for name in names)
