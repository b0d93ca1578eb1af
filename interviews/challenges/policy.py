"""What candidates may use in a test: a part of a challenge's version, which they confirm."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_NOTE = 300


class Stance(StrEnum):
    """What a challenge says about one means. The values are stored; None is for nothing."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not_allowed"


STANCES = {
    Stance.ALLOWED: gettext_lazy("Allowed"),
    Stance.NOT_ALLOWED: gettext_lazy("Not allowed"),
}
# What a policy is about, by attribute, in the order of the pages.
MEANS = {
    "ai_assistants": gettext_lazy("AI assistants"),
    "internet": gettext_lazy("Internet"),
    "libraries": gettext_lazy("Libraries"),
}


@dataclass(frozen=True)
class PolicyLine:
    """One means, and whether it may be used."""

    attribute: str
    name: str
    stance: Stance

    @property
    def is_allowed(self) -> bool:
        return self.stance is Stance.ALLOWED

    @property
    def verdict(self) -> str:
        return str(STANCES[self.stance])

    @property
    def words(self) -> str:
        """All of it, such as "AI assistants: not allowed"."""
        if self.is_allowed:
            return _("%(means)s: allowed") % {"means": self.name}
        return _("%(means)s: not allowed") % {"means": self.name}


@dataclass(frozen=True)
class Policy:
    """What is allowed; None for what the challenge says nothing about. `note` is one line."""

    ai_assistants: Stance | None = None
    internet: Stance | None = None
    libraries: Stance | None = None
    note: str = ""

    @classmethod
    def from_stored(cls, stored: dict[str, Any] | None) -> Self:
        """What `stored` gave; a value of another version of the platform counts as None."""
        stored = stored or {}
        stances = {name: stance_of(stored.get(name)) for name in MEANS}
        return cls(**stances, note=str(stored.get("note") or ""))

    def stored(self) -> dict[str, Any]:
        """A value for JSON."""
        return asdict(self)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, so that there is nothing to confirm."""
        return self == Policy()

    @property
    def lines(self) -> list[PolicyLine]:
        stances = {name: getattr(self, name) for name in MEANS}
        return [
            PolicyLine(name, str(MEANS[name]), stance) for name, stance in stances.items() if stance
        ]

    @property
    def id(self) -> str:
        """What names this content: whoever confirms it says with it what they have read."""
        content = json.dumps(self.stored(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def forbids(self, means: str) -> bool:
        return getattr(self, means) is Stance.NOT_ALLOWED


def stance_of(value: object) -> Stance | None:
    """The stored value as a stance; None for none, or for one of another version."""
    return Stance(value) if isinstance(value, str) and value in set(Stance) else None
