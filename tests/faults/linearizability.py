"""Is a concurrent history explained by some order of its calls? Wing and Gong's search.

A call takes effect at one moment between its beginning and its end. The search tries the calls that
may come next, one after the other, and goes back where the answer is not the one that was given. It
remembers where it has been (Lowe's improvement), as many orders lead to the same state.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any, Generic, TypeVar

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class Call:
    name: str
    result: Any
    # In nanoseconds of a clock that all callers share.
    began: int
    ended: int


@dataclass
class History:
    """The calls of all threads; `list.append` needs no lock."""

    calls: list[Call] = field(default_factory=list)

    def record(self, name: str, act: Callable[[], Any]) -> None:
        """Call `act`, and record what it returned, or the type of what it raised."""
        began = monotonic_ns()
        try:
            result = act()
        except Exception as error:  # noqa: BLE001 - the search checks it
            result = type(error)
        self.calls.append(Call(name, result, began, monotonic_ns()))


@dataclass(frozen=True)
class Checker(Generic[State]):
    """`apply` returns the state after a call, or None if the call cannot have that result in it."""

    apply: Callable[[State, Call], State | None]

    def final_states(self, first: State, calls: Sequence[Call]) -> Iterator[State]:
        """The states in which the calls can have left the object; none if no order explains them.

        It may yield a state more than once.
        """
        seen: set[tuple[frozenset[int], State]] = set()
        stack: list[tuple[frozenset[int], State]] = [(frozenset(), first)]
        while stack:
            done, state = stack.pop()
            left = [number for number in range(len(calls)) if number not in done]
            if not left:
                yield state
                continue
            # A call that began after another one ended cannot come before that.
            first_end = min(calls[number].ended for number in left)
            for number in left:
                if calls[number].began <= first_end:
                    after = self.apply(state, calls[number])
                    if after is not None and (step := (done | {number}, after)) not in seen:
                        seen.add(step)
                        stack.append(step)
