"""Was the platform asked to stop? By a signal, or by the `make` that it runs under."""

import os
import signal
from pathlib import Path
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked:
    """Listens from its making on; call it to ask."""

    def __init__(self) -> None:
        self._asked = False
        parent = os.getppid()
        self._make = parent if "MAKELEVEL" in os.environ and may_be_make(parent) else 0
        self._caught_by_make = caught_signals(self._make)
        for number in STOP_SIGNALS:
            # `nohup make run` has it ignored, and means it.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._ask)

    def __call__(self) -> bool:
        return self._asked or bool(self._make and self._make_is_ending())

    def is_final(self) -> None:
        """From here on everything is being stopped: more of the same changes nothing."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _make_is_ending(self) -> bool:
        """make hands SIGTERM on, but after SIGINT and SIGHUP it waits for its recipe in silence.

        A terminal's Ctrl-C reaches both; `kill -INT` and a container's stop signal reach make
        alone. On Linux that shows in make no longer catching the signal, and everywhere a make
        that was killed shows in a new parent.
        """
        return os.getppid() != self._make or bool(
            self._caught_by_make & ~caught_signals(self._make)
        )


def may_be_make(pid: int) -> bool:
    """Not a script or a test that make started, and that has the variables of it: what such a one
    does with its signals says nothing. Where it cannot be told, yes."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in {"make", "gmake"}
    except OSError:
        return True


def caught_signals(pid: int) -> int:
    """The stop signals for which the process has a handler, as bits; 0 where it cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    caught = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
    return caught & sum(1 << (number - 1) for number in STOP_SIGNALS)
