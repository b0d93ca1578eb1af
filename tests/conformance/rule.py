"""A rule of the contract: a function of an adapter that fails if the engine breaks the rule."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pytest

from operations.provisioners.base import WorkspaceGoneError
from tests.conformance.adapter import Adapter, CannotCallError

Check = Callable[[Adapter], str | None]


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    NOT_REACHED = "not reached"
    """The engine failed before the rule came to what it is about."""


@dataclass(frozen=True)
class Rule:
    """`check` returns None, or why the rule asks nothing of this engine."""

    name: str
    sentence: str
    check: Check
    of: str
    """The call whose failure breaks the rule; that of another only keeps it from being reached."""

    def outcome(self, adapter: Adapter) -> Outcome:
        try:
            self.check(adapter)
        except CannotCallError as error:
            return Outcome.BROKEN if error.call == self.of else Outcome.NOT_REACHED
        except (AssertionError, pytest.fail.Exception, WorkspaceGoneError, KeyError):
            # No other: a mistake in the rule itself would look like the engine's.
            return Outcome.BROKEN
        return Outcome.KEPT


registered: dict[str, Rule] = {}


def rule(of: str = "") -> Callable[[Check], Check]:
    """Make a function a rule, whose docstring is the sentence in the table."""

    def add(check: Check) -> Check:
        name = check.__name__
        assert name not in registered and check.__doc__
        registered[name] = Rule(name, " ".join(check.__doc__.split()), check, of)
        return check

    return add
