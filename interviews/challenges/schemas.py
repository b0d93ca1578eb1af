"""The schemas of challenges, shared by the form and the API."""

import re
import secrets
import unicodedata
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, Field

from interviews.challenges.models import ChallengeDetails
from interviews.challenges.policy import MAX_NOTE, Policy, Stance
from interviews.challenges.storage import ID_PATTERN
from interviews.schemas.fields import CAMEL, Text, WholeNumber
from interviews.schemas.limits import MAX_DURATION
from interviews.schemas.validators import none_if_blank, required

MAX_TITLE = 120
MAX_DESCRIPTION = 1_000
MAX_LANGUAGE = 60
MIN_CPUS, MAX_CPUS = 0.25, 64
# MiB. The editor does not start with less.
MIN_MEMORY, MAX_MEMORY = 512, 256 * 1024
DEFAULT_MINUTES = 120


def _parse_cpus(value: object) -> object:
    """Parse a number of CPUs, which may be fractional; text may use a decimal point or comma."""
    if value is None:
        return None
    if isinstance(value, str):
        value = value.strip().replace(",", ".")
    try:
        cpus = float("nan") if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(_("Enter a number.")) from None
    if not MIN_CPUS <= cpus <= MAX_CPUS:
        raise ValueError(
            _("Enter a number from %(min)s to %(max)s.") % {"min": MIN_CPUS, "max": MAX_CPUS}
        )
    return round(cpus, 2)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _require_id(text: str | None) -> str | None:
    if text is not None and not ID_PATTERN.fullmatch(text):
        raise ValueError(
            _("Use at most 64 characters of a-z, 0-9 and '-', starting with a letter or digit.")
        )
    return text


Line = Annotated[Text, AfterValidator(_one_line)]


Title = Annotated[
    Line, required(gettext_lazy("Enter a name.")), Field(min_length=1, max_length=MAX_TITLE)
]
Minutes = Annotated[WholeNumber, Field(ge=1, le=MAX_DURATION)]


OptionalStance = Annotated[
    Stance | None,
    BeforeValidator(none_if_blank),
]


class OptionalChallengeFields(Schema):
    """The optional fields; `cpus` is a number of CPUs, `memory_mb` is in MiB."""

    model_config = CAMEL

    description: Annotated[Text, Field(max_length=MAX_DESCRIPTION)] = ""
    language: Annotated[Line, Field(max_length=MAX_LANGUAGE)] = ""
    cpus: Annotated[
        float | None,
        BeforeValidator(_parse_cpus),
        BeforeValidator(none_if_blank),
    ] = None
    memory_mb: Annotated[
        Annotated[WholeNumber, Field(ge=MIN_MEMORY, le=MAX_MEMORY)] | None,
        BeforeValidator(none_if_blank),
    ] = None
    ai_assistants: Annotated[
        OptionalStance, Field(description="Whether candidates may use AI assistants")
    ] = None
    internet: Annotated[
        OptionalStance, Field(description="Whether candidates may use the internet")
    ] = None
    libraries: Annotated[
        OptionalStance, Field(description="Whether candidates may add libraries")
    ] = None
    policy_note: Annotated[
        Line,
        Field(max_length=MAX_NOTE, description="A line on what is allowed, for the candidate"),
    ] = ""

    @property
    def policy(self) -> Policy:
        return Policy(self.ai_assistants, self.internet, self.libraries, self.policy_note)


class ChallengeRules(OptionalChallengeFields):
    """A challenge without its files."""

    name: Title
    duration_minutes: Minutes = DEFAULT_MINUTES

    @property
    def about(self) -> ChallengeDetails:
        return ChallengeDetails(
            self.name,
            self.description,
            self.language,
            self.duration_minutes,
            self.cpus,
            self.memory_mb,
            ai_assistants=self.ai_assistants,
            internet=self.internet,
            libraries=self.libraries,
            policy_note=self.policy_note,
        )


class NewChallengeRules(ChallengeRules):
    """The same with the id, which is never changed; without one it follows from the name."""

    id: Annotated[str | None, AfterValidator(_require_id), BeforeValidator(none_if_blank)] = None


def derive_id(name: str) -> str:
    """Return a readable id of a-z, 0-9 and '-', derived from the name if its script allows it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    letters = sum(char.isalnum() for char in name)
    if 2 * sum(char.isalnum() for char in slug) < max(letters, 2):
        return f"challenge-{secrets.token_hex(3)}"
    return slug[:50].strip("-")
