"""The emails whose text can be edited, and the placeholders of each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from operations.mail.models import MessageKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Each placeholder, with what stands in its place.
PLACEHOLDERS: dict[str, "_StrPromise"] = {
    "name": _("the candidate's name"),
    "test": _("the name of the test"),
    "link": _("the candidate's own link"),
    "deadline": _("the deadline to start, with its time zone"),
    "time_limit": _("the time limit"),
    "end": _("when the time is up, with its time zone"),
    "start": _("the start of the interview, with its time zone"),
    "day": _("the day of the interview"),
    "length": _("the length of the interview"),
    "change": _("what has changed, as a sentence without a full stop"),
    "submitted_at": _("when the test was submitted"),
    "reference": _("the reference of the test"),
    "inviter": _("who invited the candidate"),
    "company": _("your company's name"),
}
# These stay out of subjects: the link is a secret, and the others are too long.
NOT_IN_SUBJECTS = frozenset({"link", "deadline", "end", "start", "change", "submitted_at"})
ALWAYS = ("name", "inviter", "company")


@dataclass(frozen=True)
class TextKind:
    """One kind of email to candidates. `key` is stored, and part of the page's address."""

    key: str
    title: "_StrPromise"
    is_take_home: bool
    kind: MessageKind
    # That of the standard text.
    template: str
    placeholders: tuple[str, ...]
    # Those that the body must have.
    required: tuple[str, ...] = ()

    @property
    def of_subject(self) -> tuple[str, ...]:
        return tuple(name for name in self.placeholders if name not in NOT_IN_SUBJECTS)


KINDS = (
    TextKind(
        "test-invitation",
        _("Invitation to a test"),
        True,
        MessageKind.INVITATION,
        "take_home",
        (*ALWAYS, "test", "link", "deadline", "time_limit"),
        ("link", "deadline"),
    ),
    TextKind(
        "test-reminder",
        _("Reminder of a test"),
        True,
        MessageKind.REMINDER,
        "take_home",
        (*ALWAYS, "test", "link", "deadline", "time_limit"),
        ("link", "deadline"),
    ),
    TextKind(
        "test-changed",
        _("Change of a test"),
        True,
        MessageKind.CHANGED,
        "take_home",
        (*ALWAYS, "change", "test", "link", "deadline", "time_limit"),
        ("change", "link", "deadline"),
    ),
    TextKind(
        "test-withdrawn",
        _("Withdrawal of a test"),
        True,
        MessageKind.CANCELLED,
        "cancelled",
        (*ALWAYS, "test"),
    ),
    TextKind(
        "test-ready",
        _("Workspace ready after a long wait"),
        True,
        MessageKind.READY,
        "ready",
        (*ALWAYS, "test", "link", "end", "time_limit"),
        ("link", "end"),
    ),
    TextKind(
        "test-submitted",
        _("Confirmation of a submitted test"),
        True,
        MessageKind.SUBMITTED,
        "submitted",
        (*ALWAYS, "test", "submitted_at", "reference", "link"),
    ),
    TextKind(
        "interview-invitation",
        _("Invitation to an interview"),
        False,
        MessageKind.SCHEDULED,
        "live",
        (*ALWAYS, "link", "start", "day", "length"),
        ("link", "start"),
    ),
    TextKind(
        "interview-reminder",
        _("Reminder of an interview"),
        False,
        MessageKind.REMINDER,
        "live",
        (*ALWAYS, "link", "start", "day", "length"),
        ("link", "start"),
    ),
    TextKind(
        "interview-changed",
        _("Change of an interview"),
        False,
        MessageKind.CHANGED,
        "live",
        (*ALWAYS, "change", "link", "start", "day", "length"),
        ("change", "link", "start"),
    ),
    TextKind(
        "interview-cancelled",
        _("Cancellation of an interview"),
        False,
        MessageKind.CANCELLED,
        "cancelled",
        (*ALWAYS, "start", "day"),
    ),
)
BY_KEY = {each.key: each for each in KINDS}
_BY_MESSAGE = {(each.kind, each.is_take_home): each for each in KINDS}


def text_kind(kind: MessageKind, *, is_take_home: bool) -> TextKind | None:
    """The text of this kind of message to a candidate, or None if it cannot be edited."""
    return _BY_MESSAGE.get((kind, is_take_home))
