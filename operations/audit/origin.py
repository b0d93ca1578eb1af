"""Who is acting now, through which channel and from which address."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How somebody reached the platform. The values are stored in the audit trail."""

    PAGE = "page"
    API = "api"
    ADMIN = "admin"
    COMMAND = "command"


@dataclass(frozen=True)
class Origin:
    """The actor's name, as the timeline shows it, with the channel and the network address."""

    actor: str
    channel: Channel
    address: str = ""


# A context variable, not a thread's: Django moves a request between threads and takes its context
# along.
_current: ContextVar[Origin | None] = ContextVar("audit_origin", default=None)


@contextmanager
def acting_as(origin: Origin | None) -> Iterator[None]:
    """Attribute what is done in this block to `origin`; None writes nothing to the audit trail."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def current_origin() -> Origin | None:
    """The origin of the enclosing `acting_as`.

    It is None for candidates, the schedule and the workers: the interview's timeline says what
    they did, not the audit trail. So it is for a HEAD, which shows nobody anything.
    """
    return _current.get()
