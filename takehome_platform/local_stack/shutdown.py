"""Detect that the platform should stop: by a signal, or because the `make` above it is ending."""

import os
import signal
from pathlib import Path
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ShutdownListener:
    """Installs its signal handlers when it is created."""

    def __init__(self) -> None:
        self._has_signal = False
        parent = os.getppid()
        self._make = parent if "MAKELEVEL" in os.environ and may_be_make(parent) else 0
        self._caught_by_make = caught_signals(self._make)
        for number in STOP_SIGNALS:
            # `nohup make run` ignores SIGHUP, and that has to stay so.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._record)

    def is_requested(self) -> bool:
        return self._has_signal or bool(self._make and self._make_is_ending())

    def ignore_signals(self) -> None:
        """Ignore further stop signals while everything is being stopped."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _record(self, number: int, frame: FrameType | None) -> None:
        self._has_signal = True

    def _make_is_ending(self) -> bool:
        """Whether make got a stop signal itself.

        make passes SIGTERM on to its recipe, but after SIGINT and SIGHUP it only waits for it. A
        terminal's Ctrl-C reaches both processes; `kill -INT` and a container's stop signal reach
        make alone. On Linux make then no longer catches the signal, and on every system a make that
        was killed shows in a new parent process.
        """
        return os.getppid() != self._make or bool(
            self._caught_by_make & ~caught_signals(self._make)
        )


def may_be_make(pid: int) -> bool:
    """Whether the process is make; True where that cannot be told.

    A script or a test that make started has make's variables too, but what it does with its signals
    says nothing about make.
    """
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() in {"make", "gmake"}
    except OSError:
        return True


def caught_signals(pid: int) -> int:
    """A bit mask of the stop signals that the process handles; 0 where that cannot be told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    caught = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
    return caught & sum(1 << (number - 1) for number in STOP_SIGNALS)
